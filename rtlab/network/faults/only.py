"""A fault for some connections, while the others go on as if nothing were."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.errors import InputError
from rtlab.network.faults.fault import Effect, Fault, Start


@dataclass(frozen=True, slots=True)
class Only(Fault):
    """Another fault, for some connections alone.

    The real cause is a trouble that does not meet everybody: one path of several, one server behind a balancer, one
    learner's radio link. What helps against it is to compare: a client that fares worse than the others of the same
    server has a line of its own to blame.

    Args:
        fault: What happens.
        connections: To which connections of the relay, numbered from 0 in the order in which they came.

    Raises:
        InputError: No connection is named, or the fault lets no connection come at all.
    """

    fault: Fault
    connections: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.connections or min(self.connections) < 0:
            raise InputError(f"connections must name some, numbered from 0, not {self.connections!r}.")
        if self.fault.refuses:
            raise InputError(f"{self.fault!r} refuses every connection, for none has a number before it is let in.")

    @property
    def reads_http(self) -> bool:  # type: ignore[override]  # it depends on the fault inside
        """True if the fault inside needs to read HTTP/1.1."""
        return self.fault.reads_http

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return self.fault.effect(start) if start.number in self.connections else Effect()
