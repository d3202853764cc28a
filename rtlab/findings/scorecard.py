"""One number of each side for one category of the article's summary."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log2
from typing import Any, Literal, Self

CATEGORIES = (
    "Communication Direction",
    "Underlying Protocol",
    "Security",
    "Simplicity",
    "Performance",
    "Message Structure",
    "Ease of Adoption",
    "Tooling",
)
"""The eight categories, in the article's order."""

FULL_RATIO = 8.0
"""A ratio of this much or more pulls with full strength."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured of both sides for one category.

    Attributes:
        category: One of :data:`CATEGORIES`.
        name: What was measured, such as ``"bytes for the same conversation"``.
        sse: The value with Server-Sent Events.
        websocket: The value with WebSocket.
        better: ``"lower"`` or ``"higher"``.
        unit: What the values count.
        date_utc: When, to the day.
        care: Why the numbers need care; empty if nothing is known.
        alike: True if the runs cannot tell the two apart, whatever the values.
        reference: True if they were not measured by the learner, but come with rtlab.
    """

    category: str
    name: str
    sse: float
    websocket: float
    better: Literal["lower", "higher"]
    unit: str
    date_utc: str
    care: str = ""
    alike: bool = False
    reference: bool = False

    @property
    def lean(self) -> float:
        """Where it pulls: from -1, towards SSE, by 0 to 1, towards WebSocket.

        It is the logarithm of the ratio, so twice as much and half as much are equally far from 0; eight times is
        the end. Where one value is 0, both are counted one higher.
        """
        if self.alike or self.sse == self.websocket:
            return 0.0
        more = 0.0 if min(self.sse, self.websocket) > 0 else 1.0
        ratio = (log2(self.sse + more) - log2(self.websocket + more)) / log2(FULL_RATIO)
        lean = max(-1.0, min(1.0, ratio))
        return lean if self.better == "lower" else -lean

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON has."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**data)
