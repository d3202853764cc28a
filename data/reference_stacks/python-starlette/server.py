"""An event stream with sse-starlette and an echo with starlette, served by uvicorn."""

import asyncio
import os

import uvicorn
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute


async def numbered(first, count, rate):
    yield {"retry": 300}
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for n in range(first, count + 1):
        if rate:
            await asyncio.sleep(begin + (n - first) / rate - loop.time())
        yield {"id": str(n), "data": f'{{"n":{n}}}'}


async def events(request):
    count = min(int(request.query_params.get("count", 100)), 1_000_000)
    rate = int(request.query_params.get("rate_per_s", 10))
    first = 1
    # resume begins
    last = request.headers.get("Last-Event-ID", "")
    first = int(last) + 1 if last.isdecimal() and len(last) < 10 else 1
    if first > count:
        return Response(status_code=204)
    # resume ends
    return EventSourceResponse(numbered(first, count, rate), headers={"Cache-Control": "no-cache"}, sep="\n")


async def echo(socket):
    await socket.accept()
    while (message := await socket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await socket.send_text(message["text"])
        else:
            await socket.send_bytes(message["bytes"])


app = Starlette(routes=[Route("/events", events), WebSocketRoute("/echo", echo)])
uvicorn.run(
    app,
    host="127.0.0.1",
    port=int(os.environ["PORT"]),
    log_level="warning",
    ws_max_size=1_048_576,
    timeout_graceful_shutdown=1,
)
