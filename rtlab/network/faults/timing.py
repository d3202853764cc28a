"""Faults that only cost time: all bytes arrive, in their order, later or in other pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rtlab.network.faults.fault import (
    Effect,
    Fault,
    Piece,
    Side,
    Sign,
    Start,
    covers,
    require_range,
    require_side,
)
from rtlab.records import Direction

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_SLICES_PER_S = 20
_SMALLEST_SLICE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Latency(Fault):
    """Each piece arrives later, by a time that varies.

    The real cause is distance: a ping of 80 ms between continents is 40 ms each way. Jitter comes from queues, and
    from radio. No setting removes it; fewer round trips do: one connection that stays open instead of many
    requests, and session resumption for TLS.

    The order of the bytes stays, as TCP keeps it: what comes early waits for what is late. This is TCP level; no
    packet is lost here.

    Args:
        latency_ms: The delay of each direction, 0 to 60,000 ms; a round trip has it twice.
        jitter_ms: How far a delay may be off, both ways, evenly spread; at most ``latency_ms``.
        direction: ``"up"`` (to the server), ``"down"`` or ``"both"``.

    Raises:
        InputError: A setting is out of its range.
    """

    latency_ms: float
    jitter_ms: float = 0.0
    direction: Side = "both"

    def __post_init__(self) -> None:
        require_range("latency_ms", self.latency_ms, 0, 60_000)
        require_range("jitter_ms", self.jitter_ms, 0, self.latency_ms)
        require_side(self.direction)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Delaying(self, start)


class _Delaying(Effect):
    def __init__(self, fault: Latency, start: Start) -> None:
        self._fault, self._dice = fault, start.dice
        self._due_ns: dict[Direction, int] = {"up": 0, "down": 0}

    def take(self, piece: Piece) -> Iterator[Piece]:
        fault, way = self._fault, piece.direction
        if covers(fault.direction, way):
            delay_ms = fault.latency_ms + self._dice.uniform(-fault.jitter_ms, fault.jitter_ms)
            self._due_ns[way] = max(self._due_ns[way], piece.at_ns + int(delay_ms * _NS_PER_MS))
            piece = replace(piece, at_ns=self._due_ns[way])
        yield piece


@dataclass(frozen=True, slots=True)
class Bandwidth(Fault):
    """The line is narrow: so many bytes a second, and no more.

    The real cause is a slow link, or a proxy that limits a client on purpose (nginx: ``limit_rate``, off by
    default). The fix is to send less: compress, send the latest state only, or drop what nobody can take
    (the channel's policy for slow readers).

    Args:
        bytes_per_s: The width, 1 to 1,000,000,000 bytes a second, of each direction.
        direction: ``"up"`` (to the server), ``"down"`` or ``"both"``.

    Raises:
        InputError: A setting is out of its range.
    """

    bytes_per_s: float
    direction: Side = "both"

    def __post_init__(self) -> None:
        require_range("bytes_per_s", self.bytes_per_s, 1, 1_000_000_000)
        require_side(self.direction)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Narrowing(self)


class _Narrowing(Effect):
    def __init__(self, fault: Bandwidth) -> None:
        self._fault = fault
        self._slice_bytes = max(_SMALLEST_SLICE_BYTES, int(fault.bytes_per_s / _SLICES_PER_S))
        self._free_ns: dict[Direction, int] = {"up": 0, "down": 0}

    def take(self, piece: Piece) -> Iterator[Piece]:
        way = piece.direction
        if not covers(self._fault.direction, way):
            yield piece
            return
        self._free_ns[way] = max(self._free_ns[way], piece.at_ns)
        for part in _sliced(piece, self._slice_bytes):
            if isinstance(part.data, bytes):
                self._free_ns[way] += int(len(part.data) / self._fault.bytes_per_s * _NS_PER_S)
            yield replace(part, at_ns=self._free_ns[way])


@dataclass(frozen=True, slots=True)
class Slicing(Fault):
    """Bytes arrive in small pieces, cut wherever it happens.

    The real cause is TCP itself: it carries bytes and keeps no message borders, so that an event, a frame or a
    character in UTF-8 may arrive in two halves. The fix is a decoder that keeps what is unfinished; ``read()`` does
    not give one message.

    Without a gap the pieces are written one by one, and the receiver's system may join them again.

    Args:
        piece_bytes: The size of a piece, 1 to 1,048,576 bytes; the last one of what was sent may be smaller.
        gap_ms: The time between two pieces, 0 to 60,000 ms.
        direction: ``"up"`` (to the server), ``"down"`` or ``"both"``.

    Raises:
        InputError: A setting is out of its range.
    """

    piece_bytes: int
    gap_ms: float = 0.0
    direction: Side = "both"

    def __post_init__(self) -> None:
        require_range("piece_bytes", self.piece_bytes, 1, 1_048_576)
        require_range("gap_ms", self.gap_ms, 0, 60_000)
        require_side(self.direction)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Cutting(self)


class _Cutting(Effect):
    def __init__(self, fault: Slicing) -> None:
        self._fault = fault
        self._next_ns: dict[Direction, int] = {"up": 0, "down": 0}

    def take(self, piece: Piece) -> Iterator[Piece]:
        way = piece.direction
        if not covers(self._fault.direction, way):
            yield piece
            return
        for part in _sliced(piece, self._fault.piece_bytes):
            at_ns = max(self._next_ns[way], piece.at_ns)
            self._next_ns[way] = at_ns + int(self._fault.gap_ms * _NS_PER_MS)
            yield replace(part, at_ns=at_ns)


def _sliced(piece: Piece, size: int) -> Iterator[Piece]:
    """Cut bytes; a sign stays whole."""
    data = piece.data
    if isinstance(data, Sign):
        yield piece
        return
    for at in range(0, len(data), size):
        yield Piece(piece.direction, data[at : at + size], piece.at_ns)
