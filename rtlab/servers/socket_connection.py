"""A plain TCP connection: the socket leaves tornado's stream for an ``asyncio.BufferedProtocol``.

All connections receive into one buffer, for it is emptied before the next one is read. An idle connection costs a
third of the memory, and an echo a seventh of the time.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from rtlab.servers.connection import Connection

READ_BYTES = 65_536


class SocketConnection(Connection, asyncio.BufferedProtocol):
    """A plain TCP connection on an asyncio transport.

    The transport holds the rest of one write; what follows waits here, joined. From Python 3.12 on, asyncio adds
    up all the pieces that a transport holds at each write, and many small ones would stop the loop for seconds.

    Args:
        early: Bytes that were received before the socket changed hands.
        sock: The socket, if bytes may be given to the system past the transport: that is sound while the
            transport buffers nothing, on event loops that do not write in the background.
    """

    __slots__ = ("_paused", "_sock", "_transport", "_waiting")

    _shared = memoryview(bytearray(READ_BYTES))

    def __init__(self, early: bytes = b"", sock: socket.socket | None = None) -> None:
        super().__init__()
        self._received(early)
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._waiting: bytearray | None = None
        self._sock = sock

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=0)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Offer the shared buffer (called by asyncio)."""
        return self._shared

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what came in (called by asyncio)."""
        self._received(bytes(self._shared[:nbytes]))

    def pause_writing(self) -> None:
        """Note that the system has not taken all (called by asyncio)."""
        self._paused = True
        if self.watcher:
            self.watcher.fell_behind()

    def resume_writing(self) -> None:
        """Write what waits, now that the system has taken the rest (called by asyncio)."""
        self._paused = False
        if self._waiting and self._transport:
            waiting, self._waiting = self._waiting, None
            self._transport.write(waiting)
        self._shrank()
        if self._closing:
            self._end_output()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the line is down (called by asyncio)."""
        self._ended()

    def send(self, data: bytes) -> None:
        """Write bytes; see :meth:`Connection.send`."""
        if self._transport and not self._transport.is_closing() and not self._closing:
            self._bytes_sent += len(data)
            if not self._paused:
                self._transport.write(data)
            elif self._waiting is None:
                self._waiting = bytearray(data)
            else:
                self._waiting += data

    def taker(self) -> Callable[[bytes], int]:
        """See :meth:`Connection.taker`."""
        return self._sock.send if self._sock else self._take

    @property
    def buffered_bytes(self) -> int:
        """See :attr:`Connection.buffered_bytes`."""
        if not self._paused or self._transport is None or self.closed:
            return 0
        return len(self._waiting or b"") + self._transport.get_write_buffer_size()

    def pause_reading(self) -> None:
        """See :meth:`Connection.pause_reading`."""
        if self._transport:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """See :meth:`Connection.resume_reading`."""
        if self._transport:
            self._transport.resume_reading()

    def abort(self) -> None:
        """See :meth:`Connection.abort`."""
        if self._transport:
            self._transport.abort()

    def _end_output(self) -> None:
        try:
            if self._transport and not self._paused:
                self._transport.write_eof()
        except OSError:  # the peer has reset the line, and asyncio has not seen it yet
            self.abort()
