"""Dots with intervals, one row a thing that was measured, one colour a transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.overheads import ratio_axis
from rtlab.figures.theme import Look, axis, layout

_FAR = 5.0
"""So many times beyond the outermost dots the picture ends."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Three columns of a table: a middle and its interval.

    Attributes:
        middle: The column of the middle.
        low: The column of the lower end; missing values draw no interval.
        high: The column of the upper end.
    """

    middle: str
    low: str
    high: str


def dots(rows: pd.DataFrame, measure: Measure, look: Look, *, row: str) -> go.Scatter:
    """Draw one series.

    Args:
        rows: A part of a table.
        measure: What runs to the right.
        look: How it is drawn.
        row: The column that names the row of each dot.

    Returns:
        A marker for each row of the table, with an interval where there is one.
    """
    middles = rows[measure.middle]
    return go.Scatter(
        x=middles,
        y=rows[row],
        error_x={
            "type": "data",
            "array": (rows[measure.high] - middles).fillna(0),
            "arrayminus": (middles - rows[measure.low]).fillna(0),
            "thickness": 2,
            "color": look.color,
        },
        name=look.name,
        offsetgroup=look.name,
        orientation="h",
        mode="markers",
        marker={"symbol": look.marker, "color": look.color, "size": 11},
        hovertemplate="%{y}: %{x:,.3~s}",
    )


def figure_dots(
    series: list[go.Scatter], table: pd.DataFrame, measure: Measure, *, title: str, x_title: str, description: str
) -> go.Figure:
    """Put series together, on a scale of equal ratios.

    Args:
        series: As :func:`dots` gives them.
        table: All rows.
        measure: What runs to the right.
        title: What the figure shows.
        x_title: What runs to the right, with its unit in brackets.
        description: What it says, for those who cannot see it.

    Returns:
        The figure; the rows stand in the order in which they come.
    """
    places = [place for each in series for place in each.y]
    rows = set(places)
    return DescribedFigure(
        series,
        layout(
            title,
            description,
            height_px=190 + 44 * len(rows),
            # Two dots of one row stand one above the other; a dot alone stands on its line.
            scattermode="group" if len(rows) < len(places) else "overlay",
            xaxis=dots_axis(x_title, table, measure),
            yaxis=axis("", autorange="reversed", ticksuffix=" ", type="category"),
        ),
    )


def dots_axis(title: str, table: pd.DataFrame, measure: Measure) -> dict[str, Any]:
    """Give the axis of the dots, in equal ratios; an interval that is far wider than the dots leaves the picture.

    Args:
        title: What runs to the right, with its unit in brackets.
        table: All rows.
        measure: Their columns.
    """
    middles = table[measure.middle][table[measure.middle] > 0]
    if middles.empty:
        return ratio_axis(title, [1.0])
    least, most = middles.min() / _FAR, middles.max() * _FAR
    ends = [table[measure.low].clip(least, most), table[measure.high].clip(least, most)]
    return ratio_axis(title, pd.concat([middles, *ends]).dropna())
