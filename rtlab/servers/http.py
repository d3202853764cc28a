"""tornado's HTTP server, with an end that leaves no socket open, however it comes."""

from __future__ import annotations

import functools
import weakref
from email.utils import formatdate
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from rtlab import clock


class HttpServer(HTTPServer):
    """An HTTP server that remembers the streams of its connections.

    tornado closes a connection by way of the task that serves it. When the event loop ends, such a task is
    cancelled and leaves its socket open.
    """

    def initialize(self, *arguments: Any, **settings: Any) -> None:
        """Take tornado's settings (called by tornado)."""
        super().initialize(*arguments, **settings)
        self._streams: weakref.WeakSet[IOStream] = weakref.WeakSet()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Remember a new connection's stream and serve it (called by tornado)."""
        self._streams.add(stream)
        super().handle_stream(stream, address)

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
