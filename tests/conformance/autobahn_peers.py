"""Two small programs with other WebSocket libraries: a server that echoes, and a client that echoes until the end.

``autobahn_peers.py NAME PORT`` runs a server on 127.0.0.1 until its standard input closes.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable

MAX_MESSAGE_BYTES = 1 << 25


async def tornado_server(port: int) -> None:
    from tornado.web import Application
    from tornado.websocket import WebSocketHandler

    class Echo(WebSocketHandler):
        def get_compression_options(self) -> dict[str, int]:
            return {}

        def on_message(self, message: str | bytes) -> None:
            self.write_message(message, binary=isinstance(message, bytes))

    Application([("/", Echo)], websocket_max_message_size=MAX_MESSAGE_BYTES).listen(port, "127.0.0.1")


async def websockets_server(port: int) -> None:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    async def echo(connection: ServerConnection) -> None:
        try:
            async for message in connection:
                await connection.send(message)
        except ConnectionClosed:
            pass

    await serve(echo, "127.0.0.1", port, max_size=MAX_MESSAGE_BYTES)


async def aiohttp_server(port: int) -> None:
    from aiohttp import WSMsgType, web

    async def echo(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_BYTES, compress=True)
        await response.prepare(request)
        async for message in response:
            if message.type is WSMsgType.TEXT:
                await response.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await response.send_bytes(message.data)
        return response

    application = web.Application()
    application.router.add_get("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()


def websocket_client_client(url: str) -> None:
    import websocket

    connection = websocket.create_connection(url, timeout=30)
    try:
        while True:
            opcode, data = connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return
            connection.send(data, opcode)
    except (websocket.WebSocketException, UnicodeDecodeError, OSError):
        pass
    finally:
        connection.shutdown()


def websockets_client(url: str) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    with connect(url, max_size=MAX_MESSAGE_BYTES) as connection:
        try:
            for message in connection:
                connection.send(message)
        except ConnectionClosed:
            pass


def tornado_client(url: str) -> None:
    from tornado.websocket import WebSocketClosedError, websocket_connect

    async def echo() -> None:
        connection = await websocket_connect(url, compression_options={}, max_message_size=MAX_MESSAGE_BYTES)
        while (message := await connection.read_message()) is not None:
            try:
                await connection.write_message(message, binary=isinstance(message, bytes))
            except WebSocketClosedError:
                break
        connection.close()

    asyncio.Runner().run(echo())


SERVERS: dict[str, Callable[[int], Awaitable[None]]] = {
    "tornado": tornado_server,
    "websockets": websockets_server,
    "aiohttp": aiohttp_server,
}
CLIENTS: dict[str, Callable[[str], None]] = {
    "tornado": tornado_client,
    "websockets": websockets_client,
    "websocket-client": websocket_client_client,
}
NAMES = sorted({*SERVERS, *CLIENTS})


async def serve_until_stdin_closes(name: str, port: int) -> None:
    await SERVERS[name](port)
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=watch, daemon=True).start()
    await over.wait()


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        runner.run(serve_until_stdin_closes(sys.argv[1], int(sys.argv[2])))
