"""What a page did while it was shown and while it was hidden; times are milliseconds of the page's own clock."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PageLane:
    """One thing that comes again and again in a page.

    Attributes:
        name: Such as ``"timer, every 100 ms"``.
        wanted_ms: The time between two that was asked for.
        at_ms: When each came, from the start of the experiment on.
    """

    name: str
    wanted_ms: float
    at_ms: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PageWatch:
    """A page that was watched for some time.

    Attributes:
        lanes: What came when.
        hidden_ms: Pairs of beginning and end of the times at which the page was hidden.
        watched_ms: How long it was watched.
    """

    lanes: tuple[PageLane, ...]
    hidden_ms: tuple[tuple[float, float], ...]
    watched_ms: float
