"""At which weight of a category the balance would be on which side, all other weights as they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, axis, layout
from rtlab.tables.schema import check


def figure_tipping(scorecard: pd.DataFrame, most: float) -> go.Figure:
    """Draw what one changed weight would do.

    Args:
        scorecard: A ``scorecard`` table.
        most: The largest weight.

    Returns:
        One band a category over all its weights: the colour and the hatching tell to which side the sum of all
        pulls would lean, and a diamond marks the weight that is set. Where the band changes, the balance tips.

    Raises:
        InputError: The table does not follow its rules.
    """
    rows = check(scorecard, "scorecard").iloc[::-1].to_dict("records")
    total = sum(float(row["pull"]) for row in rows if not pd.isna(row["pull"]))
    bands = {row["category"]: _bands(row, total, most) for row in rows}
    traces: list[Any] = []
    for side, shape in (("sse", ""), ("websocket", "/")):
        parts = [(name, start, end) for name, found in bands.items() for start, end, to in found if to == side]
        traces.append(
            go.Bar(
                y=[name for name, _, _ in parts] or None,
                base=[start for _, start, _ in parts] or None,
                x=[end - start for _, start, end in parts] or None,
                orientation="h",
                name=f"all together lean to {LOOKS[side].name}",
                marker={"color": LOOKS[side].color, "pattern": {"shape": shape, "solidity": 0.4}},
                customdata=[(start, end) for _, start, end in parts] or None,
                hovertemplate="%{y}: weight %{customdata[0]:.1f} to %{customdata[1]:.1f}<extra></extra>",
            )
        )
    traces.append(
        go.Scatter(
            x=[row["weight"] for row in rows],
            y=[row["category"] for row in rows],
            mode="markers",
            name="your weight",
            marker={"symbol": "diamond", "size": 13, "color": INK, "line": {"width": 2, "color": "#ffffff"}},
            hovertemplate="%{y}: your weight %{x:g}<extra></extra>",
        )
    )
    told = "; ".join(_told(name, found) for name, found in reversed(bands.items()))
    return DescribedFigure(
        traces,
        layout(
            "What one changed weight would do",
            f"Each band leaves all other weights as they are. {told}.",
            height_px=460,
            barmode="overlay",
            bargap=0.45,
            xaxis=axis("weight of this category", range=[-0.2, most + 0.2]),
            yaxis=axis("", categoryorder="array", categoryarray=[row["category"] for row in rows]),
        ),
    )


def _bands(row: dict[Any, Any], total: float, most: float) -> list[tuple[float, float, str]]:
    """Give the stretches of one category's weight, each with the side that the sum leans to."""
    lean = 0.0 if pd.isna(row["lean"]) else float(row["lean"])
    rest = total - lean * float(row["weight"])
    tip = -rest / lean if lean else 0.0
    places = [0.0, tip, most] if 0 < tip < most else [0.0, most]
    middles = [(start, end, rest + lean * (start + end) / 2) for start, end in pairwise(places)]
    return [(start, end, "sse" if value < 0 else "websocket") for start, end, value in middles if value]


def _told(name: str, found: list[tuple[float, float, str]]) -> str:
    if len(found) == 2:
        (_, tip, before), (_, _, after) = found
        return f"{name}: below {tip:.1f} {LOOKS[before].name}, above {LOOKS[after].name}"
    return f"{name}: {LOOKS[found[0][2]].name} with any weight" if found else f"{name}: balanced with any weight"
