"""When the pieces of a stream came, where they ended, and how long it was from one event to the next."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check


def figure_arrivals(arrivals: pd.DataFrame, gaps: pd.DataFrame, *, verdict: str = "") -> go.Figure:
    """Draw what came when, over a histogram of the times between events.

    Args:
        arrivals: A ``probe_arrivals`` table.
        gaps: A ``probe_gaps`` table.
        verdict: What is said of buffering; empty for a WebSocket.

    Returns:
        Above, a mark for each piece at its time and size: a circle if it ended with an event, a cross if it ended
        inside one. Below, a bar for each class of gaps.

    Raises:
        InputError: A table does not follow its rules.
    """
    arrivals, gaps = check(arrivals, "probe_arrivals"), check(gaps, "probe_gaps")
    look = LOOKS["sse"]
    cut = int(arrivals["ends_inside"].sum())
    marks = [
        _marks(arrivals[~arrivals["ends_inside"]], "ends with an event", look.color, look.marker),
        _marks(arrivals[arrivals["ends_inside"]], "ends inside an event", WARNING, "x"),
    ]
    bars = go.Bar(
        x=gaps["gap"],
        y=gaps["count"],
        xaxis="x2",
        yaxis="y2",
        showlegend=False,
        marker={"color": look.color},
        text=[str(count) if count else "" for count in gaps["count"]],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y}<extra></extra>",
    )
    most = gaps.set_index("gap")["count"].idxmax() if gaps["count"].sum() else ""
    said = f" Buffering: {verdict}." if verdict else ""
    usual = f" Most gaps between events are {most}." if most else ""
    return DescribedFigure(
        [*marks, bars],
        layout(
            f"What came when{': buffering ' if verdict else ''}{verdict}",
            f"{len(arrivals)} pieces with {int(arrivals['events'].sum())} events came; {cut} of them ended inside "
            f"an event.{usual}{said}",
            height_px=560,
            xaxis=axis("time (s)", rangemode="tozero"),
            yaxis=axis("size (bytes)", rangemode="tozero", domain=[0.58, 1.0]),
            xaxis2=axis("from one event to the next", anchor="y2", type="category"),
            yaxis2=axis("gaps", domain=[0.0, 0.36], anchor="x2", rangemode="tozero"),
        ),
    )


def _marks(rows: pd.DataFrame, name: str, color: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=rows["at_ms"] / 1_000,
        y=rows["size_bytes"],
        customdata=rows["events"],
        mode="markers",
        name=name,
        marker={"color": color, "symbol": symbol, "size": 9, "opacity": 0.8},
        hovertemplate="%{x:.3f} s: %{y:,} bytes, %{customdata} events<extra></extra>",
    )
