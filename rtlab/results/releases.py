"""``adoption.releases()``: when what offers both was released, and under which licence."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.releases import figure_releases
from rtlab.resources import data_path
from rtlab.results.direction import Finding
from rtlab.stacks.stack import shipped_stack, stack_names
from rtlab.tables.releases import releases_table


class Releases(Finding):
    """Versions with their dates and licences.

    Args:
        rows: One mapping a version, with the columns of the table as keys.
    """

    def __init__(self, rows: Sequence[dict[str, object]]) -> None:
        self._rows = tuple(rows)

    @property
    def table(self) -> pd.DataFrame:
        """One row a version, the oldest first (``describe("releases")``)."""
        return releases_table(self._rows)

    @property
    def text(self) -> str:
        """The oldest and the licences, in two sentences."""
        tried = self.table[self.table["tried"]]
        oldest = tried.iloc[0]
        counts = tried["licence"].value_counts()
        licences = ", ".join(f"{name} {count}" for name, count in counts.items())
        return (
            f"The oldest of the {len(tried)} stacks is {oldest['title']} {oldest['version']} of "
            f"{oldest['released']}. Their licences: {licences}."
        )

    def figure(self) -> go.Figure:
        """Draw the versions on a time line, beside the month of the article."""
        return figure_releases(self.table)


def releases() -> Releases:
    """Show when each stack's framework was released and under which licence, and how Akka HTTP became Pekko HTTP.

    Returns:
        The versions that the stacks use, and three more that explain the oldest of them.
    """
    stacks = [shipped_stack(name) for name in stack_names()]
    used = [
        {name: getattr(stack, name) for name in ("title", "version", "licence", "released")}
        | {"tried": True, "note": ""}
        for stack in stacks
    ]
    history = json.loads(data_path("reference_stacks", "history.json").read_text(encoding="utf-8"))
    return Releases(used + [row | {"tried": False} for row in history])
