"""How long messages took: for each time, the share of messages that were there by then."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INVALID, LOOKS, Look, arms, axis, checked_guess, layout, time_axis, warn
from rtlab.tables.schema import check
from rtlab.tables.statistics import milliseconds

_POINTS = 400  # a curve of more points looks the same and makes the notebook heavy


def figure_latency(
    deliveries: pd.DataFrame, *, guess_ms: dict[str, float] | None = None, valid: bool = True
) -> go.Figure:
    """Draw for each transport which share of its messages had arrived after how many milliseconds.

    The further left, the faster; where a curve crosses 50 % is the median. A curve that stays below 100 % has
    lost messages: they never arrived, so no time is late enough for them.

    Args:
        deliveries: A ``deliveries`` table.
        guess_ms: The medians that the learner expects, in milliseconds by transport; drawn as vertical lines.
        valid: False if the validity report objects; the figure then says so.

    Returns:
        One curve a transport (and client), then one line a guess.

    Raises:
        InputError: The table or the guess does not follow its rules.
    """
    deliveries = check(deliveries, "deliveries")
    once = deliveries[~deliveries["duplicate"]]
    guess = checked_guess(guess_ms)
    times = time_axis("latency (ms)", [*once["latency_ms"], *guess.values()])
    logarithmic = times["type"] == "log"
    start_ms, end_ms = 10.0 ** np.array(times["range"]) if logarithmic else times["range"]
    middle_ms = np.sqrt(start_ms * end_ms) if logarithmic else (start_ms + end_ms) / 2

    curves = [_curve(name, look, rows, float(start_ms), float(end_ms)) for name, look, rows in arms(once)]
    guesses = [
        _guess(LOOKS[transport], value, height=109 + 9 * index, on_the_left=bool(value > middle_ms))
        for index, (transport, value) in enumerate(guess.items())
    ]
    told = "; ".join(_in_words(name, rows) for name, _, rows in arms(once))
    figure = DescribedFigure(
        [*curves, *guesses],
        layout(
            "How long messages took",
            f"Share of messages that had arrived by each latency. {told}.",
            showlegend=True,
            xaxis=times,
            yaxis=axis("messages arrived (%)", range=[0, 104 + 9 * len(guess)], tickvals=[0, 25, 50, 75, 100]),
        ),
    )
    if not valid:
        warn(figure, INVALID)
    return figure


def _curve(name: str, look: Look, rows: pd.DataFrame, start_ms: float, end_ms: float) -> go.Scatter:
    arrived_ms = np.sort(rows["latency_ms"].dropna().to_numpy())
    lost = len(rows) - arrived_ms.size
    kept = np.linspace(0, arrived_ms.size - 1, min(arrived_ms.size, _POINTS)).round().astype(int)
    x, y = list(arrived_ms[kept]), list(100 * (kept + 1) / len(rows))
    x, y = [x[0] if x else start_ms, *x], [0.0, *y]
    if lost:  # the plateau that never gets to 100 %
        x, y = [*x, end_ms], [*y, y[-1]]
    return go.Scatter(
        x=x,
        y=y,
        name=f"{name} ({lost:,} lost)" if lost else name,
        mode="lines+markers",
        line={"color": look.color, "dash": look.dash, "width": 2.5, "shape": "hv"},
        marker={"symbol": look.marker, "size": 8, "maxdisplayed": 9, "line": {"color": look.color, "width": 2}},
        hovertemplate="%{y:.1f} % within %{x:.3g} ms",
    )


def _guess(look: Look, value_ms: float, *, height: float, on_the_left: bool) -> go.Scatter:
    text = f"your guess for {look.name}: {milliseconds(value_ms)}"
    return go.Scatter(
        x=[value_ms, value_ms, None, value_ms],
        y=[0, 103, None, height],  # the words stand above all curves and lines
        name=text,
        mode="lines+text",
        text=["", "", "", f"{text} " if on_the_left else f" {text}"],
        textposition="middle left" if on_the_left else "middle right",
        textfont={"color": look.color},
        line={"color": look.color, "width": 1.5, "dash": "longdash"},
        showlegend=False,
        hoverinfo="name",
    )


def _in_words(name: str, rows: pd.DataFrame) -> str:
    ordered = np.sort(rows["latency_ms"].fillna(np.inf).to_numpy())
    lost = int(np.isinf(ordered).sum())
    half = ordered[(ordered.size - 1) // 2]
    middle = f"half within {milliseconds(half)}" if np.isfinite(half) else "more than half lost"
    return f"{name}: {middle}, {lost:,} of {ordered.size:,} lost"
