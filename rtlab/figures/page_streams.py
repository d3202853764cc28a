"""Many event streams of one page, a lane each; and what their connections cost everything else."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

NEVER = "never"
_PARTS = (
    ("is connecting", "made_ms", "connected_ms", WARNING, "/"),
    ("is open", "connected_ms", "ended_ms", LOOKS["sse"].color, ""),
)


def figure_stream_lanes(lanes: pd.DataFrame, closed_ms: float) -> go.Figure:
    """Draw when each EventSource was connecting and when it was open.

    Args:
        lanes: A ``stream_lanes`` table.
        closed_ms: When the script closed the first one.

    Returns:
        Two traces of bars, a lane an EventSource, and a line where the first one was closed.

    Raises:
        InputError: The table does not follow its rules.
    """
    lanes = check(lanes, "stream_lanes")
    lanes = lanes.assign(connected_ms=lanes["opened_ms"].fillna(lanes["ended_ms"]))
    names = [f"EventSource {number}" for number in lanes["connection"]]
    bars = [
        go.Bar(
            base=lanes[begin],
            x=lanes[end] - lanes[begin],
            y=names,
            orientation="h",
            name=name,
            marker={"color": color, "pattern": {"shape": shape}},
            hovertemplate=f"%{{y}}<br>{name}: %{{x:.0f}} ms<extra></extra>",
        )
        for name, begin, end, color, shape in _PARTS
    ]
    figure = DescribedFigure(
        bars,
        layout(
            "Who gets a connection, and who waits",
            _told(lanes, closed_ms),
            height_px=190 + 30 * len(lanes),
            barmode="overlay",
            legend_traceorder="normal",
            xaxis=axis("time in the page (ms)", rangemode="tozero"),
            yaxis=axis("", autorange="reversed", ticksuffix=" ", showgrid=False),
        ),
    )
    figure.add_vline(x=closed_ms, line={"color": INK, "dash": "dot"})
    figure.add_annotation(
        x=closed_ms, y=1, yref="paper", yanchor="bottom", text="the script closes the first", showarrow=False
    )
    return figure


def _told(lanes: pd.DataFrame, closed_ms: float) -> str:
    held = lanes[lanes["state"] == "open"]
    rest = lanes[lanes["state"] == "connecting"]
    parts = [
        f"EventSource {lane['connection']} "
        + ("never opened" if pd.isna(lane["opened_ms"]) else f"opened after {lane['waited_ms']:.0f} ms")
        for lane in rest.to_dict("records")
    ]
    later = f" The first was closed at {closed_ms:.0f} ms; {'; '.join(parts)}." if parts else ""
    return f"{len(held)} of {len(lanes)} EventSources were open at the same time.{later}"


def figure_slot_waits(waits: pd.DataFrame) -> go.Figure:
    """Draw what each request waits for a connection, for each number of streams that a page holds.

    Args:
        waits: A ``slot_waits`` table.

    Returns:
        A matrix: one row a number of streams, one column a request, and the wait in words in each cell.

    Raises:
        InputError: The table does not follow its rules.
    """
    waits = check(waits, "slot_waits")
    streams = [int(number) for number in waits["streams"].unique()]
    columns = {
        str(request): [_wait_words(waited_ms) for waited_ms in rows["waited_ms"]]
        for request, rows in waits.groupby("request", sort=False)
    }
    never = waits.loc[waits["sent_ms"].isna(), "streams"].unique()
    told = f"{NEVER} sent with {', '.join(map(str, never))}" if len(never) else "all are sent"
    figure = figure_cells(
        [f"{number} stream{'s' * (number != 1)}" for number in streams],
        columns,
        "What other requests wait for a connection (computed)",
        f"Computed waits of {len(columns)} requests beside {min(streams)} to {max(streams)} event streams to the "
        f"same server: {told}.",
    )
    return figure.update_xaxes(tickangle=0, tickfont_size=11)


def _wait_words(waited_ms: float) -> tuple[str, Tone]:
    if math.isnan(waited_ms):
        return NEVER, "bad"
    return (f"{waited_ms:.0f} ms" if waited_ms else "at once"), "plain"
