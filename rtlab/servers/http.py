"""tornado's HTTP server, with an end that leaves no socket open, however it comes, and a door to HTTP/2."""

from __future__ import annotations

import asyncio
import functools
import ssl
import weakref
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, SSLIOStream, StreamClosedError

from rtlab import clock
from rtlab.servers.door import Door


class HttpServer(HTTPServer):
    """An HTTP server that remembers the streams of its connections.

    tornado closes a connection by way of the task that serves it. When the event loop ends, such a task is
    cancelled and leaves its socket open.
    """

    def initialize(  # type: ignore[override]  # tornado's takes whatever comes
        self, *arguments: Any, door: Door, take_http2: Callable[[SSLIOStream], None] | None = None, **settings: Any
    ) -> None:
        """Take the settings (called by tornado).

        Args:
            arguments: For tornado.
            door: Who may come in.
            take_http2: Called with a stream whose client has chosen HTTP/2 in the TLS handshake.
            settings: For tornado.
        """
        super().initialize(*arguments, **settings)
        self._streams: weakref.WeakSet[IOStream] = weakref.WeakSet()
        self._door = door
        self._take_http2 = take_http2

    # TCPServer, from which tornado's server comes, waits for what is given back.
    def handle_stream(  # type: ignore[override]
        self, stream: IOStream, address: tuple[Any, ...]
    ) -> Awaitable[None] | None:
        """Remember a new connection's stream and serve it, if the door lets it in (called by tornado)."""
        if not self._door.admit(stream, str(address[0]) if address else ""):
            return None
        self._streams.add(stream)
        if self._take_http2 and isinstance(stream, SSLIOStream):
            return self._ask_version(stream, address, self._take_http2)
        super().handle_stream(stream, address)
        return None

    async def _ask_version(
        self, stream: SSLIOStream, address: tuple[Any, ...], take_http2: Callable[[SSLIOStream], None]
    ) -> None:
        """Wait for the TLS handshake, which tells the version of HTTP (RFC 7301; RFC 9113 3.2)."""
        try:
            async with asyncio.timeout(self.conn_params.header_timeout):
                await stream.wait_for_handshake()
        except (StreamClosedError, ssl.SSLError, TimeoutError):
            self._door.leave(stream)
            stream.close()
            return
        if stream.socket.selected_alpn_protocol() == "h2":
            take_http2(stream)
        else:
            super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        """Take note that a connection has left tornado's hands (called by tornado)."""
        assert isinstance(server_conn, HTTP1ServerConnection)
        self._door.leave(server_conn.stream)
        super().on_close(server_conn)

    def close_streams(self) -> None:
        """Close the socket of every connection at once."""
        for stream in tuple(self._streams):
            stream.close()


def http_date() -> str:
    """Give the time as the field ``Date`` has it, at most a second old.

    Spec: RFC 9110 6.6.1.
    """
    return _date_of(clock.now_ns() // 1_000_000_000)


@functools.lru_cache(maxsize=1)
def _date_of(second: int) -> str:
    return formatdate(usegmt=True)
