"""What experiments on event streams in a page found; times are milliseconds of the page's own clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamLane:
    """One EventSource of a page that opens many.

    Attributes:
        connection: Its number, from 1, in the order in which they were made.
        made_ms: When the script made it, from the first one on.
        opened_ms: When it was open; None if it never was.
        ended_ms: When the script closed it.
        state: Its ``readyState`` while all were held: 0 connecting, 1 open, 2 closed.
        errors: How many error events it got.
    """

    connection: int
    made_ms: float
    opened_ms: float | None
    ended_ms: float
    state: int
    errors: int


@dataclass(frozen=True, slots=True)
class StreamLimit:
    """What became of many streams at once.

    Attributes:
        lanes: One for each EventSource.
        at_lab: How many of them the lab had while all were held.
        closed_ms: When the script closed the first one.
    """

    lanes: tuple[StreamLane, ...]
    at_lab: int
    closed_ms: float

    @property
    def together(self) -> int:
        """How many were open at the same time."""
        return sum(1 for lane in self.lanes if lane.state == 1)


@dataclass(frozen=True, slots=True)
class SlotWait:
    """What a request has to wait if a page holds some streams to the same server; computed, not measured.

    Attributes:
        streams: How many streams are held.
        request: What is asked for.
        wanted_ms: When the page wants it.
        sent_ms: When a connection is free for it; None if none ever is.
    """

    streams: int
    request: str
    wanted_ms: float
    sent_ms: float | None
