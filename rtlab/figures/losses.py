"""What each pair of a server and a client design lost while the line was cut again and again."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INK, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_PARTS = {"delivered": LOOKS["sse"].color, "lost": WARNING, "doubled": DIRECTIONS["up"].color}


def figure_losses(losses: pd.DataFrame) -> go.Figure:
    """Draw for each server and client design how many messages were delivered, lost and doubled.

    Args:
        losses: A ``losses`` table; of several seeds the medians are drawn.

    Returns:
        One bar a pair, grouped by server, its parts stacked: delivered and lost make up what was sent.

    Raises:
        InputError: The table does not follow its rules.
    """
    losses = check(losses, "losses")
    medians = losses.groupby(["server", "client"], sort=False)[["sent", *_PARTS]].median().reset_index()
    bars = [
        go.Bar(
            x=medians[part],
            y=[medians["server"], medians["client"]],
            orientation="h",
            name=part,
            text=[f"{count:,.0f}" if count else "" for count in medians[part]],
            textangle=0,
            insidetextfont={"color": "white"},
            outsidetextfont={"color": INK},
            textposition="auto",
            insidetextanchor="middle",
            marker={"color": color},
            hovertemplate="%{y}<br>%{x:,} " + part + "<extra></extra>",
        )
        for part, color in _PARTS.items()
    ]
    told = "; ".join(
        f"{row.server}, {row.client}: {row.lost:,.0f} lost and {row.doubled:,.0f} doubled of {row.sent:,.0f}"
        for row in medians.itertuples()
    )
    return DescribedFigure(
        bars,
        layout(
            "What cut lines cost, by server and client",
            f"Messages delivered, lost and doubled while the line was cut. {told}.",
            height_px=170 + 34 * len(medians),
            barmode="stack",
            bargap=0.25,
            legend_traceorder="normal",
            xaxis=axis("messages", rangemode="tozero"),
            yaxis=axis("", autorange="reversed", ticksuffix=" ", dividercolor=INK),
        ),
    )
