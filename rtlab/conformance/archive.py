"""Runs of the league on disk: one JSON file a run, and the one that comes with rtlab."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rtlab.conformance.run import Entrant, Judgement, LeagueRun
from rtlab.errors import RecordingError, RtlabError
from rtlab.json_file import load_json
from rtlab.resources import data_path

FORMAT = "rtlab-league-1"


def save_league(run: LeagueRun, path: str | os.PathLike[str]) -> Path:
    """Write a run to a file; an older file of that name is replaced.

    Args:
        run: What the league found.
        path: Where to; its folder must exist.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written.
    """
    target = Path(path)
    head = {"format": FORMAT, "python": run.python}
    tables = {"entrants": _table(Entrant, run.entrants), "judgements": _table(Judgement, run.judgements)}
    # One row a line, so that two runs can be compared with any tool that compares lines.
    parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    for name, (columns, rows) in tables.items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f'"{name}": {{"columns": {json.dumps(columns)}, "rows": [\n{lines}\n]}}')
    text = "{" + ",\n".join(parts) + "}\n"
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise RecordingError(f"The league cannot be saved to {target}: {error}.") from error
    return target


def load_league(path: str | os.PathLike[str]) -> LeagueRun:
    """Read a run from a file.

    Args:
        path: A file that ``save_league`` wrote.

    Raises:
        RecordingError: It is missing, damaged, or of a later format.
    """
    return load_json(path, _league, format=FORMAT, what="league")


def _league(content: dict[str, Any]) -> LeagueRun:
    entrants = tuple(Entrant(**row) for row in _rows(content["entrants"]))
    judgements = tuple(Judgement(**row) for row in _rows(content["judgements"]))
    return LeagueRun(str(content["python"]), entrants, judgements)


def shipped_league() -> LeagueRun:
    """Read the newest run that comes with rtlab; it was made with every peer installed.

    Raises:
        RtlabError: It is missing.
    """
    runs = sorted(data_path("league").glob("*.json"))  # named by their dates
    if not runs:
        raise RtlabError("The runs of the league that come with rtlab are missing; install rtlab again.")
    return load_league(runs[-1])


def _table(kind: type, rows: Iterable[Any]) -> tuple[list[str], list[tuple[object, ...]]]:
    return [field.name for field in fields(kind)], [astuple(row) for row in rows]


def _rows(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
