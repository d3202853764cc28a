"""One long-lived connection after its head: an event stream or an upgraded WebSocket.

tornado has read the request and checked it. From here on the connection only carries bytes, and it has one small
interface with three carriers: ``socket_connection.py``, with TLS ``stream_connection.py``, and ``http2_stream.py``.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from rtlab.codecs.http1 import ResponseHead, encode_response_head
from rtlab.errors import WaitTimeout

WRITE_HIGH_BYTES = 65_536
"""A connection with more than this unwritten is not drained; a lossless sender waits for it."""
LINGER_S = 2.0
"""How long a closing line waits for the peer to close, too."""


class Watcher(Protocol):
    """Whoever writes to a connection past ``send``, and so must know how its output goes."""

    @property
    def bytes_taken(self) -> int:
        """What it has written so, in bytes."""

    def fell_behind(self) -> None:
        """The system did not take all that was sent; what comes next must be sent, too."""

    def caught_up(self) -> None:
        """Nothing is buffered any more."""

    def withdraw(self) -> None:
        """The connection closes: nothing may follow."""


class Connection(ABC):
    """A connection that sends bytes and tells what came in and when it ended.

    Attributes:
        bytes_up: Bytes received after the head.
        closed: True once the line is down.
        watcher: Whoever writes with ``taker()``, too.
        when_ended: Called once when the line is down; for whoever counts connections.
    """

    __slots__ = (
        "_bytes_sent",
        "_closing",
        "_drain_waiters",
        "_early",
        "_on_closed",
        "_on_data",
        "bytes_up",
        "closed",
        "watcher",
        "when_ended",
    )

    def __init__(self) -> None:
        self.bytes_up = 0
        self.closed = False
        self.watcher: Watcher | None = None
        self.when_ended: Callable[[], object] | None = None
        self._bytes_sent = 0
        self._closing = False
        self._on_data: Callable[[bytes], None] | None = None
        self._on_closed: Callable[[], None] | None = None
        self._early = b""
        self._drain_waiters: list[asyncio.Future[None]] = []

    def start(self, on_data: Callable[[bytes], None], on_closed: Callable[[], None]) -> None:
        """Hand over what came in so far, and from now on each piece as it comes.

        Args:
            on_data: Called with each piece received.
            on_closed: Called once, when the line is down for whatever reason; at once if it is already.
        """
        self._on_data = on_data
        if self._early:
            early, self._early = self._early, b""
            on_data(early)
        self._on_closed = on_closed
        if self.closed:
            on_closed()

    def send_head(self, head: ResponseHead) -> None:
        """Begin the answer that the connection carries."""
        self.send(encode_response_head(head))

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Write bytes, or keep what the system does not take yet; a closed line ignores them."""

    @property
    @abstractmethod
    def buffered_bytes(self) -> int:
        """What was given to ``send`` and the system has not taken yet, in bytes."""

    def taker(self) -> Callable[[bytes], int]:
        """Give what writes bytes at once and tells how many of them the system took.

        It may be called only while nothing is buffered. It raises BlockingIOError if the system takes none now,
        and another OSError if the line is down.
        """
        return self._take

    @abstractmethod
    def pause_reading(self) -> None:
        """Read nothing more for now: the peer will have to wait."""

    @abstractmethod
    def resume_reading(self) -> None:
        """Read on."""

    @abstractmethod
    def abort(self) -> None:
        """Close the line at once; what is buffered is lost."""

    @abstractmethod
    def _end_output(self) -> None:
        """Tell the peer that nothing follows, once what is buffered has been written."""

    @property
    def bytes_down(self) -> int:
        """What was sent, by whichever way, in bytes."""
        return self._bytes_sent + (self.watcher.bytes_taken if self.watcher else 0)

    def _take(self, data: bytes) -> int:
        """Take all or nothing, where the system cannot be asked."""
        if self.buffered_bytes:
            return 0
        before = self._bytes_sent
        self.send(data)
        self._bytes_sent = before  # the watcher counts it
        return len(data)

    def close(self) -> None:
        """Close the line in good order: what is buffered goes out, then the end; then the peer may close, too.

        What the peer still sends is thrown away. A system that closes with bytes unread sends a reset, and the
        peer then loses what it has not read yet: the very close frame that tells what it did wrong.

        Spec: RFC 6455 7.1.1; RFC 9112 9.6.
        """
        if not self._closing and not self.closed:
            if self.watcher:
                self.watcher.withdraw()
            self._closing = True
            self._end_output()
            asyncio.get_running_loop().call_later(LINGER_S, self.abort)

    async def drained(self, timeout_s: float, below_bytes: int = WRITE_HIGH_BYTES) -> None:
        """Wait until little is buffered, or the line is down.

        Args:
            timeout_s: How long to wait, in seconds.
            below_bytes: What counts as little.

        Raises:
            WaitTimeout: The peer does not read.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while self.buffered_bytes > below_bytes:
                    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._drain_waiters.append(waiter)
                    await waiter
        except TimeoutError as error:
            raise WaitTimeout(f"The peer has read nothing for {timeout_s} s.") from error

    def _shrank(self) -> None:
        """Look again whether little enough is buffered, and whether nothing is."""
        waiters, self._drain_waiters = self._drain_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        if self.watcher and not self.closed and not self.buffered_bytes:
            self.watcher.caught_up()

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
            self._shrank()
            if self.when_ended:
                self.when_ended()
            if self._on_closed:
                self._on_closed()
