"""A TLS connection: tornado's stream stays, because the keys live in it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from tornado.iostream import SSLIOStream, StreamClosedError

from rtlab.servers.connection import Connection

READ_BYTES = 65_536


class StreamConnection(Connection):
    """A TLS connection that stays on tornado's stream.

    Args:
        stream: The stream, detached from its handler.
    """

    __slots__ = ("_buffered", "_may_read", "_reader", "_stream")

    def __init__(self, stream: SSLIOStream) -> None:
        super().__init__()
        self._stream = stream
        self._buffered = 0
        self._may_read = asyncio.Event()
        self._may_read.set()
        stream.set_close_callback(self._ended)
        stream.set_nodelay(True)
        self._reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        try:
            while not self.closed:
                self._received(await self._stream.read_bytes(READ_BYTES, partial=True))
                await self._may_read.wait()
        except StreamClosedError:
            self._ended()

    def send(self, data: bytes) -> None:
        """Write bytes; see :meth:`Connection.send`."""
        if self.closed or self._closing or not data:
            return
        self._bytes_sent += len(data)
        try:
            written = self._stream.write(data)
        except StreamClosedError:
            # In the next turn: whoever writes to many does not expect to be called back in the middle.
            asyncio.get_running_loop().call_soon(self._ended)
            return
        if written.done():
            written.exception()
            return
        if not self._buffered and self.watcher:
            self.watcher.fell_behind()
        self._buffered += len(data)
        written.add_done_callback(lambda future: self._wrote(future, len(data)))

    def _wrote(self, future: asyncio.Future[None], length: int) -> None:
        if not future.cancelled():
            future.exception()  # the end of the line is told by on_closed, not here
        self._buffered -= length
        self._shrank()
        if self._closing and self._buffered <= 0:
            self._end_output()

    @property
    def buffered_bytes(self) -> int:
        """See :attr:`Connection.buffered_bytes`."""
        return 0 if self.closed else self._buffered

    def pause_reading(self) -> None:
        """See :meth:`Connection.pause_reading`."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """See :meth:`Connection.resume_reading`."""
        self._may_read.set()

    def abort(self) -> None:
        """See :meth:`Connection.abort`."""
        self._may_read.set()
        self._stream.close()

    def _end_output(self) -> None:
        if self._buffered > 0 or self._stream.closed():
            return
        with suppress(OSError):
            self._stream.socket.unwrap()  # says close_notify, and does not wait for the peer's
        try:
            self._stream.socket.shutdown(socket.SHUT_WR)  # what comes now is not even decrypted
        except OSError:
            self.abort()
