"""What was done in each cell of a notebook and what came of it, as one compressed JSON file a notebook.

A cell is known by its text, whatever the notebook is called, so any cell may be run again or alone. In a cell an
operation is known by what was asked, such as ``start_lab().publish('Hello')``; asked again, the next outcome comes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rtlab.errors import InputError, RecordingError
from rtlab.resources import data_path

FORMAT = "rtlab-replay-1"
SUFFIX = ".json.gz"
Outcome = Mapping[str, Any]
"""``gives`` or ``raises``, a value as JSON; and ``shows``, what was displayed meanwhile."""


@dataclass(frozen=True, slots=True)
class Tape:
    """The recording of one notebook.

    Attributes:
        notebook: The notebook's name, without its ending.
        conditions: Machine, versions and date.
        cells: The outcomes by digest of the cell and by what was asked, in order.
    """

    notebook: str
    conditions: Mapping[str, Any]
    cells: dict[str, dict[str, list[Outcome]]] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """One sentence that tells everybody that this was not measured now."""
        system = str(self.conditions.get("platform", "")).split(" ")[0]
        cores = self.conditions.get("cores", 0)
        date = str(self.conditions.get("date_utc", ""))[:10]
        return f"Replayed, not measured here: recorded {date} on {system}, {cores} core{'s' * (cores != 1)}."

    def missing(self, sources: Iterable[str]) -> list[str]:
        """Give the cells that are not in this recording, for they were changed or are new."""
        return [source for source in sources if digest(source) not in self.cells]

    def save(self, path: Path) -> Path:
        """Write it; the same content gives the same bytes.

        Raises:
            RecordingError: The file cannot be written.
        """
        parts = {"notebook": self.notebook, "conditions": dict(self.conditions), "cells": self.cells}
        text = json.dumps({"format": FORMAT, **parts}, allow_nan=False, separators=(",", ":"))
        try:
            path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        except OSError as error:
            raise RecordingError(f"The recording cannot be written to {path}: {error}.") from error
        return path

    @classmethod
    def load(cls, path: Path) -> Tape:
        """Read a recording.

        Raises:
            RecordingError: It is missing, damaged, or of a later format.
        """
        try:
            content = json.loads(gzip.decompress(path.read_bytes()))
            if content["format"] != FORMAT:
                raise RecordingError(f"{path.name} is of another format; this version of rtlab reads {FORMAT!r}.")
            return cls(content["notebook"], content["conditions"], content["cells"])
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"{path.name} cannot be read as a recording: {error!r}.") from error


def digest(source: str) -> str:
    """Give a cell's digest: spaces at the ends of lines do not count, and nor do empty lines around it."""
    lines = (line.rstrip() for line in source.strip().splitlines())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def shipped() -> Iterator[Tape]:
    """Read the recordings of the course, one after the other.

    Raises:
        RecordingError: There are none, or one is damaged.
    """
    try:
        paths = sorted(data_path("replays").glob(f"*{SUFFIX}"))
    except InputError as error:
        raise RecordingError("rtlab has no recordings here; install it again, or unset RTLAB_REPLAY.") from error
    yield from map(Tape.load, paths)
