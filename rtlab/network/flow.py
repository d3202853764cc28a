"""One direction of a relayed connection: pieces wait until they are due, and until their reader takes them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from rtlab import clock
from rtlab.network.end import End
from rtlab.network.faults.fault import Piece, Sign

MAX_WAITING_BYTES = 262_144
"""With more than this on its way, the sender is no longer read from; a TCP window is of that order."""
_PIECE_BYTES = 128
"""What a piece costs beside its bytes; a slice may have a single one."""


class Flow:
    """What goes from one end to the other.

    Args:
        source: The end that reads.
        target: The end that writes.
        on_sign: Called when the end of the bytes, or a reset, is due.

    Attributes:
        waiting_bytes: How much memory holds what is on its way, roughly.
    """

    def __init__(self, source: End, target: End, on_sign: Callable[[Piece], None]) -> None:
        self._source, self._target = source, target
        self._on_sign = on_sign
        self._queue: deque[Piece] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_held = False
        self.waiting_bytes = 0

    @property
    def is_free(self) -> bool:
        """True if nothing waits, and the target takes what is sent."""
        return not self._queue and self._target.takes and not self._is_held

    def send(self, data: bytes) -> None:
        """Send bytes at once; only while it is free."""
        self._target.write(data)

    def push(self, pieces: list[Piece]) -> None:
        """Send pieces when they are due, behind all that was pushed before.

        Args:
            pieces: In order.
        """
        self._queue.extend(pieces)
        self.waiting_bytes += sum(map(_cost, pieces))
        self.pump()

    def hold(self, is_held: bool) -> None:
        """Read and write nothing for now, or go on."""
        if is_held != self._is_held:
            self._is_held = is_held
            self.pump()

    def hurry(self) -> None:
        """Make everything that waits due now."""
        now_ns = clock.now_ns()
        self._queue = deque(replace(piece, at_ns=min(piece.at_ns, now_ns)) for piece in self._queue)
        self.pump()

    def drop(self) -> None:
        """Forget what waits; nothing more will go."""
        self._queue.clear()
        self.waiting_bytes = 0
        self._disarm()

    def pump(self) -> None:
        """Send what is due and can be taken; see to the rest later."""
        self._disarm()
        while self._queue and not self._is_held:
            piece = self._queue[0]
            if piece.at_ns > clock.now_ns():
                self._arm(piece.at_ns)
                break
            if not self._target.takes:
                break
            self._queue.popleft()
            self.waiting_bytes -= _cost(piece)
            if isinstance(piece.data, Sign):
                self._on_sign(piece)
            else:
                self._target.write(piece.data)
        if self._reset and self._reset.at_ns <= clock.now_ns():
            self._on_sign(self._reset)
        elif self._reset and not self._timer:
            self._arm(self._reset.at_ns)
        self._source.read(not self._is_held and self.waiting_bytes <= MAX_WAITING_BYTES)

    @property
    def _reset(self) -> Piece | None:
        """The reset on its way; as in TCP it overtakes what is not due yet, or what the reader does not take."""
        return self._queue[-1] if self._queue and self._queue[-1].data is Sign.RESET else None

    def _arm(self, at_ns: int) -> None:
        wait_s = max(0, at_ns - clock.now_ns()) / 1e9
        self._timer = asyncio.get_running_loop().call_later(wait_s, self.pump)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


def _cost(piece: Piece) -> int:
    return _PIECE_BYTES + (len(piece.data) if isinstance(piece.data, bytes) else 0)
