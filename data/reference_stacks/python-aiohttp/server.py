"""An event stream with aiohttp-sse and an echo with aiohttp."""

import asyncio
import os

from aiohttp import WSMsgType, web
from aiohttp_sse import sse_response


async def events(request):
    count = min(int(request.query.get("count", 100)), 1_000_000)
    rate = int(request.query.get("rate_per_s", 10))
    first = 1
    # resume begins
    last = request.headers.get("Last-Event-ID", "")
    first = int(last) + 1 if last.isdecimal() and len(last) < 10 else 1
    if first > count:
        return web.Response(status=204)
    # resume ends
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async with sse_response(request, sep="\n") as stream:
        await stream.write(b"retry: 300\n\n")
        for n in range(first, count + 1):
            if rate:
                await asyncio.sleep(begin + (n - first) / rate - loop.time())
            await stream.send(f'{{"n":{n}}}', id=str(n))
    return stream


async def echo(request):
    socket = web.WebSocketResponse(max_msg_size=2_097_152)
    await socket.prepare(request)
    async for message in socket:
        if message.type == WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


app = web.Application()
app.add_routes([web.get("/events", events), web.get("/echo", echo)])
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=None, print=None)
