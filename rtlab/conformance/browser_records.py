"""What browsers did when they were last watched: dated records that come with rtlab.

A notebook's kernel drives no browser. A test of the project does, and fails when a browser parts from its record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtlab.resources import data_path


@dataclass(frozen=True, slots=True)
class BrowserRecord:
    """One browser's record.

    Attributes:
        browser: Such as ``"Chromium"``.
        version: Its full version.
        date: When it was watched, as ``YYYY-MM-DD``.
        cells: What it did, one mapping a situation and protocol.
    """

    browser: str
    version: str
    date: str
    cells: tuple[Mapping[str, Any], ...]

    @property
    def source(self) -> str:
        """Where its rows come from, for people."""
        return f"{self.browser} {self.version.partition('.')[0]}, recorded on {self.date}"


def status_records() -> tuple[BrowserRecord, ...]:
    """Give what browsers did on each status and on broken lines.

    Returns:
        One record a browser.
    """
    files = sorted(data_path("browsers").glob("status-*.json"))
    loaded = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return tuple(BrowserRecord(**{**record, "cells": tuple(record["cells"])}) for record in loaded)
