"""The faults of one connection, one after the other, as they are switched on and off.

::

    what an end has read ─► effects that read HTTP ─► effects of TCP ─► pieces with the times when they are due

Among those that read HTTP, and among the others, the order is that of the faults. Like its effects, a chain knows
no socket, loop or clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random

from rtlab.network.faults.fault import Effect, Fault, Piece, Sign, Start
from rtlab.network.http_reader import HttpReader
from rtlab.records import Direction


class Chain:
    """The faults of one connection.

    Args:
        number: The connection, from 0.
        seed: Chooses the random numbers; each connection and each place in the chain has its own.
        note: Takes a line for the log.
    """

    def __init__(self, number: int, seed: int, note: Callable[[str], None]) -> None:
        self._number = number
        self._seed = seed
        self._note = note
        self._reader = HttpReader()
        self._links: list[tuple[Fault | None, Effect]] = []
        """Each effect with its fault; without one when the fault is gone and the effect lingers."""
        self._over: dict[Direction, Sign] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults of this moment."""
        return tuple(fault for fault, _ in self._links if fault)

    @property
    def wake_ns(self) -> int | None:
        """When the next effect wants to be woken, or None."""
        return min((effect.wake_ns for _, effect in self._links if effect.wake_ns is not None), default=None)

    def holds(self, direction: Direction) -> bool:
        """Tell whether nothing of a direction may be read or written for now."""
        return any(effect.holds(direction) for _, effect in self._links)

    def apply(self, faults: Sequence[Fault], at_ns: int) -> list[Piece]:
        """Replace the faults; one that was there before goes on with what it has counted.

        Args:
            faults: The new ones, in order.
            at_ns: The time.

        Returns:
            What the removed ones still held.
        """
        ordered = sorted(faults, key=lambda fault: not fault.reads_http)
        gone = list(self._links)
        links: list[tuple[Fault | None, Effect]] = []
        for place, fault in enumerate(ordered):
            link = next((link for link in gone if link[0] == fault), None)
            if link:
                gone.remove(link)
            links.append(link or (fault, self._begun(fault, place, at_ns)))
        released: list[Piece] = []
        for index, link in enumerate(self._links):
            if link in gone:
                released += self._run(link[1].leave(at_ns), index + 1)
        self._links = [(None, effect) for _, effect in gone if effect.lingers] + links
        self._reader.wants_heads = any(fault.reads_http for fault in ordered) or len(self._links) > len(links)
        if not self._reader.wants_heads:
            released += self._run(self._reader.release(at_ns), 0)
        return released

    def lets_pass(self, direction: Direction, data: bytes) -> bool:
        """Take bytes if they go on at once and as they are: there is no fault.

        Args:
            direction: Which way they go.
            data: The bytes.

        Returns:
            True if it took them; else ``feed`` them.
        """
        if self._links or self._over:
            return False
        if not self._reader.is_opaque:
            self._reader.read(Piece(direction, data, 0))
        return True

    def feed(self, piece: Piece) -> list[Piece]:
        """Take what an end has read.

        Args:
            piece: What came, with its time.

        Returns:
            What goes on, and when; in order for each direction.
        """
        return self._run(self._reader.read(piece), 0)

    def wake(self, at_ns: int) -> list[Piece]:
        """Wake each effect whose time has come.

        Args:
            at_ns: The time.

        Returns:
            What goes on.
        """
        passed: list[Piece] = []
        for index, (_, effect) in enumerate(self._links):
            if effect.wake_ns is not None and effect.wake_ns <= at_ns:
                passed += self._run(effect.wake(at_ns), index + 1)
        return passed

    def _begun(self, fault: Fault, place: int, at_ns: int) -> Effect:
        def note(what: str) -> None:
            self._note(f"{type(fault).__name__}: {what}")

        dice = Random(f"{self._seed} {self._number} {place}")
        return fault.effect(Start(self._number, at_ns, dice, note, self._reader.answer))

    def _run(self, pieces: Iterable[Piece], start: int) -> list[Piece]:
        for fault, effect in self._links[start:]:
            pieces = [
                passed
                for piece in pieces
                for passed in (effect.take(piece) if fault or effect.lingers else (piece,))
            ]
        return [piece for piece in pieces if self._goes(piece)]

    def _goes(self, piece: Piece) -> bool:
        """Tell whether a piece still has a connection to go on; note the end of a direction."""
        over = self._over.get(piece.direction)
        # Late, a reset would cost the client what it has not read.
        is_late = len(self._over) == 2 and piece.direction == "down"
        if over and (piece.data is not Sign.RESET or over is Sign.RESET or is_late):
            return False
        if isinstance(piece.data, Sign):
            self._over[piece.direction] = piece.data
        return True
