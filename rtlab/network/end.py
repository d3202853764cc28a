"""One end of a relayed connection: reads what its peer sends, and writes what it is given."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from rtlab.network.faults.fault import Sign
from rtlab.records import Direction

READ_BYTES = 65_536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # Windows reads the first half alone, as two shorts of the same values


class End(asyncio.BufferedProtocol):
    """One end of a line.

    Args:
        direction: Which way goes what it reads.
        on_read: Called with what the peer sent: bytes, the end of its sending, or a reset.
        on_open: Called when it is connected.
        on_ready: Called when it can write again.
        on_broken: Called when its peer broke the connection, before ``on_read``.

    Attributes:
        gone: Set while it is not connected.
        takes: True while a write goes to the system at once.
    """

    # All ends receive into one buffer, for it is emptied before the next one is read. A fresh one for each read
    # costs more than the reading.
    _shared = memoryview(bytearray(READ_BYTES))

    def __init__(
        self,
        direction: Direction,
        on_read: Callable[[Direction, bytes | Sign], None],
        on_open: Callable[[], None],
        on_ready: Callable[[], None],
        on_broken: Callable[[Direction, Exception], None],
    ) -> None:
        self._direction = direction
        self._on_read = on_read
        self._on_open = on_open
        self._on_ready = on_ready
        self._on_broken = on_broken
        self._transport: asyncio.Transport | None = None
        self.takes = False
        self._has_heard_all = False
        self.gone = asyncio.Event()
        self.gone.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.gone.clear()
        transport.set_write_buffer_limits(high=0)
        self.takes = True
        self._on_open()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Offer the shared buffer (called by asyncio)."""
        return self._shared

    def buffer_updated(self, nbytes: int) -> None:
        """Pass on what the peer sent (called by asyncio)."""
        self._on_read(self._direction, bytes(self._shared[:nbytes]))

    def eof_received(self) -> bool:
        """Pass on that the peer will send no more (called by asyncio); the line says when to close."""
        self._has_heard_all = True
        self._on_read(self._direction, Sign.END)
        return True

    def pause_writing(self) -> None:
        """Note that the system has not taken all (called by asyncio)."""
        self.takes = False

    def resume_writing(self) -> None:
        """Go on writing (called by asyncio)."""
        self.takes = True
        self._on_ready()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass a break on (called by asyncio)."""
        self.takes = False
        self.gone.set()
        if exc:
            self._on_broken(self._direction, exc)
            self._on_read(self._direction, Sign.RESET)

    @property
    def is_connected(self) -> bool:
        """True from the connection's beginning until it is over, or about to be."""
        return self._transport is not None and not self._transport.is_closing()

    def read(self, wanted: bool) -> None:
        """Read on, or stop reading; after the peer's end there is nothing to read."""
        if self._transport and not self._has_heard_all and wanted != self._transport.is_reading():
            if wanted:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def write(self, data: bytes) -> None:
        """Send bytes to the peer."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def end_output(self) -> None:
        """Tell the peer that nothing follows, once all has been written."""
        if self._transport and not self._transport.is_closing():
            with suppress(OSError):  # the peer has reset the line, and asyncio has not seen it yet
                self._transport.write_eof()

    def close(self) -> None:
        """Close the connection once all has been written."""
        if self._transport:
            self._transport.close()

    def reset(self) -> None:
        """Break the connection, and let the peer know."""
        if self._transport:
            with suppress(OSError):
                sock = self._transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()
