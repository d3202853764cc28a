"""A sweep as a file of JSON lines: first the settings, then each run as soon as it is over.

A line is written at once and reaches the disk before the next run begins. If the machine stops in the middle of a
line, that run is made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rtlab.errors import InputError, RecordingError
from rtlab.findings.sweep import SweepRun

FORMAT = "rtlab-sweep-1"
_BEGINNING = b'{"format": "rtlab-sweep-1"'


class SweepFile:
    """Keeps the runs of a sweep; begins the file, or goes on with it.

    Args:
        path: Where it is, or shall be; its folder must exist.
        settings: What the sweep does, in forms that JSON has.

    Attributes:
        path: Where it is.
        runs: What is in it.

    Raises:
        InputError: The file is from a sweep with other settings.
        RecordingError: It cannot be read or written, is damaged, or no sweep.
    """

    def __init__(self, path: str | os.PathLike[str], settings: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.runs: list[SweepRun] = []
        wanted = json.loads(json.dumps(settings))
        lines, torn = _lines(self.path) if self.path.exists() else (b"", b"")
        if not lines and _BEGINNING.startswith(torn[: len(_BEGINNING)]):
            self._write({"format": FORMAT, "settings": wanted}, afresh=True)
            return
        kept, self.runs = _parse(self.path, lines)
        differing = [name for name in wanted.keys() | kept.keys() if wanted.get(name) != kept.get(name)]
        if differing:
            name = min(differing)
            raise InputError(
                f"{self.path} is from a sweep with other settings ({name} was {kept.get(name)!r} and is now "
                f"{wanted.get(name)!r}); give another file, or the settings of before."
            )
        self._cut(len(lines))

    def append(self, run: SweepRun) -> None:
        """Add a run; it is on the disk when this returns.

        Args:
            run: A run that is over.

        Raises:
            RecordingError: The file cannot be written.
        """
        self._write(run.to_json())
        self.runs.append(run)

    def _write(self, content: dict[str, Any], *, afresh: bool = False) -> None:
        try:
            line = json.dumps(content, allow_nan=False).encode() + b"\n"
            with open(self.path, "wb" if afresh else "ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, ValueError) as error:
            raise RecordingError(f"The sweep cannot be kept in {self.path}: {error}.") from error

    def _cut(self, size_bytes: int) -> None:
        """Remove a line that was never finished."""
        try:
            os.truncate(self.path, size_bytes)
        except OSError as error:
            raise RecordingError(f"The sweep cannot be kept in {self.path}: {error}.") from error


def read_sweep(path: str | os.PathLike[str]) -> tuple[dict[str, Any], list[SweepRun]]:
    """Read a sweep that may not be over.

    Args:
        path: A file that a sweep wrote.

    Returns:
        Its settings, and the runs in the order in which they were made.

    Raises:
        RecordingError: The file is missing, damaged, or no sweep.
    """
    return _parse(Path(path), _lines(Path(path))[0])


def _lines(path: Path) -> tuple[bytes, bytes]:
    """Give the lines that are whole, and what there is of one more."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"{path} cannot be read as a sweep: {error}.") from error
    whole, end, torn = content.rpartition(b"\n")
    return whole + end, torn


def _parse(path: Path, lines: bytes) -> tuple[dict[str, Any], list[SweepRun]]:
    try:
        rows = [json.loads(line) for line in lines.splitlines()]
        if not rows or rows[0]["format"] != FORMAT:
            raise ValueError(f"its first line does not say {FORMAT!r}")
        return dict(rows[0]["settings"]), [SweepRun.from_json(row) for row in rows[1:]]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise RecordingError(f"{path} is damaged or no sweep: {error!r}.") from error
