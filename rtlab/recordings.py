"""Recordings on disk, one JSON file each."""

from __future__ import annotations

import os
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rtlab.json_file import load_json, save_json
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
    content: dict[str, Any] = {"workload": recording.workload, "conditions": recording.conditions}
    for name, kind in _ROWS.items():
        rows = [astuple(row) for row in getattr(recording, name)]
        content[name] = {"columns": [field.name for field in fields(kind)], "rows": rows}
    return save_json(content, path, format=FORMAT, what="recording")


def load_recording(path: str | os.PathLike[str]) -> Recording:
    """Read a recording from a file.

    Args:
        path: A file that ``save_recording`` wrote.

    Raises:
        RecordingError: It is missing, damaged, or of a later format.
    """
    return load_json(path, _recording, format=FORMAT, what="recording")


def _recording(content: dict[str, Any]) -> Recording:
    rows: dict[str, Any] = {
        name: tuple(kind(**dict(zip(content[name]["columns"], row, strict=True))) for row in content[name]["rows"])
        for name, kind in _ROWS.items()
    }
    return Recording(dict(content["workload"]), dict(content["conditions"]), **rows)
