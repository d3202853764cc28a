"""What experiments on clients that all come back at once found."""

from __future__ import annotations

from dataclasses import dataclass

SLICE_MS = 100
"""Attempts are counted for each tenth of a second."""


@dataclass(frozen=True, slots=True)
class HerdReturn:
    """How a herd of clients came back after its server had been away.

    Attributes:
        strategy: How long the clients waited before each attempt.
        source: ``"measured"`` or ``"simulated"``.
        clients: How many there were.
        attempts: Connection attempts of all clients together.
        peak: Most attempts within a tenth of a second.
        back_95_s: When 95 of 100 clients were back, in seconds from the cut; None if they never were.
        back_all_s: When all of them were.
        slices: Attempts in each tenth of a second, from the cut on.
    """

    strategy: str
    source: str
    clients: int
    attempts: int
    peak: int
    back_95_s: float | None
    back_all_s: float | None
    slices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HerdCosts:
    """What it takes to come back, as measured: what a simulation needs to know.

    Attributes:
        service_s: Time from one handshake done to the next, accepting included, when many wait.
        backlog: How many may wait to be accepted.
        knock_s: Time from one attempt to the next, when all want to. The clients of an experiment share a process
            and wait for one another; clients with a machine each do not.
        notice_first_s: When the first client knew of the cut.
        notice_last_s: When the last one did.
    """

    service_s: float
    backlog: int
    knock_s: float
    notice_first_s: float
    notice_last_s: float
