"""Runs that are kept with their day: shipped in data/tools, shown where a tool is not installed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rtlab import clock
from rtlab.errors import RtlabError
from rtlab.findings.tools import Support, ToolRun
from rtlab.json_file import load_json, save_json
from rtlab.resources import data_path

FORMAT = "rtlab tool runs 1"
_SUPPORT = "rtlab tool support 1"


def save_runs(runs: Sequence[ToolRun], conditions: dict[str, Any], path: str | os.PathLike[str]) -> Path:
    """Write runs to a file.

    Args:
        runs: The runs.
        conditions: The machine they ran on, as plain values.
        path: Where to.

    Raises:
        RecordingError: The file cannot be written.
    """
    content = {"date": clock.date_utc(), "conditions": conditions, "runs": [run.to_json() for run in runs]}
    return save_json(content, path, format=FORMAT, what="list of tool runs")


def load_runs(path: str | os.PathLike[str]) -> tuple[ToolRun, ...]:
    """Read runs that were kept; each says that it is dated.

    Raises:
        RecordingError: The file is missing, damaged, or of a later format.
    """

    def build(content: dict[str, Any]) -> tuple[ToolRun, ...]:
        return tuple(replace(ToolRun.from_json(run), dated=True) for run in content["runs"])

    return load_json(path, build, format=FORMAT, what="list of tool runs")


def shipped_runs() -> tuple[ToolRun, ...]:
    """Give the newest runs that came with rtlab; none if none came."""
    try:
        files = sorted(data_path("tools").glob("20*.json"))
    except RtlabError:
        return ()
    return load_runs(files[-1]) if files else ()


def shipped_support() -> tuple[Support, ...]:
    """Give what is known of each system that the article names.

    Raises:
        RecordingError: The file is damaged.
    """

    def build(content: dict[str, Any]) -> tuple[Support, ...]:
        return tuple(Support(**row) for row in content["systems"])

    return load_json(data_path("tools", "support.json"), build, format=_SUPPORT, what="support table")
