"""What was seen of a page's EventSource whose line was cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rtlab.records import WireChunk


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One request that the browser made for the stream, as it came before the lab.

    Attributes:
        request: Its number, from 1.
        last_event_id: Its field ``Last-Event-ID``; None without one.
        at_ns: When it came, by the kernel's clock.
        chunks: What crossed its connection, secrets taken out.
    """

    request: int
    last_event_id: str | None
    at_ns: int
    chunks: tuple[WireChunk, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageMoment:
    """One event of the page's EventSource.

    Attributes:
        at_ms: When, by the page's clock, from the moment at which the script made the EventSource.
        kind: ``"open"``, ``"message"``, ``"error"`` or ``"closed"`` (by the script).
        state: ``readyState`` then: 0 connecting, 1 open, 2 closed.
        request: Which request brought it, from 1.
        id: The message's id; empty for other events.
        sent: Whether a message was sent while the stream was ``"open"``, or while the page was ``"away"``; empty
            for other events.
    """

    at_ms: float
    kind: str
    state: int
    request: int
    id: str = ""
    sent: Literal["", "open", "away"] = ""


@dataclass(frozen=True, slots=True)
class PageResumption:
    """What became of messages while a page's line was cut.

    Attributes:
        ids: The ids of the messages, in the order in which they were sent.
        requests: What the browser asked for.
        moments: What the page's script saw.
        away_ms: From the error event to the next open one, by the page's clock.
    """

    ids: tuple[str, ...]
    requests: tuple[StreamRequest, ...]
    moments: tuple[PageMoment, ...]
    away_ms: float

    @property
    def got(self) -> tuple[str, ...]:
        """The ids of the messages that came, in that order."""
        return tuple(moment.id for moment in self.moments if moment.kind == "message")

    @property
    def lost(self) -> int:
        """How many never came."""
        return len(set(self.ids) - set(self.got))

    @property
    def doubled(self) -> int:
        """How many came once more."""
        return len(self.got) - len(set(self.got))
