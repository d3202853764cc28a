"""An echo with websockets. It answers plain requests with whole bodies only, so it has no event stream."""

import asyncio
import os

from websockets.asyncio.server import serve


async def echo(socket):
    async for message in socket:
        await socket.send(message)


def only_echo(socket, request):
    if request.path != "/echo":
        return socket.respond(404, "Only /echo is here.\n")


async def main():
    port = int(os.environ["PORT"])
    async with serve(echo, "127.0.0.1", port, process_request=only_echo, max_size=1_048_576) as server:
        await server.serve_forever()


asyncio.run(main())
