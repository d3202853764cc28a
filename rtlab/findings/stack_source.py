"""The text of one part of a stack, as a learner reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StackSource:
    """The program text of a stack's server or client.

    Attributes:
        title: The stack's name for people.
        part: ``"server"`` or ``"client"``.
        text: All of its files, one after the other.
        lines: Lines that say something.
        resume_lines: How many of them are there for resume alone.
    """

    title: str
    part: str
    text: str
    lines: int
    resume_lines: int
