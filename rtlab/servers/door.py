"""The door of a server: who may come in while others are inside already.

::

    a new connection ──► SILENT ── a whole request came ──► HEARD ──► its end, in whoever's hands it is then
                           │
                           └─ too many, or no room for a new one: whoever has been silent for longest must go

Whoever opens connections and says nothing (slowloris) loses them to those who do say something. A connection that
has been heard is never thrown out for a new one; when there is no silent one left, it is the new one that goes.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from tornado.iostream import IOStream

from rtlab.servers.http2_allowance import Allowance
from rtlab.servers.log import RingLog

if TYPE_CHECKING:
    from rtlab.servers.connection import Connection
    from rtlab.servers.guards import Guards

_LOGGED, _LOGGED_PER_S = 5, 0.2
"""How many refusals are logged at once, and then a second: a flood must not wash the log away."""


class Door:
    """Counts the connections of one server and keeps them within its guards.

    Args:
        guards: What is allowed.
        log: Where refusals are told.
    """

    def __init__(self, guards: Guards, log: RingLog) -> None:
        self._guards = guards
        self._log = log
        self._seats: dict[IOStream, str] = {}
        self._silent: dict[IOStream, None] = {}
        self._from: Counter[str] = Counter()
        self._inside = 0
        self._room = guards.max_connections
        self._told = Allowance(_LOGGED, _LOGGED_PER_S)

    @property
    def inside(self) -> int:
        """How many connections are open."""
        return self._inside

    def admit(self, stream: IOStream, client: str) -> bool:
        """Let a new connection in, or close it.

        Args:
            stream: The connection.
            client: The address that it comes from.

        Returns:
            True if it is in.
        """
        guards = self._guards
        is_full = self._is_full(stream)
        if self._from[client] >= guards.max_connections_per_client:
            self._refuse(stream, "its address has enough of them")
            return False
        if self._silent and (is_full or len(self._silent) >= guards.max_silent_connections):
            oldest = next(iter(self._silent))
            self.leave(oldest)
            self._refuse(oldest, "it said nothing, and others wait")
        elif is_full:
            self._refuse(stream, "the lab has no room")
            return False
        self._seats[stream] = client
        self._silent[stream] = None
        self._enter(client)
        return True

    def heard(self, stream: IOStream) -> None:
        """Take note that a whole request came."""
        self._silent.pop(stream, None)

    def hand_over(self, stream: IOStream, connection: Connection) -> None:
        """Let another carrier have the seat of a stream, until that ends."""
        self._silent.pop(stream, None)
        if (client := self._seats.pop(stream, None)) is not None:
            if connection.closed:
                self._exit(client)
            connection.when_ended = lambda: self._exit(client)

    def leave(self, stream: IOStream) -> None:
        """Take note that a connection has ended; one that was handed over, or has left already, is fine."""
        self._silent.pop(stream, None)
        if (client := self._seats.pop(stream, None)) is not None:
            self._exit(client)

    def _enter(self, client: str) -> None:
        self._inside += 1
        self._from[client] += 1

    def _exit(self, client: str) -> None:
        self._inside -= 1
        self._from[client] -= 1
        if not self._from[client]:
            del self._from[client]

    def _refuse(self, stream: IOStream, why: str) -> None:
        if self._told.spend():
            self._log.add(f"a connection was closed, {why} ({self._inside} are open)", "warning")
        stream.close()

    def _is_full(self, stream: IOStream) -> bool:
        if self._lacks_descriptors(stream):
            self._room = min(self._room, self._inside)
        elif self._inside <= self._room // 2:
            self._room = self._guards.max_connections  # others may need fewer descriptors by now
        return self._inside >= self._room

    def _lacks_descriptors(self, stream: IOStream) -> bool:
        """Tell whether the process has few descriptors left: a new one gets the lowest free number (POSIX)."""
        if sys.platform == "win32":
            return False
        import resource

        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return (
            allowed != resource.RLIM_INFINITY and stream.socket.fileno() >= allowed - self._guards.spare_descriptors
        )
