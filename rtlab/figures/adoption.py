"""What each framework takes and how well it keeps the standard, in panels beside one another."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, axis, layout
from rtlab.tables.schema import check

_PANELS = {
    "lines": "lines",
    "dependencies": "packages",
    "installed_mb": "disk<br>(MB)",
    "start_ms": "start<br>(ms)",
    "failed": "vectors<br>failed",
}
_ROOM = 1.9
"""So much wider than its longest bar a panel is: the number stands behind the bar."""


def figure_adoption(adoption: pd.DataFrame) -> go.Figure:
    """Draw what each stack takes, one row a stack; each bar carries its number.

    Args:
        adoption: An ``adoption`` table.

    Returns:
        Five panels with the same rows, those measured at another time marked with their date.

    Raises:
        InputError: The table does not follow its rules.
    """
    adoption = check(adoption, "adoption")
    rows = adoption.to_dict("records")
    dates = {"" if row["here"] else f" ({row['measured']})" for row in rows}
    date = dates.pop() if len(dates) == 1 else ""  # one date for all stands in the title
    names = [row["title"] if row["here"] or date else f"{row['title']} ({row['measured']})" for row in rows]
    figure = make_subplots(
        figure=DescribedFigure(), rows=1, cols=len(_PANELS), horizontal_spacing=0.02, shared_yaxes=True
    )
    for column, (name, title) in enumerate(_PANELS.items(), start=1):
        values = adoption[name].astype("float64")
        longest = values.max()  # missing if all are
        figure.add_bar(
            x=values,
            y=names,
            orientation="h",
            text=[
                "–" if pd.isna(value) else f"{value:,.3g}" if value < 100 else f"{value:,.0f}" for value in values
            ],
            textposition="outside",
            cliponaxis=False,
            marker={"color": LOOKS["sse" if name == "lines" else "websocket"].color},
            showlegend=False,
            hovertemplate="%{y}: %{x:,.3~s}<extra></extra>",
            row=1,
            col=column,
        )
        figure.update_xaxes(
            axis(title, range=[0, _ROOM * (longest if longest > 0 else 1)], showticklabels=False), row=1, col=column
        )
    figure.update_yaxes(axis("", categoryorder="array", categoryarray=names[::-1], ticksuffix=" "))
    described = "; ".join(map(_in_words, names, rows))
    figure.update_layout(
        layout(f"What a framework takes{date}", f"{described}.", height_px=150 + 30 * len(rows), bargap=0.35)
    )
    return figure


def _in_words(name: str, row: dict[Any, Any]) -> str:
    failed = "no WebSocket" if pd.isna(row["failed"]) else f"{row['failed']} vectors failed"
    packages = "unknown" if pd.isna(row["dependencies"]) else row["dependencies"]
    return (
        f"{name}: {row['lines']} lines, packages: {packages}, {row['installed_mb']:.3g} MB, "
        f"start in {row['start_ms']:.0f} ms, {failed}"
    )
