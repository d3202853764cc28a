"""What an experiment on a fault of the network found."""

from __future__ import annotations

from dataclasses import dataclass, field

from rtlab.records import Transport


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message of one run, at one client.

    Attributes:
        seq: Position in the workload, from 0.
        sent_ms: When the server sent it, from the start of the run.
        received_ms: When the client first had it; None if it never did.
    """

    seq: int
    sent_ms: float
    received_ms: float | None


@dataclass(frozen=True, slots=True)
class FaultEffect:
    """What one transport made of a workload, with a fault for a while or without.

    Attributes:
        run: ``"without"`` or ``"with"``.
        transport: How the messages travelled.
        arrivals: One for each message, lost ones included.
    """

    run: str
    transport: Transport
    arrivals: tuple[Arrival, ...] = field(repr=False)
