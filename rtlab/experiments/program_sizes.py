"""How much has to be written for each reference program, counted by radon."""

from __future__ import annotations

from pathlib import Path

from radon.raw import analyze  # type: ignore[import-untyped]  # radon ships no types
from radon.visitors import ComplexityVisitor  # type: ignore[import-untyped]  # as above

from rtlab.findings.programs import ProgramSize

LEVELS = ("bare", "robust")
PARTS = ("server", "client")


def program_sizes(folder: Path, protocols: tuple[str, ...] = ("sse", "websocket")) -> tuple[ProgramSize, ...]:
    """Count the lines and the branches of each program.

    Args:
        folder: Where the programs lie, as ``protocol/level/part.py``.
        protocols: Which ones.

    Returns:
        One size for each protocol, level and part.
    """
    return tuple(
        _size(folder, protocol, level, part) for protocol in protocols for level in LEVELS for part in PARTS
    )


def _size(folder: Path, protocol: str, level: str, part: str) -> ProgramSize:
    source = (folder / protocol / level / f"{part}.py").read_text(encoding="utf-8")
    branches = ComplexityVisitor.from_code(source).total_complexity
    return ProgramSize(protocol, level, part, analyze(source).sloc, branches)
