"""What weights make of the categories: how far each one pulls, and to which side."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, axis, layout
from rtlab.tables.schema import check

_SOURCES = {"yours": "", "reference": "/", "none": ""}
_NEUTRAL_WIDTH = 0.02


def figure_scorecard(scorecard: pd.DataFrame) -> go.Figure:
    """Draw how far each category pulls, with its weight.

    Args:
        scorecard: A ``scorecard`` table.

    Returns:
        One bar a category: to the left towards SSE, to the right towards WebSocket; hatched where only reference
        results stand behind it. A line marks where the bar would end with weight 1.

    Raises:
        InputError: The table does not follow its rules.
    """
    rows = check(scorecard, "scorecard").iloc[::-1].to_dict("records")
    names = [f"{row['category']}{' (mixed)' if row['mixed'] else ''}" for row in rows]
    pulls = [0.0 if pd.isna(row["pull"]) else float(row["pull"]) for row in rows]
    leans = [None if pd.isna(row["lean"]) else float(row["lean"]) for row in rows]
    sides = [LOOKS["sse" if pull < 0 else "websocket"] for pull in pulls]
    bars = go.Bar(
        x=pulls,
        y=names,
        orientation="h",
        name="lean times weight",
        marker={
            "color": [look.color for look in sides],
            "pattern": {"shape": [_SOURCES[row["source"]] for row in rows], "solidity": 0.4},
        },
        customdata=[
            [row["weight"], row["measures"], "nothing measured" if row["source"] == "none" else row["source"]]
            for row in rows
        ],
        hovertemplate="%{y}: %{x:.2f}, weight %{customdata[0]:g}, %{customdata[1]} measures, %{customdata[2]}"
        "<extra></extra>",
        showlegend=False,
    )
    unweighted = go.Scatter(
        x=leans,
        y=names,
        mode="markers",
        name="lean alone (weight 1)",
        marker={"color": INK, "symbol": "line-ns-open", "size": 18, "line": {"width": 2}},
        hovertemplate="%{y}: lean %{x:.2f}<extra></extra>",
    )
    hatched = go.Bar(
        x=[None],
        y=[None],
        name="reference results only",
        marker={"color": INK, "pattern": {"shape": _SOURCES["reference"], "solidity": 0.4}},
        visible=any(row["source"] == "reference" for row in rows),
    )
    reach = max([1.0, *map(abs, pulls)]) * 1.1
    told = "; ".join(
        f"{row['category']}: nothing measured"
        if row["source"] == "none"
        else f"{row['category']}: {_side(pull)} {abs(pull):.2f} at weight {row['weight']:g}"
        for row, pull in reversed([*zip(rows, pulls, strict=True)])
    )
    return DescribedFigure(
        [bars, unweighted, hatched],
        layout(
            "What pulls where, with your weights",
            f"How far each category pulls. {told}.",
            height_px=460,
            xaxis=axis(
                "◀ towards SSE          towards WebSocket ▶",
                range=[-reach, reach],
                zeroline=True,
                zerolinecolor=INK,
            ),
            yaxis=axis(""),
        ),
    )


def _side(pull: float) -> str:
    return "neither side" if abs(pull) < _NEUTRAL_WIDTH else "SSE" if pull < 0 else "WebSocket"
