"""One relayed connection: an end towards the client, an end towards the server, and what passes between them.

::

    client ──► End "up" ──► on_data ──► End "down" ──► server
           ◄──          ◄── on_data ◄──            ◄──

An end reads what its peer sends and writes what the other end has read. Everything that can happen to one end
happens to the other: the end of the sending, a reset, and a reader that takes its time.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from rtlab.records import Direction

CONNECT_TIMEOUT_S = 10.0
WRITE_HIGH_BYTES = 65_536
"""With more than this unwritten to a slow reader, its sender is no longer read from."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # Windows reads the first half alone, as two shorts of the same values


class Line:
    """A connection that was accepted, and the one that continues it.

    Args:
        on_open: Called when the client's end is there.
        on_data: Called with each piece before it is passed on.

    Attributes:
        client: The end towards the client.
        server: The end towards the server.
        broken: Who broke it off and why; empty for an orderly end.
    """

    def __init__(self, on_open: Callable[[], None], on_data: Callable[[Direction, bytes], None]) -> None:
        self.client = End("up", on_data, on_open, self._broke)
        self.server = End("down", on_data, self.client.resume, self._broke)
        self.client.other, self.server.other = self.server, self.client
        self.broken = ""

    async def carry(self, host: str, port: int) -> None:
        """Connect to the server, and stay until both ends are gone.

        Args:
            host: The server's name or address.
            port: Its port.
        """
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await asyncio.get_running_loop().create_connection(lambda: self.server, host, port)
        except (OSError, ValueError) as error:  # ValueError: no such name can be
            self.broken = f"no connection to {host}:{port} ({str(error) or 'no answer'})"
            self.client.reset()
        await self.until_gone()

    async def until_gone(self) -> None:
        """Wait until no end has a connection."""
        await self.client.gone.wait()
        await self.server.gone.wait()

    def cut(self) -> None:
        """Reset both ends."""
        self.client.reset()
        self.server.reset()

    def _broke(self, direction: Direction, error: Exception) -> None:
        who = "client" if direction == "up" else "server"
        self.broken = self.broken or f"broken off by the {who} ({error})"


class End(asyncio.Protocol):
    """One end of a line.

    Args:
        direction: Which way goes what it reads.
        on_data: Called with each piece that it has read, before that is passed on.
        on_open: Called when it is connected.
        on_broken: Called when its peer broke the connection.

    Attributes:
        other: The other end.
        gone: Set while it is not connected.
    """

    other: End

    def __init__(
        self,
        direction: Direction,
        on_data: Callable[[Direction, bytes], None],
        on_open: Callable[[], None],
        on_broken: Callable[[Direction, Exception], None],
    ) -> None:
        self._direction = direction
        self._on_data = on_data
        self._on_open = on_open
        self._on_broken = on_broken
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        """What the other end read before this one was connected."""
        self._has_heard_all = False
        self.gone = asyncio.Event()
        self.gone.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.gone.clear()
        transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)
        self._on_open()
        early, self._early = self._early, []
        for data in early:
            self.send(data)
        if self.other._has_heard_all:
            self.end_output()
        if self.other.is_closing:
            self.reset()

    def data_received(self, data: bytes) -> None:
        """Pass on what the peer sent (called by asyncio)."""
        self._on_data(self._direction, data)
        self.other.send(data)

    def eof_received(self) -> bool:
        """Pass on that the peer will send no more (called by asyncio); when both have said so, close."""
        self._has_heard_all = True
        self.other.end_output()
        if self.other._has_heard_all:
            self.other.close()
        return not self.other._has_heard_all

    def pause_writing(self) -> None:
        """Stop reading what the peer does not take (called by asyncio)."""
        self.other.pause()

    def resume_writing(self) -> None:
        """Read on: the peer has caught up (called by asyncio)."""
        self.other.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass a break on (called by asyncio)."""
        self.gone.set()
        if exc:
            self._on_broken(self._direction, exc)
            self.other.reset()

    @property
    def is_closing(self) -> bool:
        """True once the connection is over, or about to be."""
        return self._transport is not None and self._transport.is_closing()

    def send(self, data: bytes) -> None:
        """Write to the peer, or keep it until there is one."""
        if self._transport is None:
            self._early.append(data)
            self.other.pause()
        elif not self._transport.is_closing():
            self._transport.write(data)

    def end_output(self) -> None:
        """Tell the peer that nothing follows, once all has been written."""
        if self._transport:
            with suppress(OSError):  # the peer has reset the line, and asyncio has not seen it yet
                self._transport.write_eof()

    def pause(self) -> None:
        """Stop reading."""
        if self._transport:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport:
            self._transport.resume_reading()

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
