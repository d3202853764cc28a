"""A server where nobody listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rtlab.network.faults.fault import Effect, Fault, Start


@dataclass(frozen=True, slots=True)
class Refuse(Fault):
    """New connections are refused, as where nobody listens.

    The real cause is a server that is down or restarts. The fix is in the client: try again, later each time, and
    not all clients at the same moment. An EventSource tries again by itself; a WebSocket does not.

    Connections that are open stay open; ``cut()`` resets them.
    """

    refuses: ClassVar[bool] = True

    def effect(self, start: Start) -> Effect:
        """Leave a connection that is there alone."""
        return Effect()
