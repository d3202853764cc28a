"""Faults that end a connection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rtlab.errors import InputError
from rtlab.network.faults.fault import Effect, Fault, Piece, Sign, Start, require_range

_NS_PER_S = 1_000_000_000
_MOST_BYTES = 2**40
_MOST_S = 86_400


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """The connection breaks off with an RST, both ways.

    The real cause is a process that was killed, a proxy that was restarted or told to drop a connection, or a
    firewall that answers for somebody else. What was sent and not yet read is lost. The fix is to reconnect and to
    name the last message that arrived (``Last-Event-ID``).

    Args:
        after_bytes: So many bytes of the server pass before; None for no such limit.
        after_s: So long after the connection came, or after the fault was applied to it, 0 to 86,400 s; None for no
            such limit. With neither it is at once.

    Raises:
        InputError: A setting is out of its range.
    """

    after_bytes: int | None = None
    after_s: float | None = None

    def __post_init__(self) -> None:
        if self.after_bytes is not None:
            require_range("after_bytes", self.after_bytes, 0, _MOST_BYTES)
        if self.after_s is not None:
            require_range("after_s", self.after_s, 0, _MOST_S)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Breaking(self, start)


@dataclass(frozen=True, slots=True)
class Limit(Fault):
    """The connection ends in order after so many bytes of the server, in the middle of whatever that is.

    The real cause is a proxy or a platform that gives a response a size or a time, and closes it with a FIN. The
    receiver must tell the end of the message from the end of the connection: a chunked body without its last chunk,
    or a WebSocket without a close frame (code 1006), is cut short. The fix is to reconnect.

    Args:
        bytes: How many bytes of the server pass, 0 to 2**40.

    Raises:
        InputError: It is out of its range.
    """

    bytes: int

    def __post_init__(self) -> None:
        require_range("bytes", self.bytes, 0, _MOST_BYTES)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Counting(self.bytes, Sign.END, start)


class _Counting(Effect):
    """Lets some bytes of the server pass, and then ends the connection."""

    def __init__(self, left_bytes: int | None, sign: Sign, start: Start) -> None:
        self._left_bytes = left_bytes
        self._passed_bytes = 0
        self._is_over = False
        self._sign = sign
        self._note = start.note
        if left_bytes == 0:
            self.wake_ns = start.at_ns

    def take(self, piece: Piece) -> Iterator[Piece]:
        data = piece.data
        if isinstance(data, Sign) or piece.direction == "up":
            yield piece
        elif not self._is_over:
            passing = data[: self._left_bytes]
            self._passed_bytes += len(passing)
            if passing:
                yield replace(piece, data=passing)
            if self._left_bytes is not None:
                self._left_bytes -= len(passing)
                if not self._left_bytes:
                    yield from self._end(piece.at_ns)

    def wake(self, at_ns: int) -> Iterator[Piece]:
        yield from self._end(at_ns)

    def _end(self, at_ns: int) -> Iterator[Piece]:
        self.wake_ns = None
        self._is_over = True
        what = "reset" if self._sign is Sign.RESET else "ended"
        self._note(f"{what} after {self._passed_bytes:,} bytes of the server")
        yield Piece("down", self._sign, at_ns)
        yield Piece("up", self._sign, at_ns)


class _Breaking(_Counting):
    def __init__(self, fault: Reset, start: Start) -> None:
        super().__init__(fault.after_bytes, Sign.RESET, start)
        if fault.after_s is not None:
            self.wake_ns = self.wake_ns or start.at_ns + int(fault.after_s * _NS_PER_S)
        elif fault.after_bytes is None:
            self.wake_ns = start.at_ns


@dataclass(frozen=True, slots=True)
class IdleCut(Fault):
    """A connection on which nothing passes for a while is closed.

    The real cause is a proxy's idle limit: 60 s in nginx (``proxy_read_timeout``), 60 s in an AWS Application Load
    Balancer (``idle_timeout.timeout_seconds``), often less in a mobile network. The fix is a heartbeat that is
    shorter than the shortest limit on the way, every 15 to 30 s: a comment on an event stream, a ping on a
    WebSocket.

    Bytes of either direction count, as for a load balancer, and in nginx once a WebSocket is open; while nginx
    sends an answer, it counts the server's bytes only, and of an event stream there are no others. Both ends get an
    orderly end (a FIN), and the message that was being sent stays unfinished. Where the head of an answer has not
    come yet, real proxies answer 504 first; this one does not read HTTP, and closes.

    Args:
        idle_s: How long nothing may pass, above 0, at most 86,400 s.

    Raises:
        InputError: It is out of its range.
    """

    idle_s: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.idle_s <= _MOST_S:
            raise InputError(f"idle_s must be above 0 and at most {_MOST_S:,} s, not {self.idle_s!r}.")

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Timing(self, start)


class _Timing(Effect):
    def __init__(self, fault: IdleCut, start: Start) -> None:
        self._idle_s = fault.idle_s
        self._idle_ns = int(fault.idle_s * _NS_PER_S)
        self._note = start.note
        self.wake_ns: int | None = start.at_ns + self._idle_ns

    def take(self, piece: Piece) -> Iterator[Piece]:
        if self.wake_ns is not None:
            self.wake_ns = max(self.wake_ns, piece.at_ns + self._idle_ns)
        yield piece

    def wake(self, at_ns: int) -> Iterator[Piece]:
        self.wake_ns = None
        self._note(f"closed, for nothing passed for {self._idle_s:g} s")
        yield Piece("down", Sign.END, at_ns)
        yield Piece("up", Sign.END, at_ns)
