"""What a page's EventSource got before its line was cut and after: a point a message."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_SENT = (
    ("sent while the stream was open", "open", LOOKS["sse"].color, "circle"),
    ("sent while the page was away", "away", WARNING, "diamond"),
)


def figure_page_resumption(moments: pd.DataFrame, requests: pd.DataFrame) -> go.Figure:
    """Draw when each message came to the page, and when the page was away.

    Args:
        moments: A ``page_moments`` table.
        requests: A ``stream_requests`` table.

    Returns:
        Two traces of points, one a message; grey where ``readyState`` was 0, with the field that ended it.

    Raises:
        InputError: A table does not follow its rules.
    """
    moments, requests = check(moments, "page_moments"), check(requests, "stream_requests")
    messages = moments[moments["event"] == "message"].reset_index(drop=True)
    points = []
    for name, sent, color, symbol in _SENT:
        rows = messages[messages["sent"] == sent]
        points.append(
            go.Scatter(
                x=rows["at_ms"],
                y=rows.index + 1,
                mode="markers",
                name=name,
                marker={"color": color, "symbol": symbol, "size": 11},
                customdata=rows["id"],
                hovertemplate="%{customdata}, after %{x:.0f} ms<extra></extra>",
            )
        )
    figure = DescribedFigure(
        points,
        layout(
            "What a cut line keeps back, and what the id brings after it",
            _told(messages, requests),
            height_px=340,
            legend_rows=2,
            xaxis=axis("time in the page (ms)", rangemode="tozero"),
            yaxis=axis("message", dtick=1 if len(messages) <= 20 else None, range=[0.3, len(messages) + 0.9]),
        ),
    )
    for request, begin_ms, end_ms in _times_away(moments):
        id_text = requests.loc[requests["request"] == request, "last_event_id"].item()
        figure.add_vrect(x0=begin_ms, x1=end_ms, fillcolor=INK, opacity=0.2, line_width=0, layer="below")
        figure.add_annotation(
            x=(begin_ms + end_ms) / 2,
            y=1,
            yref="paper",
            yanchor="top",
            text=f"connecting<br>Last-Event-ID: {id_text}",
            showarrow=False,
        )
    return figure


def _times_away(moments: pd.DataFrame) -> list[tuple[int, float, float]]:
    """Give the request that ended each time away, and when that began and ended."""
    found: list[tuple[int, float, float]] = []
    since_ms: float | None = None
    for moment in moments.to_dict("records"):
        if moment["event"] == "error" and since_ms is None:
            since_ms = moment["at_ms"]
        elif moment["event"] == "open" and since_ms is not None:
            found.append((moment["request"], since_ms, moment["at_ms"]))
            since_ms = None
    return found


def _told(messages: pd.DataFrame, requests: pd.DataFrame) -> str:
    parts = []
    for row in requests.to_dict("records"):
        said = "no Last-Event-ID" if pd.isna(row["last_event_id"]) else f"Last-Event-ID {row['last_event_id']}"
        parts.append(
            f"request {row['request']} with {said} brought {row['messages']}, "
            f"{row['caught_up']} of them sent while the page was away"
        )
    return f"{len(messages)} messages came to the page: {'; '.join(parts)}."
