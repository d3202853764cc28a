"""A walk over captured bytes that names what it passes; so no byte is left out and none is named twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rtlab.records import WireUnit

_SHOWN_CHARACTERS = 60


class Cursor:
    """The bytes of one direction, and how far they have been named.

    Args:
        data: All bytes of the direction.

    Attributes:
        data: The same.
        at: Where the first byte without a name is.
        units: The names so far; together they cover the bytes before ``at`` exactly.
    """

    __slots__ = ("at", "data", "units")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.units: list[WireUnit] = []

    @property
    def left(self) -> int:
        """How many bytes have no name yet."""
        return len(self.data) - self.at

    def peek(self, length_bytes: int) -> bytes:
        """Look at the next bytes, fewer where the data ends."""
        return self.data[self.at : self.at + length_bytes]

    def take(self, length_bytes: int, layer: str, unit: str, text: str, spec: str) -> bool:
        """Name the next bytes. Where fewer are left, those are named as unfinished; where none are, nothing.

        Args:
            length_bytes: How many, from 0.
            layer: See :class:`WireUnit`, and so for the others.
            unit: What they are.
            text: What they mean.
            spec: The clause.

        Returns:
            True if all were there.
        """
        found_bytes = min(length_bytes, self.left)
        if found_bytes:
            self.units.append(WireUnit(self.at, found_bytes, layer, unit, text, spec))
            self.at += found_bytes
            if found_bytes < length_bytes:
                self.mark_unfinished(f"only {found_bytes} of {counted(length_bytes)} are here.")
        return found_bytes == length_bytes

    def take_rest(self, layer: str, unit: str, text: str, spec: str) -> None:
        """Name all bytes that are left, if there are any."""
        self.take(self.left, layer, unit, text, spec)

    def mark_unfinished(self, why: str = "the bytes end here.") -> None:
        """Say of the last unit that the bytes end inside it."""
        last = self.units[-1]
        self.units[-1] = replace(last, unit=f"unfinished {last.unit}", text=f"{last.text} Unfinished: {why}")


def quoted(text: str) -> str:
    """Show received text in quotes: only its start if it is long, and nothing that a terminal would obey."""
    return repr(text) if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]!r}…"


def counted(size_bytes: int) -> str:
    """Write a size in words: ``1 byte``, ``2 bytes``."""
    return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"


def with_rules(text: str, rules: Iterable[str]) -> str:
    """Put the broken rules before a text.

    Args:
        text: What the bytes mean.
        rules: A sentence each, with its clause.
    """
    return " ".join([*(f"Broken rule: {rule}" for rule in rules), text]).rstrip()
