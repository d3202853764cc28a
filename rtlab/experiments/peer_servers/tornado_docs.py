"""tornado as its documentation and its chat demo have it: ``write_message()``, and ``write()`` with ``flush()``.

Both give a future "for flow control": the next message goes out when each subscriber's socket has taken this one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from rtlab.experiments.peer_servers.pouring import HOST, STREAM, PeerServer, main

_LOOK_S = 0.001


class TornadoServer(PeerServer):
    """An application with the handlers below."""

    def __init__(self) -> None:
        self.streams: defaultdict[str, set[Stream]] = defaultdict(set)
        self.sockets: defaultdict[str, set[Socket]] = defaultdict(set)
        self.compress = False
        given = {"server": self}
        application = Application(
            [
                (r"/sse/([\w.]+)", Stream, given),
                (r"/ws/([\w.]+)", Socket, given),
                (r"/echo", Echo, given),
                (r"/publish/([\w.]+)", Publish, given),
            ]
        )
        self._http = HTTPServer(application)

    async def start(self, port: int, *, compress: bool) -> int:
        """Listen; see :meth:`PeerServer.start`."""
        self.compress = compress
        sockets = bind_sockets(port, HOST)
        self._http.add_sockets(sockets)
        return int(sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop; see :meth:`PeerServer.stop`."""
        self._http.stop()
        await self._http.close_all_connections()

    def count(self) -> int:
        """Count; see :meth:`PeerServer.count`."""
        return len(self.streams[STREAM]) + len(self.sockets[STREAM])

    async def send(self, channel: str, text: str) -> None:
        """Send; see :meth:`PeerServer.send`."""
        written: list[tuple[Stream | Socket, asyncio.Future[None]]] = []
        for stream in tuple(self.streams[channel]):
            stream.write(f"data: {text}\n\n")
            written.append((stream, stream.flush()))
        for socket in tuple(self.sockets[channel]):
            with suppress(WebSocketClosedError):
                written.append((socket, socket.write_message(text)))
        await asyncio.sleep(0)  # what the socket took at once is known now
        for handler, future in written:
            while not future.done() and not handler.gone.is_set():
                await asyncio.sleep(_LOOK_S)  # tornado forgets the future of a client that goes
            if future.done():
                future.exception()  # that of a client that has gone


class Stream(RequestHandler):
    """An event stream: the head, and then the handler stays until the client goes."""

    def initialize(self, server: TornadoServer) -> None:
        """Take what all handlers share."""
        self.server = server
        self.gone = asyncio.Event()

    async def get(self, channel: str) -> None:
        """Answer with the head, and stay."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        await self.flush()
        self.server.streams[channel].add(self)
        try:
            await self.gone.wait()
        finally:
            self.server.streams[channel].discard(self)

    def on_connection_close(self) -> None:
        """Let go when the client has."""
        self.gone.set()


class Socket(WebSocketHandler):
    """A WebSocket that only listens."""

    def initialize(self, server: TornadoServer) -> None:
        """Take what all handlers share."""
        self.server = server
        self.gone = asyncio.Event()

    def get_compression_options(self) -> dict[str, Any] | None:
        """Agree to permessage-deflate, if the command line says so."""
        return {} if self.server.compress else None

    def open(self, channel: str = "") -> None:
        """Subscribe."""
        self.server.sockets[channel].add(self)
        self.channel = channel

    def on_message(self, message: str | bytes) -> None:
        """Ignore what clients say."""

    def on_close(self) -> None:
        """Unsubscribe."""
        self.gone.set()
        self.server.sockets[self.channel].discard(self)


class Echo(Socket):
    """Sends each message back; the chapter on WebSockets begins with this class."""

    def on_message(self, message: str | bytes) -> None:
        """Send it back."""
        self.write_message(message, binary=isinstance(message, bytes))


class Publish(RequestHandler):
    """Takes a message for a channel."""

    def initialize(self, server: TornadoServer) -> None:
        """Take what all handlers share."""
        self.server = server

    async def post(self, channel: str) -> None:
        """Send the body to the subscribers."""
        await self.server.send(channel, self.request.body.decode())
        self.write({"id": ""})


if __name__ == "__main__":
    main(TornadoServer())
