"""Trials of stacks on disk: one JSON file a day, and those that come with rtlab."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rtlab.errors import InputError
from rtlab.findings.adoption import StackTrial
from rtlab.json_file import load_json, save_json
from rtlab.resources import data_path

FORMAT = "rtlab-adoption-1"
_WHAT = "file of trials"


def save_trials(trials: Sequence[StackTrial], path: str | os.PathLike[str]) -> Path:
    """Write trials to a file; an older file of that name is replaced.

    Raises:
        RecordingError: The file cannot be written.
    """
    return save_json({"trials": [asdict(trial) for trial in trials]}, path, format=FORMAT, what=_WHAT)


def load_trials(path: str | os.PathLike[str]) -> tuple[StackTrial, ...]:
    """Read trials from a file.

    Raises:
        RecordingError: It is missing, damaged, or of a later format.
    """
    return load_json(path, _trials, format=FORMAT, what=_WHAT)


def shipped_trials() -> dict[str, StackTrial]:
    """Read the newest trial of each stack that comes with rtlab, by the stack's name."""
    try:
        paths = sorted(data_path("adoption").glob("*.json"))  # named by their dates
    except InputError:
        return {}
    return {trial.stack: trial for path in paths for trial in load_trials(path)}


def _trials(content: dict[str, Any]) -> tuple[StackTrial, ...]:
    return tuple(map(_trial, content["trials"]))


def _trial(row: dict[str, Any]) -> StackTrial:
    return StackTrial(**{field.name: _frozen(row[field.name]) for field in fields(StackTrial)})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
