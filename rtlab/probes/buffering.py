"""Does something on the way collect the events? Judged by when pieces came, and where they end.

A server sends whole events. What collects bytes sends them on when its buffer is full, and a full buffer ends
anywhere, most often in the middle of an event::

    direct      event    event    event         each piece ends with an event
    collected   event event event ev│           a pause here
                ent event event event e│        and here: inside an event
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median

PAUSE_MS = 60.0
"""Pieces with a longer pause between them belong to different bursts."""
_FEWEST_EVENTS = 2.0
_FEWEST_PAGES = 6
_PAGE_BYTES = 1_024
_TOLERANCE_BYTES = 16
_LARGEST_BYTES = 65_536
"""What a socket gives at most at a time says nothing about the sender."""
_SHORT_PAUSE_MS = 5.0
_LONG_PAUSE_MS = 500.0


@dataclass(frozen=True, slots=True)
class Piece:
    """What came at one moment.

    Attributes:
        at_ms: When.
        size_bytes: How much of the body.
        events: How many events it completed.
        ends_inside: Whether it ended in the middle of a block.
    """

    at_ms: float
    size_bytes: int
    events: int
    ends_inside: bool


@dataclass(frozen=True, slots=True)
class Buffering:
    """The verdict.

    Attributes:
        verdict: ``"collected"``, ``"in bursts"``, ``"none seen"`` or ``"too few events"``.
        evidence: What it rests on.
    """

    verdict: str
    evidence: str


def judge_buffering(pieces: Sequence[Piece], *, until_ms: float) -> Buffering:
    """Tell whether something collects the events.

    Args:
        pieces: What came, in order.
        until_ms: When listening ended; a piece just before says nothing about a pause after it.
    """
    bursts = [burst for burst in _bursts(pieces, PAUSE_MS) if burst.at_ms < until_ms - 2 * PAUSE_MS]
    events = sum(piece.events for piece in pieces)
    cut = _cut_by_buffers(bursts, until_ms) or _cut_in_pages(_bursts(pieces, _SHORT_PAUSE_MS / 2))
    if cut:
        size, each = median(piece.size_bytes for piece in cut), mean(piece.events for piece in cut)
        said = f"{len(cut)} times a pause inside an event; {size:,.0f} bytes and {each:.2g} events at a time"
        return Buffering("collected", said)
    many = [burst for burst in bursts if burst.events >= 5]
    if len(many) >= 3 and len(many) * 2 >= len(bursts):
        return Buffering(
            "in bursts", f"{len(many)} bursts of {mean(each.events for each in many):.0f} events, all whole"
        )
    if events < 2:
        return Buffering("too few events", f"{events} seen")
    return Buffering("none seen", f"{events} events in {len(pieces)} pieces")


def _cut_by_buffers(bursts: Sequence[Piece], until_ms: float) -> list[Piece]:
    """Give the bursts that ended inside an event, if most did, with several events each."""
    cut = [burst for burst in bursts if burst.ends_inside]
    if len(cut) * 10 < len(bursts) * 6 or not cut or mean(burst.events for burst in cut) < _FEWEST_EVENTS:
        return []
    # One alone may be a packet that was lost; it comes again sooner than this.
    is_lasting = cut[-1].events >= 5 and until_ms - cut[-1].at_ms >= _LONG_PAUSE_MS
    return cut if len(cut) > 1 or is_lasting or _is_pages(cut[0]) else []


def _cut_in_pages(pieces: Sequence[Piece]) -> list[Piece]:
    """Give the pieces, if nearly all are as long as pages of memory and end inside an event."""
    cut = [piece for piece in pieces if piece.ends_inside and _is_pages(piece)]
    if len(cut) < _FEWEST_PAGES or len(cut) * 10 < len(pieces) * 8:
        return []
    pauses = [late.at_ms - early.at_ms for early, late in pairwise(cut)]
    has_events = any(piece.events for piece in cut)
    return cut if has_events and median(pauses) >= _SHORT_PAUSE_MS else []


def _is_pages(piece: Piece) -> bool:
    off = (piece.size_bytes + _TOLERANCE_BYTES) % _PAGE_BYTES
    return off <= 2 * _TOLERANCE_BYTES and _PAGE_BYTES <= piece.size_bytes < _LARGEST_BYTES


def _bursts(pieces: Sequence[Piece], pause_ms: float) -> list[Piece]:
    found: list[Piece] = []
    last_ms = 0.0
    for piece in pieces:
        if found and piece.at_ms - last_ms <= pause_ms:
            before = found[-1]
            found[-1] = Piece(
                piece.at_ms, before.size_bytes + piece.size_bytes, before.events + piece.events, piece.ends_inside
            )
        else:
            found.append(piece)
        last_ms = piece.at_ms
    return found
