"""One long-lived connection after its head: an event stream or an upgraded WebSocket.

tornado has read the request and checked it. From here on the connection only carries bytes, and it has one small
interface with two carriers:

* :class:`SocketConnection`: the socket leaves tornado's stream for an ``asyncio.BufferedProtocol``. All
  connections receive into one buffer, for it is emptied before the next one is read. An idle connection costs
  2.7 KiB instead of 14, and an echo a seventh of the time.
* :class:`StreamConnection`: with TLS the stream stays, because the keys live in it.
"""

from __future__ import annotations

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress

from tornado.iostream import SSLIOStream, StreamClosedError
from tornado.web import RequestHandler

from rtlab.errors import WaitTimeout

READ_BYTES = 65_536
WRITE_HIGH_BYTES = 65_536
"""A connection with more than this unwritten is not drained; a lossless sender waits for it."""
LINGER_S = 2.0
"""How long a closing line waits for the peer to close, too."""


class Connection(ABC):
    """A connection that sends bytes and tells what came in and when it ended.

    Attributes:
        bytes_up: Bytes received after the head.
        bytes_down: Bytes given to ``send``.
        closed: True once the line is down.
    """

    def __init__(self) -> None:
        self.bytes_up = 0
        self.bytes_down = 0
        self.closed = False
        self._closing = False
        self._on_data: Callable[[bytes], None] | None = None
        self._on_closed: Callable[[], None] | None = None
        self._early = bytearray()
        self._drained = asyncio.Event()
        self._drained.set()

    def start(self, on_data: Callable[[bytes], None], on_closed: Callable[[], None]) -> None:
        """Hand over what came in so far, and from now on each piece as it comes.

        Args:
            on_data: Called with each piece received.
            on_closed: Called once, when the line is down for whatever reason; at once if it is already.
        """
        self._on_data = on_data
        if self._early:
            early, self._early = bytes(self._early), bytearray()
            on_data(early)
        self._on_closed = on_closed
        if self.closed:
            on_closed()

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Write bytes, or keep what the system does not take yet; a closed line ignores them."""

    @property
    @abstractmethod
    def buffered_bytes(self) -> int:
        """What was given to ``send`` and the system has not taken yet, in bytes."""

    @abstractmethod
    def abort(self) -> None:
        """Close the line at once; what is buffered is lost."""

    @abstractmethod
    def _end_output(self) -> None:
        """Tell the peer that nothing follows, once what is buffered has been written."""

    def close(self) -> None:
        """Close the line in good order: what is buffered goes out, then the end; then the peer may close, too.

        What the peer still sends is thrown away. A system that closes with bytes unread sends a reset, and the
        peer then loses what it has not read yet: the very close frame that tells what it did wrong.

        Spec: RFC 6455 7.1.1; RFC 9112 9.6.
        """
        if not self._closing and not self.closed:
            self._closing = True
            self._end_output()
            asyncio.get_running_loop().call_later(LINGER_S, self.abort)

    async def drained(self, timeout_s: float) -> None:
        """Wait until little is buffered, or the line is down.

        Args:
            timeout_s: How long to wait, in seconds.

        Raises:
            WaitTimeout: The peer does not read.
        """
        if self._drained.is_set():
            return
        try:
            await asyncio.wait_for(self._drained.wait(), timeout_s)
        except TimeoutError as error:
            raise WaitTimeout(f"The peer has read nothing for {timeout_s} s.") from error

    def _received(self, data: bytes) -> None:
        self.bytes_up += len(data)
        if self._closing:
            return
        if self._on_data:
            self._on_data(data)
        else:
            self._early += data

    def _ended(self) -> None:
        if not self.closed:
            self.closed = True
            self._drained.set()
            if self._on_closed:
                self._on_closed()


class SocketConnection(Connection, asyncio.BufferedProtocol):
    """A plain TCP connection on an asyncio transport.

    Args:
        early: Bytes that were received before the socket changed hands.
    """

    _shared = memoryview(bytearray(READ_BYTES))

    def __init__(self, early: bytes = b"") -> None:
        super().__init__()
        self._received(early)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Offer the shared buffer (called by asyncio)."""
        return self._shared

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what came in (called by asyncio)."""
        self._received(bytes(self._shared[:nbytes]))

    def pause_writing(self) -> None:
        """Note that the peer reads too slowly (called by asyncio)."""
        self._drained.clear()

    def resume_writing(self) -> None:
        """Note that the peer has caught up (called by asyncio)."""
        self._drained.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the line is down (called by asyncio)."""
        self._ended()

    def send(self, data: bytes) -> None:
        """Write bytes; see :meth:`Connection.send`."""
        if self._transport and not self._transport.is_closing() and not self._closing:
            self.bytes_down += len(data)
            self._transport.write(data)

    @property
    def buffered_bytes(self) -> int:
        """See :attr:`Connection.buffered_bytes`."""
        return self._transport.get_write_buffer_size() if self._transport and not self.closed else 0

    def abort(self) -> None:
        """See :meth:`Connection.abort`."""
        if self._transport:
            self._transport.abort()

    def _end_output(self) -> None:
        try:
            if self._transport:
                self._transport.write_eof()
        except OSError:  # the peer has reset the line, and asyncio has not seen it yet
            self.abort()


