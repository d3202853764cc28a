"""From which rate of replies on a WebSocket pays off: what each way costs, rate by rate."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_PANELS = {
    "bytes_per_s": "bytes a second",
    "round_trip_ms": "round trip (ms)",
    "cpu_ms_per_s": "processor (ms/s)",
}
_LOOKS = {"sse+post": LOOKS["sse"], "websocket": LOOKS["websocket"]}
_NAMES = {"sse+post": "SSE with POST", "websocket": "WebSocket"}


def figure_replies(
    replies: pd.DataFrame, *, crossover_per_s: float | None = None, guess_per_s: float | None = None
) -> go.Figure:
    """Draw what the client's messages cost over both ways, in three panels.

    Args:
        replies: A ``replies`` table.
        crossover_per_s: The rate from which the difference matters; drawn as a line.
        guess_per_s: The rate that the learner expects; drawn as a dashed line.

    Returns:
        Two curves a panel: bytes, round trip and processor time against the rate.

    Raises:
        InputError: The table does not follow its rules.
    """
    replies = check(replies, "replies")
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=3, horizontal_spacing=0.09)
    for column, (name, title) in enumerate(_PANELS.items(), start=1):
        for way, look in _LOOKS.items():
            rows = replies[replies["way"] == way]
            figure.add_scatter(
                x=rows["rate_per_s"],
                y=rows[name],
                name=_NAMES[way],
                mode="lines+markers",
                line={"color": look.color, "dash": look.dash, "width": 2.5},
                marker={"symbol": look.marker, "size": 9},
                legendgroup=way,
                showlegend=column == 1,
                hovertemplate="%{x:g}/s: %{y:.3g}",
                row=1,
                col=column,
            )
        rates = sorted(replies["rate_per_s"].unique())
        ticks = {"tickvals": rates, "ticktext": [f"{rate:g}" for rate in rates]}
        scale = {"rangemode": "tozero"} if name == "round_trip_ms" else {"type": "log", "dtick": 1}
        figure.update_xaxes(axis("replies a second", type="log", **ticks), row=1, col=column)
        figure.update_yaxes(axis(title, **scale), row=1, col=column)
    lines = [
        (crossover_per_s, "dot", "dotted: matters from {:g}/s"),
        (guess_per_s, "longdash", "dashed: your guess, {:g}/s"),
    ]
    notes = []
    for value, dash, text in lines:
        if value:
            figure.add_vline(x=value, line={"color": WARNING, "dash": dash, "width": 1.5}, row=1, col="all")
            notes.append(text.format(value))
    figure.update_layout(
        layout("What a reply costs", f"Costs of replies by rate and way. {'; '.join(notes)}".strip(), height_px=440)
    )
    figure.add_annotation(
        text=",  ".join(notes),
        font={"color": WARNING},
        x=1,
        y=1.04,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
    )
    return figure
