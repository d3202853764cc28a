"""What a client got and nobody has taken yet: the loop puts in, any thread takes out.

::

    socket ─► put() ─► │ at most some 16 MiB │ ─► take() ─► the caller of receive()
                 ▲                                  │
                 └─── room() waits while it is full ◄ until half of it is taken

While the client waits for room it does not read its socket, so TCP holds the server back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Generic, TypeVar

MAX_BYTES = 16 * 1_048_576

T = TypeVar("T")


class Inbox(Generic[T]):
    """A queue between the loop's thread and others, bounded in bytes.

    Everything but :meth:`take` runs on the loop.

    Args:
        max_bytes: When to wait for room; the last items put in may go beyond it.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._items: deque[T] = deque()
        # An interrupt can come between a call and the use of its result, and what was taken would be lost. It
        # cannot come between a for statement and its variable, so that is how an item is taken.
        self._taking = iter(self._items.popleft, None)
        self._put = 0
        self._queued_bytes = 0
        self._sizes: deque[tuple[int, int]] = deque()
        """How many items had been put when some bytes came in, and how many bytes."""
        self._news: set[asyncio.Future[None]] = set()
        self._room: asyncio.Future[None] | None = None
        self._resume_at = -1
        """At so few items whoever takes one opens the room; nobody waits for it if negative."""
        self._ended = False
        self._closing = False

    def __len__(self) -> int:
        """Tell how many items there are."""
        return len(self._items)

    def put(self, items: Sequence[T], size_bytes: int) -> None:
        """Add items, unless the end has come.

        Args:
            items: What came.
            size_bytes: How much memory they need.
        """
        if self._is_full() and self._closing:
            self._ended = True  # with a gap nothing after it would be of use
        if self._ended or not items:
            return
        self._items.extend(items)
        self._put += len(items)
        self._sizes.append((self._put, size_bytes))
        self._queued_bytes += size_bytes
        self._tell()

    def take(self) -> T | None:
        """Take the oldest item, or None if there is none; any thread may, and an interrupt loses no item."""
        if self._resume_at >= 0 and len(self._items) <= self._resume_at:
            self._resume()
        try:
            for item in self._taking:
                return item
        except IndexError:  # of an empty deque
            pass
        return None

    async def wait(self, timeout_s: float) -> None:
        """Wait for an item or the end.

        Raises:
            TimeoutError: Neither came.
        """
        if self._items or self._ended:
            return
        news = asyncio.get_running_loop().create_future()
        self._news.add(news)
        try:
            async with asyncio.timeout(timeout_s):
                await news
        finally:
            self._news.discard(news)

    async def room(self) -> None:
        """Wait while it is full, until half of the items are taken or :meth:`close` is called."""
        while self._is_full() and not self._closing:
            self._room = asyncio.get_running_loop().create_future()
            self._resume_at = len(self._items) // 2
            if len(self._items) > self._resume_at:  # or a thread has taken them since, and saw nobody wait
                await self._room

    def close(self) -> None:
        """Let nobody wait for room any more: what is too much is thrown away from here on."""
        self._closing = True
        self._open_room()

    def end(self) -> None:
        """Note that nothing more will come."""
        self._ended = True
        self._tell()

    def _is_full(self) -> bool:
        taken = self._put - len(self._items)
        while self._sizes and self._sizes[0][0] <= taken:
            self._queued_bytes -= self._sizes.popleft()[1]
        return self._queued_bytes > self._max_bytes

    def _tell(self) -> None:
        for news in self._news:
            if not news.done():
                news.set_result(None)

    def _resume(self) -> None:
        self._resume_at = -1
        if self._room:
            with suppress(RuntimeError):  # the loop has ended, so nobody waits
                self._room.get_loop().call_soon_threadsafe(self._open_room)

    def _open_room(self) -> None:
        if self._room and not self._room.done():
            self._room.set_result(None)
