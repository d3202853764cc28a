"""What every fault is made of: settings that are chosen, and an effect on one connection that follows from them.

::

    Latency(latency_ms=80) ── effect(Start) ──► Effect.take(piece) ──► pieces, each with the time when it is due

An effect knows no socket, loop or clock. The relay tells it the time, and obeys. The same settings, the same seed
and the same pieces at the same times give the same schedule.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import ClassVar, Literal, get_args

from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.errors import InputError
from rtlab.records import Direction

Side = Literal["up", "down", "both"]
"""The direction that a fault works on."""


class Sign(Enum):
    """What crosses a connection beside bytes."""

    END = "end"
    """Nothing follows in this direction (a FIN)."""
    RESET = "reset"
    """The connection is broken off (an RST)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that goes one way at one time.

    Attributes:
        direction: Which way.
        data: The bytes as they are on the wire, or a sign.
        at_ns: When it came, or when it is due to go on.
        head: What the bytes say, if they are one whole head of HTTP/1.1.
        body: The part of a body that the bytes carry, without its framing; None outside a body.
        ends_message: True for the last piece of an HTTP/1.1 message.
    """

    direction: Direction
    data: bytes | Sign
    at_ns: int
    head: RequestHead | ResponseHead | None = None
    body: bytes | None = None
    ends_message: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """Where and when an effect begins.

    Attributes:
        number: The connection, from 0.
        at_ns: The time.
        dice: Where its random numbers come from; seeded.
        note: Takes a line for the log.
        answer: The head of the HTTP answer whose body is on its way just then, or None.
    """

    number: int
    at_ns: int
    dice: Random
    note: Callable[[str], None]
    answer: ResponseHead | None = None


class Effect:
    """What a fault does to one connection; as it stands here, nothing.

    Attributes:
        wake_ns: When the effect wants to be woken, or None.
        lingers: True while it is still needed after its fault was taken away: it has begun to rewrite a message.
    """

    wake_ns: int | None = None
    lingers: bool = False

    def take(self, piece: Piece) -> Iterable[Piece]:
        """Take what comes, and give what goes on, and when.

        Args:
            piece: What comes; its time is never before that of the piece before it in its direction.

        Returns:
            What goes on, in the order of each direction.
        """
        return (piece,)

    def wake(self, at_ns: int) -> Iterable[Piece]:
        """Do what the time asks for.

        Args:
            at_ns: The time, at or after ``wake_ns``.

        Returns:
            What goes on.
        """
        return ()

    def leave(self, at_ns: int) -> Iterable[Piece]:
        """End, because the fault was taken away.

        Args:
            at_ns: The time.

        Returns:
            What it still held, or what it leaves behind.
        """
        return ()

    def holds(self, direction: Direction) -> bool:
        """Tell whether nothing of a direction may be read or written for now."""
        return False


class Fault(ABC):
    """The settings of a fault.

    Attributes:
        reads_http: True if it needs to read HTTP/1.1, which TLS hides.
        refuses: True if it lets no new connection come.
    """

    __slots__ = ()
    reads_http: ClassVar[bool] = False
    refuses: ClassVar[bool] = False

    @abstractmethod
    def effect(self, start: Start) -> Effect:
        """Begin on one connection.

        Args:
            start: Where and when.

        Returns:
            The effect, new.
        """


def covers(side: Side, direction: Direction) -> bool:
    """Tell whether a direction belongs to a side."""
    return side in ("both", direction)


def require_side(side: str) -> None:
    """Refuse a side that does not exist."""
    if side not in get_args(Side):
        raise InputError(f'direction must be "up", "down" or "both", not {side!r}.')


def require_range(name: str, value: float, lowest: float, highest: float) -> None:
    """Refuse a setting that is out of its range; NaN is out of every range."""
    if not lowest <= value <= highest:
        raise InputError(f"{name} must be from {lowest:,} to {highest:,}, not {value!r}.")
