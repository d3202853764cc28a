"""Who spoke when: a lane for each conversation, an arrow for each message, up to the server or down."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INK, axis, layout
from rtlab.tables.schema import check


def figure_lanes(marks: pd.DataFrame, *, title: str = "Who spoke when") -> go.Figure:
    """Draw conversations between client and server as a timeline, like the sequence diagrams of textbooks.

    In each lane the server is the upper line and the client the lower one. Arrows are upright: they tell when a
    message crossed, not how long it took.

    Args:
        marks: A ``marks`` table, one row a message; lanes are drawn from top to bottom as they first appear.
        title: What the conversations have in common.

    Returns:
        One trace with the lines of all lanes, then one with all arrows up and one with all arrows down.

    Raises:
        InputError: The table is empty or does not follow its rules.
    """
    marks = check(marks, "marks")
    if marks.empty:
        raise InputError("There are no marks to draw; run the experiment first.")
    lanes = list(marks["lane"].unique())
    bottom = {lane: 1.6 * (len(lanes) - 1 - index) for index, lane in enumerate(lanes)}
    counts = {lane: marks.loc[marks["lane"] == lane, "direction"].value_counts() for lane in lanes}
    told = "; ".join(f"{lane}: {counts[lane]['up']} up, {counts[lane]['down']} down" for lane in lanes)
    figure = DescribedFigure(
        [_lifelines(bottom, marks["at_ms"]), *(_arrows(marks, bottom, direction) for direction in DIRECTIONS)],
        layout(
            title,
            f"Messages over time, up to the server and down to the client. {told}.",
            height_px=150 + 130 * len(lanes),
            legend_itemsizing="constant",
            xaxis=axis("time (ms)", showgrid=False),
            yaxis=axis(
                "",
                range=[-0.25, 1.6 * len(lanes) - 0.15],
                tickvals=[height + step for height in bottom.values() for step in (1, 0)],
                ticktext=["server", "client"] * len(lanes),
                showgrid=False,
                showline=False,
            ),
        ),
    )
    for lane in lanes:
        figure.add_annotation(
            text=f"<b>{lane}</b>  {counts[lane]['up']} up, {counts[lane]['down']} down",
            xref="paper",
            x=0,
            y=bottom[lane] + 1.08,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
    return figure


def _lifelines(bottom: dict[str, float], at_ms: pd.Series) -> go.Scatter:
    first, last = float(at_ms.min()), float(at_ms.max())
    room = 0.03 * (last - first or 1.0)
    heights = [height + step for height in bottom.values() for step in (1, 0)]
    return go.Scatter(
        x=[first - room, last + room, None] * len(heights),
        y=[value for height in heights for value in (height, height, None)],
        name="lines",
        mode="lines",
        line={"color": INK, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _arrows(marks: pd.DataFrame, bottom: dict[str, float], direction: str) -> go.Scatter:
    look = DIRECTIONS[direction]
    rows = marks[marks["direction"] == direction]
    steps = (1, 0.5, 0, None) if direction == "up" else (0, 0.5, 1, None)  # head, middle, tail, gap
    # One line with gaps instead of an annotation an arrow: hundreds of those would make the page slow.
    # The middle point has no marker; it is there to be hovered over.
    return go.Scatter(
        x=[at for at_ms in rows["at_ms"] for at in (at_ms, at_ms, at_ms, None)],
        y=[None if step is None else bottom[lane] + step for lane in rows["lane"] for step in steps],
        customdata=[label for label in rows["label"] for _ in range(4)],
        name=look.name,
        mode="lines+markers",
        line={"color": look.color, "width": 1.5},
        marker={
            "symbol": look.marker,
            "color": look.color,
            "size": [9, 0, 0, 0] * len(rows),
            "opacity": 1,  # with sizes in a list, plotly would make them pale
            "line": {"width": 0},
        },
        hovertemplate=f"%{{x:.1f}} ms, {look.name}: %{{customdata}}<extra></extra>",
    )
