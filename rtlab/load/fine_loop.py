"""An event loop that wakes when it was asked to, and not up to a millisecond later.

asyncio waits in epoll, which counts in whole milliseconds and rounds up. A sender that is late by half a
millisecond adds that to every latency; one that spins instead takes the processor from the server.
"""

from __future__ import annotations

import asyncio
import select
import selectors
import sys

_SELECT_LIMIT = 1024
"""``select`` knows no higher descriptor."""

if sys.platform == "linux":

    class _FineSelector(selectors.EpollSelector):
        """Waits for epoll's own descriptor in ``select``, which counts in microseconds."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is not None and timeout > 0 and self.fileno() < _SELECT_LIMIT:
                select.select((self.fileno(),), (), (), timeout)
                timeout = 0
            return super().select(timeout)

    def fine_loop() -> asyncio.AbstractEventLoop:
        """Make the loop."""
        return asyncio.SelectorEventLoop(_FineSelector())

else:

    def fine_loop() -> asyncio.AbstractEventLoop:
        """Make the loop: kqueue is fine enough, and Windows has nothing finer."""
        return asyncio.new_event_loop()
