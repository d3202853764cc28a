"""Which request waits for what: a bar a request, from the moment it was wanted to its answer."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_PARTS = (
    ("waits for a connection", "wanted_ms", "sent_ms", WARNING),
    ("waits for its answer", "sent_ms", "answered_ms", DIRECTIONS["up"].color),
    ("holds its connection", "answered_ms", "ended_ms", LOOKS["sse"].color),
)


def figure_request_spans(spans: pd.DataFrame) -> go.Figure:
    """Draw when each request was wanted, sent and answered.

    Args:
        spans: A ``request_spans`` table.

    Returns:
        A panel a situation; in it three traces of bars: until a request was sent, until its answer began, and until
        that ended.

    Raises:
        InputError: The table does not follow its rules.
    """
    spans = check(spans, "request_spans")
    situations = list(spans["situation"].unique())
    counts = [int((spans["situation"] == situation).sum()) for situation in situations]
    figure = make_subplots(
        figure=DescribedFigure(),
        rows=len(situations),
        cols=1,
        shared_xaxes=True,
        row_heights=counts,
        vertical_spacing=0.12,
        subplot_titles=[f"<b>{situation}</b>" for situation in situations],
    )
    for row, situation in enumerate(situations, start=1):
        rows = spans[spans["situation"] == situation]
        for name, begin, end, color in _PARTS:
            bar = go.Bar(
                base=rows[begin],
                x=rows[end] - rows[begin],
                y=rows["request"],
                orientation="h",
                name=name,
                legendgroup=name,
                showlegend=row == 1,
                marker={"color": color},
                hovertemplate=f"%{{y}}<br>{name}: %{{x:.1f}} ms<extra></extra>",
            )
            figure.add_trace(bar, row, 1)
        figure.update_yaxes(axis("", autorange="reversed", ticksuffix=" ", showgrid=False), row=row)
        figure.update_xaxes(axis("time (ms)" if row == len(situations) else "", rangemode="tozero"), row=row)
    told = "; ".join(
        f"{row['request']} waited {row['sent_ms'] - row['wanted_ms']:.0f} ms for a connection and "
        f"{row['answered_ms'] - row['sent_ms']:.0f} ms for its answer"
        for row in spans.to_dict("records")
    )
    figure.update_layout(
        layout(
            "Two ways to wait",
            f"Waiting of requests by situation. {told}.",
            height_px=210 + 36 * len(spans),
            barmode="overlay",
            legend_traceorder="normal",
        )
    )
    figure.update_annotations(x=0, xanchor="left")
    figure.update_layout(margin={"t": 120}, legend={"y": 1.08})  # the first situation stands below the legend
    return figure
