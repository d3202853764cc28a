"""One long-lived connection after its head: an event stream or an upgraded WebSocket.

tornado has read the request and checked it. From here on the connection only carries bytes, and it has one small
interface with two carriers: ``socket_connection.py``, and with TLS ``stream_connection.py``.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from rtlab.errors import WaitTimeout

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
