"""What a swarm found as a JSON file, with a format name that later versions can tell."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from rtlab.errors import RecordingError
from rtlab.findings.load import LoadReport

FORMAT = "rtlab-load-1"


def save_report(report: LoadReport, path: str | os.PathLike[str]) -> Path:
    """Write a report; an older file of that name is replaced only when the new one is complete.

    Args:
        report: What the workers found.
        path: Where to; its folder must exist.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written.
    """
    target = Path(path)
    unfinished = target.with_name(target.name + ".part")
    try:
        text = json.dumps({"format": FORMAT, **report.to_json()}, allow_nan=False)
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise RecordingError(f"The swarm cannot be saved to {target}: {error}.") from error
    return target


def load_report(path: str | os.PathLike[str]) -> LoadReport:
    """Read a report from a file.

    Args:
        path: A file that ``save_report`` wrote.

    Raises:
        RecordingError: It is missing, damaged, or of a later format.
    """
    try:
        content: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"{path} cannot be read as a swarm: {error}.") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise RecordingError(f"{path} has the format {found!r}; this version of rtlab reads {FORMAT!r}.")
    try:
        return LoadReport.from_json(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path} is damaged: {error!r}.") from error
