"""What experiments on the simplicity of programs found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgramSize:
    """How much has to be written for one part of a program.

    Attributes:
        protocol: ``"sse"`` or ``"websocket"``.
        level: ``"bare"`` or ``"robust"``.
        part: ``"server"`` or ``"client"``.
        lines: Lines of code, without empty ones and comments.
        branches: Independent paths through the code (McCabe's cyclomatic complexity of the whole file).
    """

    protocol: str
    level: str
    part: str
    lines: int
    branches: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What one fault did to one pair of programs.

    Attributes:
        protocol: ``"sse"`` or ``"websocket"``.
        level: ``"bare"`` or ``"robust"``.
        fault: What went wrong.
        outcome: ``"survived"``, ``"survived with loss"``, ``"stuck"`` (nothing comes any more) or ``"died"`` (a
            process ended); for a wrong token ``"refused"`` or ``"let in"``; for slow readers also
            ``"memory grows"``.
        passed: True if that is what one wants.
        expected: Events from the first that arrived to the last that was due.
        lost: How many of them never arrived.
        doubled: Arrivals of an event that was there already.
        note: What else was seen, in a few words; may be empty.
    """

    protocol: str
    level: str
    fault: str
    outcome: str
    passed: bool
    expected: int
    lost: int
    doubled: int
    note: str
