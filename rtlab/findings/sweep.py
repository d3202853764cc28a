"""What the runs of a sweep found: swarms of the same kind with other numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from rtlab.findings.load import SampleCheck
from rtlab.findings.swarm import SwarmTotals


@dataclass(frozen=True, slots=True)
class SweepCase:
    """One combination of what a sweep changes.

    Attributes:
        connections: How many clients.
        rate_per_s: Messages that the swarm sends a second in all; None if it only listens.
        payload_bytes: Size of each message sent.
    """

    connections: int
    rate_per_s: float | None
    payload_bytes: int

    def __str__(self) -> str:
        count = f"{self.connections:,} connection{'s' * (self.connections != 1)}"
        return (
            count if self.rate_per_s is None else f"{count}, {self.rate_per_s:g} a second, {self.payload_bytes} B"
        )


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One run of a sweep that is over.

    Attributes:
        case: What was run.
        repeat: For the how many-th time, from 0.
        date_utc: When it began.
        totals: The swarm's sums; None if the run failed.
        lost: What is known of each worker that was lost.
        error: Why the run failed; empty if it did not.
    """

    case: SweepCase
    repeat: int
    date_utc: str
    totals: SwarmTotals | None
    lost: tuple[str, ...] = ()
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON has."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        totals = data["totals"]
        if totals is not None:
            totals = SwarmTotals(**{**totals, "sample": SampleCheck(**totals["sample"])})
        given = {"case": SweepCase(**data["case"]), "totals": totals, "lost": tuple(data["lost"])}
        return cls(**{**data, **given})
