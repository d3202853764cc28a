"""Recordings on disk: one JSON file that anybody can read, with a format name that later versions can tell."""

from __future__ import annotations

import json
import os
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rtlab.errors import RecordingError
from rtlab.records import Connection, Delivery, Recording, Run

FORMAT = "rtlab-recording-1"
_ROWS: dict[str, type[Run] | type[Delivery] | type[Connection]] = {
    "runs": Run,
    "deliveries": Delivery,
    "connections": Connection,
}


def save_recording(recording: Recording, path: str | os.PathLike[str]) -> Path:
    """Write a recording to a file; an older file of that name is replaced only when the new one is complete.

    Args:
        recording: What an experiment saw.
        path: Where to; its folder must exist.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written, or a value has no form in JSON.
    """
    target = Path(path)
    content: dict[str, Any] = {
        "format": FORMAT,
        "workload": recording.workload,
        "conditions": recording.conditions,
    }
    for name, kind in _ROWS.items():
        rows = [astuple(row) for row in getattr(recording, name)]
        content[name] = {"columns": [field.name for field in fields(kind)], "rows": rows}
    try:
        text = json.dumps(content, allow_nan=False)
        unfinished = target.with_name(target.name + ".part")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, ValueError, TypeError) as error:
        raise RecordingError(f"The recording cannot be saved to {target}: {error}.") from error
    return target


def load_recording(path: str | os.PathLike[str]) -> Recording:
    """Read a recording from a file.

    Args:
        path: A file that ``save_recording`` wrote.

    Raises:
        RecordingError: It is missing, damaged, or of a later format.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"{path} cannot be read as a recording: {error}.") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise RecordingError(f"{path} has the format {found!r}; this version of rtlab reads {FORMAT!r}.")
    try:
        rows: dict[str, Any] = {
            name: tuple(
                kind(**dict(zip(content[name]["columns"], row, strict=True))) for row in content[name]["rows"]
            )
            for name, kind in _ROWS.items()
        }
        return Recording(dict(content["workload"]), dict(content["conditions"]), **rows)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordingError(f"{path} is damaged: {error!r}.") from error
