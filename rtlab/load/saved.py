"""What a swarm found, as a JSON file."""

from __future__ import annotations

import os
from pathlib import Path

from rtlab.findings.load import LoadReport
from rtlab.json_file import load_json, save_json

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
    return save_json(report.to_json(), path, format=FORMAT, what="swarm")


def load_report(path: str | os.PathLike[str]) -> LoadReport:
    """Read a report from a file.

    Args:
        path: A file that ``save_report`` wrote.

    Raises:
        RecordingError: It is missing, damaged, or of a later format.
    """
    return load_json(path, LoadReport.from_json, format=FORMAT, what="swarm")
