"""What an experiment with readers that pause found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader got; messages are numbered from 0 in the order in which they were due.

    Attributes:
        received: How many messages it got, all in order.
        gaps: In how many places messages were left out.
        missed: How many were left out there.
        newest: The number of its last message; -1 without any.
        cut: True if the server disconnected it.
        got_per_s: Messages that it read each second during the pause; of one who paused, next to none.
    """

    received: int
    gaps: int
    missed: int
    newest: int
    cut: bool
    got_per_s: float


@dataclass(frozen=True, slots=True)
class SlowReading:
    """One run in which some readers paused.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        policy: What the server did for slow subscribers.
        sent: How many messages there were.
        rate_per_s: How many were due each second.
        pause_s: How long the slow readers paused.
        good: What those got who read all the time.
        slow: What those got who paused.
        p99_ms: Age that 99 % of the messages of the good readers did not exceed, from when each was due.
        server_bytes: How much the memory of the server's process grew during the pause.
    """

    way: str
    policy: str
    sent: int
    rate_per_s: float
    pause_s: float
    good: tuple[Reading, ...]
    slow: tuple[Reading, ...]
    p99_ms: float
    server_bytes: int
