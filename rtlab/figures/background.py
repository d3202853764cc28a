"""What came in a page while it was shown, and while it was hidden."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import GRID, INK, LOOKS, axis, layout
from rtlab.tables.schema import check


def figure_background(
    beats: pd.DataFrame, background: pd.DataFrame, hidden_ms: Sequence[tuple[float, float]]
) -> go.Figure:
    """Draw each timer's ticks and each message as a mark, one lane each; the time hidden is shaded.

    Args:
        beats: A ``beats`` table.
        background: The ``background`` table of the same experiment.
        hidden_ms: Pairs of beginning and end of the times at which the page was hidden.

    Returns:
        One lane a timer or connection over the page's time.

    Raises:
        InputError: A table does not follow its rules.
    """
    beats, background = check(beats, "beats"), check(background, "background")
    lanes = [
        go.Scatter(
            x=rows["at_ms"] / 1e3,
            y=rows["lane"],
            mode="markers",
            name=name,
            marker={"color": _color(str(name)), "symbol": "line-ns-open", "size": 14, "line": {"width": 1.5}},
            hovertemplate="%{x:.2f} s<extra></extra>",
        )
        for name, rows in beats.groupby("lane", sort=False)
    ]
    told = "; ".join(f"{row.lane}, {row.page}: {row.per_s:.1f} a second" for row in background.itertuples())
    hidden_s = sum(end_ms - start_ms for start_ms, end_ms in hidden_ms) / 1e3
    hidden = f"it was hidden for {hidden_s:.1f} s" if hidden_ms else "the page stayed visible"
    figure = DescribedFigure(
        lanes,
        layout(
            "A page that is shown, and hidden",
            f"What came over the page's time; {hidden}. {told}.",
            height_px=170 + 45 * len(lanes),
            showlegend=False,
            xaxis=axis("time in the page (s)", rangemode="tozero"),
            yaxis=axis("", autorange="reversed", ticksuffix=" "),
        ),
    )
    for start_ms, end_ms in hidden_ms:
        figure.add_vrect(
            x0=start_ms / 1e3,
            x1=end_ms / 1e3,
            fillcolor=GRID,
            line={"width": 0},
            annotation={"text": "hidden", "font": {"color": INK}},
            annotation_position="outside top",
        )
    return figure


def _color(lane: str) -> str:
    name = lane.partition(",")[0]
    return {"EventSource": LOOKS["sse"].color, "WebSocket": LOOKS["websocket"].color}.get(name, INK)
