"""One measurement as a report tells it: what was asked, what came out, and whether it may be believed.

A chapter is what is left of a result when its Python objects are gone: text, tables and figures. So it can be saved
as JSON, and a report made from a file looks like one made at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.results.comparison import Comparison
from rtlab.results.direction import Finding

_SETTINGS = ("route", "pinned", "drawn", "polling_interval_s", "precision", "stopped")
Tables = tuple[tuple[str, pd.DataFrame], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """One measurement of a report.

    Attributes:
        name: Its short name, such as ``"latency"``.
        question: What was asked.
        method: How it was measured, in plain words.
        limits: What it cannot say.
        text: What came out, one sentence a line; empty if it failed.
        tables: Captions and tables.
        figures: Figures that describe themselves in ``layout.meta["description"]``.
        validity: A ``validity`` table, or None if the measurement has none.
        error: Why it failed; empty if it did not.
        date_utc: When it began.
        seconds: How long it took.
    """

    name: str
    question: str
    method: str = ""
    limits: str = ""
    text: str = ""
    tables: Tables = ()
    figures: tuple[go.Figure, ...] = ()
    validity: pd.DataFrame | None = None
    error: str = ""
    date_utc: str = ""
    seconds: float = 0.0

    @property
    def failed_checks(self) -> list[str]:
        """The validity checks that did not pass."""
        if self.validity is None:
            return []
        return [str(name) for name in self.validity.loc[~self.validity["passed"].astype(bool), "check"]]

    @property
    def state(self) -> str:
        """How it went, in a few words."""
        if self.error:
            return "failed"
        return "measured, handle with care" if self.failed_checks else "measured"


def shown(result: Finding | Comparison) -> dict[str, Any]:
    """Take from a result what a chapter keeps.

    Args:
        result: A comparison, or a finding; one that has a ``figure()`` or a ``validity`` gives it, too.
    """
    if isinstance(result, Comparison):
        settings = {**result.recording.workload, **result.conditions}
        named = [
            (name, str(settings[name])) for name in (*result.recording.workload, *_SETTINGS) if name in settings
        ]
        return {
            "text": "\n".join(result.statements),
            "tables": (
                ("Latency by transport, with 95 % intervals of the medians", result.summary),
                ("Workload and settings", pd.DataFrame(named, columns=["setting", "value"])),
            ),
            "figures": tuple(result.figure(kind) for kind in ("summary", "latency", "bytes")),
            "validity": result.validity,
        }
    return {
        "text": result.text,
        "tables": (("The numbers", result.table),),
        "figures": (result.figure(),) if hasattr(result, "figure") else (),
        "validity": getattr(result, "validity", None),
    }


def chapter_to_json(chapter: Chapter) -> dict[str, Any]:
    """Give a chapter as plain values."""
    return {
        "name": chapter.name,
        "question": chapter.question,
        "method": chapter.method,
        "limits": chapter.limits,
        "text": chapter.text,
        "tables": [{"caption": caption, **_frame_to_json(frame)} for caption, frame in chapter.tables],
        "figures": [plain(figure.to_plotly_json()) for figure in chapter.figures],
        "validity": None if chapter.validity is None else _frame_to_json(chapter.validity),
        "error": chapter.error,
        "date_utc": chapter.date_utc,
        "seconds": chapter.seconds,
    }


def chapter_from_json(values: Mapping[str, Any]) -> Chapter:
    """Make a chapter from plain values.

    Raises:
        KeyError, TypeError, ValueError: The values are damaged.
    """
    saved = dict(values)
    saved["tables"] = tuple((str(table["caption"]), _frame_from_json(table)) for table in saved["tables"])
    saved["figures"] = tuple(go.Figure(figure) for figure in saved["figures"])
    saved["validity"] = None if saved["validity"] is None else _frame_from_json(saved["validity"])
    return Chapter(**saved)


def plain(value: Any) -> Any:
    """Turn arrays into lists, and numbers that JSON does not know into None."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _frame_to_json(frame: pd.DataFrame) -> dict[str, Any]:
    columns = {str(name): plain(frame[name].astype("object").to_numpy()) for name in frame}
    return {"columns": list(columns), "rows": [list(row) for row in zip(*columns.values(), strict=True)]}


def _frame_from_json(values: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in values["rows"]], columns=list(values["columns"]))
