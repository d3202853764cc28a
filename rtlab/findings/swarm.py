"""What a swarm as a whole found, put together from its workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rtlab.findings.load import SampleCheck

Returns = Literal["to the sender", "to all", "to all others", "nothing", "unknown", ""]
"""Where the server sends what it gets, as far as it shows; empty if the swarm only listened."""


@dataclass(frozen=True, slots=True)
class SwarmSecond:
    """One second of the whole swarm.

    Attributes:
        second: Which one, from 0 where measuring begins.
        opened: Connections opened.
        sent: Messages sent.
        messages: Messages that arrived.
        bytes_down: Bytes received.
        bytes_up: Bytes sent.
        p50_ms: The median age of the messages on arrival; None if none had a stamp.
        p99_ms: 99 of 100 were not older.
        max_ms: The oldest.
    """

    second: int
    opened: int
    sent: int
    messages: int
    bytes_down: int
    bytes_up: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None


@dataclass(frozen=True, slots=True)
class LatencyPoint:
    """One point of the curve of latencies.

    Attributes:
        percentile: So many of 100 messages were not older.
        latency_ms: Than this.
    """

    percentile: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class SwarmTotals:
    """The whole swarm in one row.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        workers: How many shares there were.
        lost_workers: How many of them have no report.
        connections: How many connections were planned.
        opened: How many opened.
        late: How many of these were not open when measuring began.
        ended: How many of these ended before the swarm did.
        planned: Messages that the swarm should have sent.
        sent: Messages that it sent.
        returns: Where the server sends them.
        expected: How many arrivals that makes; None if it cannot be known.
        missing: How many of these never came; None if it cannot be known.
        messages: Messages that arrived while it was measured, or were waited for.
        aged: How many of these had a stamp.
        messages_per_s: Arrivals within the measured time, a second.
        bytes_down_per_s: Bytes received within it, a second.
        bytes_up_per_s: Bytes sent within it, a second.
        p50_ms: The median age on arrival; None if no message had a stamp.
        p99_ms: 99 of 100 were not older.
        max_ms: The oldest.
        lag_p99_ms: 99 of 100 messages left not later than this; None if none was sent.
        cpu_share: The busiest worker's share of a core.
        stall_ms: The longest time for which a worker's loop was held up.
        from_future: Messages whose stamp was later than their arrival.
        clock_error_ms: By how much a latency may be wrong because workers have different clocks; 0 if all have one.
        sample: What the connections in the sample showed.
    """

    transport: str
    workers: int
    lost_workers: int
    connections: int
    opened: int
    late: int
    ended: int
    planned: int
    sent: int
    returns: Returns
    expected: int | None
    missing: int | None
    messages: int
    aged: int
    messages_per_s: float
    bytes_down_per_s: float
    bytes_up_per_s: float
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    lag_p99_ms: float | None
    cpu_share: float
    stall_ms: float
    from_future: int
    clock_error_ms: float
    sample: SampleCheck
