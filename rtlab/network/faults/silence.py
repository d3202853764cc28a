"""Faults that nobody is told of: the connection looks open, and nothing comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rtlab.network.faults.fault import Effect, Fault, Piece, Side, Sign, Start, covers, require_side
from rtlab.records import Direction


@dataclass(frozen=True, slots=True)
class Stall(Fault):
    """Nothing moves for a while; then all of it does.

    The real cause is a reader that does not read: a page in a frozen tab, a suspended phone, a process under a
    debugger. Its TCP window closes, the sender's buffers fill, and then the sender must wait or drop. The fix is on
    the sender's side: a bound for each slow reader, and a heartbeat that tells slow from dead.

    The relay does not read either while it stalls, so no memory grows here. When the fault is taken away, every
    byte goes on, in order.

    Args:
        direction: ``"up"`` (to the server), ``"down"`` or ``"both"``.

    Raises:
        InputError: There is no such direction.
    """

    direction: Side = "both"

    def __post_init__(self) -> None:
        require_side(self.direction)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Stalling(self)


class _Stalling(Effect):
    def __init__(self, fault: Stall) -> None:
        self._side = fault.direction

    def holds(self, direction: Direction) -> bool:
        return covers(self._side, direction)


@dataclass(frozen=True, slots=True)
class BlackHole(Fault):
    """Bytes vanish both ways, and neither end is told: the connection is half-open.

    The real cause is something on the way that forgot the connection: a NAT or a firewall that drops idle entries
    (AWS NAT gateways after 350 s), a pulled cable, a machine that lost power. No FIN and no RST passes. TCP itself
    notices late: keepalive starts after 2 hours by default, and a sender gives up after about 15 minutes on Linux.
    The fix is a heartbeat with a time limit on both sides: comments on an event stream, ping and pong on a
    WebSocket.

    A new connection is accepted, for the relay's own system does that, and then its bytes vanish, too.

    When the fault is taken away, a connection that lost something is reset, as a machine answers that came back and
    remembers nothing: a hole in a stream cannot be mended. One that lost nothing lives on.
    """

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Swallowing(start)


class _Swallowing(Effect):
    def __init__(self, start: Start) -> None:
        self._note = start.note
        self._has_swallowed = False

    def take(self, piece: Piece) -> Iterator[Piece]:
        if not self._has_swallowed:
            self._note("what is sent vanishes from here on")
        self._has_swallowed = True
        yield from ()

    def leave(self, at_ns: int) -> Iterator[Piece]:
        if self._has_swallowed:
            self._note("reset, for bytes were lost")
            yield Piece("down", Sign.RESET, at_ns)
            yield Piece("up", Sign.RESET, at_ns)
