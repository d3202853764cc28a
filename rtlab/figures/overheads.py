"""What a message costs beside itself: bytes and percent against its size."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, LOOKS, WARNING, Look, axis, layout
from rtlab.tables.schema import check

_SSE, _WEBSOCKET = LOOKS["sse"], LOOKS["websocket"]
_LOOKS = {
    "SSE event": _SSE,
    "SSE event, no id": replace(_SSE, marker="circle-open", dash="dot"),
    "WebSocket, server": _WEBSOCKET,
    "WebSocket, client": replace(_WEBSOCKET, marker="square-open", dash="dot"),
    "POST": replace(DIRECTIONS["up"], dash="dashdot"),
    "SSE event, base64": _SSE,
    "WebSocket, binary": _WEBSOCKET,
}
_PANELS = {"overhead_bytes": "bytes beside the message", "overhead_percent": "percent of the message"}
_UNITS = ((1_048_576, "MiB"), (1_024, "KiB"), (1, "B"))


def figure_overheads(overheads: pd.DataFrame, kind: str = "text", *, guess_bytes: float | None = None) -> go.Figure:
    """Draw the overhead of each carrier against the size of the message, in bytes and in percent.

    Args:
        overheads: An ``overheads`` table.
        kind: ``"text"`` or ``"binary"``: which messages.
        guess_bytes: The overhead that the learner expects, above 0; drawn as a dashed line.

    Returns:
        One curve a carrier in each of two panels; all scales go in equal ratios.

    Raises:
        InputError: The table does not follow its rules, has no such messages, or has an unknown carrier.
    """
    overheads = check(overheads, "overheads")
    rows = overheads[overheads["kind"] == kind]
    strange = set(rows["carrier"]) - set(_LOOKS)
    if rows.empty or strange:
        raise InputError(f"There are no {kind!r} messages to draw, or unknown carriers: {', '.join(strange)}.")
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=2, horizontal_spacing=0.11)
    sizes = sorted(rows["payload_bytes"].unique())
    ticks = [size for number, size in enumerate(sizes) if number % -(-len(sizes) // 6) == 0]
    for column, (name, title) in enumerate(_PANELS.items(), start=1):
        for carrier in rows["carrier"].unique():
            figure.add_trace(_curve(carrier, _LOOKS[carrier], rows[rows["carrier"] == carrier], name), 1, column)
        figure.update_traces(showlegend=column == 1, col=column)
        across = {"tickvals": ticks, "ticktext": [readable_size(size) for size in ticks]}
        figure.update_xaxes(axis("size of the message", type="log", **across), col=column)
        figure.update_yaxes(ratio_axis(title, rows[name]), col=column)
    told = "; ".join(_in_words(carrier, rows[rows["carrier"] == carrier]) for carrier in rows["carrier"].unique())
    figure.update_layout(
        layout(
            f"What a {kind} message costs beside itself",
            f"Overhead of a {kind} message by size. {told}.",
            height_px=460,
        )
    )
    if guess_bytes:
        figure.add_hline(y=guess_bytes, line={"color": WARNING, "dash": "longdash", "width": 1.5}, row=1, col=1)
        figure.add_annotation(
            text=f"dashed: your guess, {guess_bytes:g} bytes",
            font={"color": WARNING},
            x=1,
            y=1.1,
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
        )
    return figure


def ratio_axis(title: str, values: Iterable[float]) -> dict[str, Any]:
    """Give an axis in equal ratios with few, round ticks.

    Args:
        title: What the axis measures.
        values: All values that must be seen, above 0.

    Returns:
        As :func:`rtlab.figures.theme.axis`.
    """
    low, high = min(values) / 1.3, max(values) * 1.5
    steps = (1, 2, 5) if high < 2_000 * low else (1,)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [tick for decade in decades for step in steps if low <= (tick := step * 10.0**decade) <= high]
    return axis(
        title,
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=ticks,
        ticktext=[f"{tick:,g}" for tick in ticks],
    )


def readable_size(size_bytes: int) -> str:
    """Write a size for people, such as ``"64 KiB"``."""
    factor, unit = next((factor, unit) for factor, unit in _UNITS if size_bytes >= factor)
    return f"{size_bytes / factor:.4g} {unit}"


def _curve(carrier: str, look: Look, rows: pd.DataFrame, name: str) -> go.Scatter:
    return go.Scatter(
        x=rows["payload_bytes"],
        y=rows[name],
        name=carrier,
        legendgroup=carrier,
        mode="lines+markers",
        line={"color": look.color, "dash": look.dash, "width": 2.5},
        marker={"symbol": look.marker, "size": 9, "color": look.color},
        hovertemplate=f"{carrier}: %{{y:,.4~g}} at %{{x:,}} B<extra></extra>",
    )


def _in_words(carrier: str, rows: pd.DataFrame) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"{carrier}: {first['overhead_bytes']:,} bytes at {readable_size(first['payload_bytes'])}, "
        f"{last['overhead_bytes']:,} at {readable_size(last['payload_bytes'])}"
    )
