"""How many claims of the article hold, category by category."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, WARNING, axis, layout
from rtlab.tables.schema import check

_LOOKS = {
    "holds": ("●", "#00805d"),
    "imprecise": ("◐", "#966a00"),
    "outdated": ("○", "#647489"),
    "wrong": ("✕", WARNING),
    "needs measuring": ("?", "#a8558a"),
}


def figure_verdicts(verdict_counts: pd.DataFrame) -> go.Figure:
    """Draw the counts of verdicts, one bar a category.

    Args:
        verdict_counts: A ``verdict_counts`` table.

    Returns:
        Bars in parts: each verdict has its colour, and its sign in the bar.

    Raises:
        InputError: The table does not follow its rules.
    """
    counts = check(verdict_counts, "verdict_counts")
    categories = list(dict.fromkeys(counts["category"]))[::-1]
    totals = counts.groupby("verdict")["claims"].sum()
    bars = []
    for verdict, (sign, color) in _LOOKS.items():
        rows = counts[counts["verdict"] == verdict]
        if rows.empty:
            continue
        bars.append(
            go.Bar(
                x=rows["claims"].tolist(),
                y=rows["category"].tolist(),
                orientation="h",
                name=f"{sign} {verdict}",
                marker={"color": color, "line": {"width": 1, "color": INK}},
                text=[f"{sign} {count}" for count in rows["claims"]],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                constraintext="none",
                textfont={"color": "#ffffff", "size": 13},
                hovertemplate=f"%{{y}}: %{{x}} {verdict}<extra></extra>",
            )
        )
    told = ", ".join(f"{totals[verdict]} {verdict}" for verdict in _LOOKS if verdict in totals)
    figure = DescribedFigure(
        bars,
        layout(
            f"The article's {totals.sum()} claims, judged",
            f"Of {totals.sum()} claims: {told}.",
            height_px=460,
            legend_rows=2,
            barmode="stack",
            xaxis=axis("claims"),
            yaxis=axis("", categoryorder="array", categoryarray=categories),
        ),
    )
    figure.layout.legend.traceorder = "normal"
    return figure