class StreamConnection(Connection):
    """A TLS connection that stays on tornado's stream.

    Args:
        stream: The stream, detached from its handler.
    """

    def __init__(self, stream: SSLIOStream) -> None:
        super().__init__()
        self._stream = stream
        self._buffered = 0
        stream.set_close_callback(self._ended)
        stream.set_nodelay(True)
        self._reader = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        try:
            while not self.closed:
                self._received(await self._stream.read_bytes(READ_BYTES, partial=True))
        except StreamClosedError:
            self._ended()

    def send(self, data: bytes) -> None:
        """Write bytes; see :meth:`Connection.send`."""
        if self.closed or self._closing or not data:
            return
        self.bytes_down += len(data)
        self._buffered += len(data)
        if self._buffered > WRITE_HIGH_BYTES:
            self._drained.clear()
        try:
            written = self._stream.write(data)
        except StreamClosedError:
            self._ended()
            return
        written.add_done_callback(lambda future: self._wrote(future, len(data)))

    def _wrote(self, future: asyncio.Future[None], length: int) -> None:
        if not future.cancelled():
            future.exception()  # the end of the line is told by on_closed, not here
        self._buffered -= length
        if self._buffered <= WRITE_HIGH_BYTES // 4:
            self._drained.set()
        if self._closing and self._buffered <= 0:
            self._end_output()

    @property
    def buffered_bytes(self) -> int:
        """See :attr:`Connection.buffered_bytes`."""
        return self._buffered

    def abort(self) -> None:
        """See :meth:`Connection.abort`."""
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


async def take_over(handler: RequestHandler) -> Connection:
    """Take a connection out of tornado's hands, before anything was answered.

    Args:
        handler: The handler of the request that opened it.

    Returns:
        The connection; bytes that the client sent right behind its head are in it.
    """
    stream = handler.detach()
    if isinstance(stream, SSLIOStream):
        return StreamConnection(stream)
    try:
        # One read empties the stream's buffer. If that is empty, it looks at the socket once.
        ready = asyncio.ensure_future(stream.read_bytes(stream.max_buffer_size, partial=True))
        early = ready.result() if ready.done() else b""
    except StreamClosedError:
        gone = SocketConnection()
        gone.connection_lost(None)
        return gone
    ready.add_done_callback(lambda future: future.exception())  # closing the stream fails a read that waits
    sock = stream.socket.dup()
    sock.setblocking(False)
    stream.close()  # the duplicate keeps the connection
    loop = asyncio.get_running_loop()
    _, connection = await loop.connect_accepted_socket(lambda: SocketConnection(early), sock)
    return connection
