"""How often a client may make the server work for nothing."""

from __future__ import annotations

from rtlab import clock


class Allowance:
    """So much at once, and then so much a second.

    Args:
        most: How much may be spent at once.
        per_s: How much comes back a second.
    """

    __slots__ = ("_left", "_most", "_per_s", "_spent_ns")

    def __init__(self, most: float, per_s: float) -> None:
        self._most = self._left = most
        self._per_s = per_s
        self._spent_ns = clock.now_ns()

    def spend(self) -> bool:
        """Take one; False if nothing is left."""
        now_ns = clock.now_ns()
        self._left = min(self._most, self._left + (now_ns - self._spent_ns) / 1e9 * self._per_s)
        self._spent_ns = now_ns
        if self._left < 1:
            return False
        self._left -= 1
        return True
