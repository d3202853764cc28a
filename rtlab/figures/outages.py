"""What each client design lost when its line was cut."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check


def figure_outages(outages: pd.DataFrame) -> go.Figure:
    """Draw for each client design how many messages arrived and how many were lost.

    Args:
        outages: An ``outages`` table.

    Returns:
        One bar a design, delivered and lost stacked, with the numbers in it.

    Raises:
        InputError: The table does not follow its rules.
    """
    outages = check(outages, "outages")
    parts = (("delivered", LOOKS["sse"].color), ("lost", WARNING))
    bars = [
        go.Bar(
            x=outages[name],
            y=outages["way"],
            orientation="h",
            name=name,
            text=[f"{count} {name}" if count else "" for count in outages[name]],
            textangle=0,
            insidetextfont={"color": "white"},
            textposition="inside",
            insidetextanchor="middle",
            marker={"color": color},
        )
        for name, color in parts
    ]
    told = "; ".join(f"{row.way}: {row.lost} of {row.sent} lost" for row in outages.itertuples())
    return DescribedFigure(
        bars,
        layout(
            "What a cut line cost",
            f"Messages delivered and lost when the line was cut. {told}.",
            height_px=160 + 50 * len(outages),
            barmode="stack",
            legend_traceorder="normal",
            xaxis=axis("messages", rangemode="tozero"),
            yaxis=axis("", autorange="reversed", ticksuffix=" "),
        ),
    )
