r"""A server of HTTP/2 on loopback that hands out both ends of each connection, and steps for an experiment.

::

    async with Http2Server() as listening:
        client, server = await listening.connect()              one TCP connection, and its two ends
        news = await open_event_stream(client, server)          one stream on it
        echo = await open_websocket(client, server)             another one beside it
        await deliver(server, client, news, b"data: Hello\n\n")
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from rtlab.clients.http2 import HOST, Http2End

MAX_STREAMS = 100
"""What a server should allow at least (RFC 9113 6.5.2), and what many allow."""


class Http2Server:
    """Listens on loopback and gives both ends of each connection; used on the event loop, with ``async with``.

    Args:
        max_streams: How many streams it allows at a time on each connection.

    Attributes:
        accepted: Its ends of the TCP connections that came.
    """

    def __init__(self, max_streams: int = MAX_STREAMS) -> None:
        self._max_streams = max_streams
        self._listener: asyncio.Server | None = None
        self._clients: list[Http2End] = []
        self.accepted: list[Http2End] = []

    async def connect(self) -> tuple[Http2End, Http2End]:
        """Open one TCP connection, and wait until each end knows the settings of the other.

        Returns:
            The client's end and the server's.
        """
        assert self._listener
        port = self._listener.sockets[0].getsockname()[1]
        _, client = await asyncio.get_running_loop().create_connection(Http2End, HOST, port)
        self._clients.append(client)
        await client.ready()
        server = self.accepted[-1]
        await server.ready()
        return client, server

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, HOST, 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener:
            self._listener.close()
        ends = (*self._clients, *self.accepted)
        for each in ends:
            each.abort()
        for each in ends:
            await each.closed()

    def _accept(self) -> Http2End:
        self.accepted.append(Http2End(self._max_streams))
        return self.accepted[-1]


async def open_event_stream(client: Http2End, server: Http2End) -> int:
    """Ask for an event stream and answer; give the stream's number when the answer is there."""
    stream = await client.ask("/news")
    await server.until(lambda: stream in server.heads)
    server.answer(stream, ("content-type", "text/event-stream"))
    await client.until(lambda: stream in client.heads)
    return stream


async def open_websocket(client: Http2End, server: Http2End) -> int:
    """Ask for a WebSocket and answer; give the stream's number when the answer is there (RFC 8441 5)."""
    stream = await client.open_websocket("/echo")
    await server.until(lambda: stream in server.heads)
    server.answer(stream)
    await client.until(lambda: stream in client.heads)
    return stream


async def deliver(sender: Http2End, receiver: Http2End, stream_id: int, data: bytes) -> None:
    """Send, and wait until it is there: so each message has frames of its own."""
    there = len(receiver.data[stream_id])
    sender.send(stream_id, data)
    await receiver.until(lambda: len(receiver.data[stream_id]) >= there + len(data))
