"""The result of a comparison in one look: medians with their intervals, and bytes for each message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import (
    DIRECTIONS,
    INK,
    INVALID,
    Look,
    arms,
    axis,
    checked_guess,
    layout,
    time_axis,
    warn,
)
from rtlab.tables.schema import check
from rtlab.tables.statistics import milliseconds


def figure_summary(
    summary: pd.DataFrame, *, guess_ms: dict[str, float] | None = None, valid: bool = True
) -> go.Figure:
    """Draw each transport's median latency with its 95 % interval.

    Where two intervals overlap widely, the figure shows no difference. A transport that lost more than half of
    its messages has no median; it is named, without a point.

    Args:
        summary: A ``summary`` table.
        guess_ms: The medians that the learner expects, in milliseconds by transport.
        valid: False if the validity report objects; the figure then says so.

    Returns:
        One point with its interval a transport (and client), from top to bottom, then the guesses.

    Raises:
        InputError: The table or the guess does not follow its rules.
    """
    summary = check(summary, "summary")
    rows = [(name, look, row.iloc[0]) for name, look, row in arms(summary)]
    guess = checked_guess(guess_ms)
    guessed = [(name, guess[row["transport"]]) for name, _, row in rows if row["transport"] in guess]
    ends = summary[["median_low_ms", "median_ms", "median_high_ms"]].to_numpy().ravel()
    told = "; ".join(_in_words(name, row) for name, _, row in rows)
    figure = DescribedFigure(
        [_point(name, look, row) for name, look, row in rows],
        layout(
            "Median latency with its 95 % interval",
            f"Median latency of each transport. {told}.",
            height_px=170 + 70 * len(rows),
            xaxis=time_axis("median latency (ms)", [*ends, *(value for _, value in guessed)]),
            yaxis=_names_axis([name for name, _, _ in rows]),
            showlegend=bool(guessed),
            margin_t=84 if guessed else 56,
        ),
    )
    if guessed:
        figure.add_scatter(
            x=[value for _, value in guessed],
            y=[name for name, _ in guessed],
            name="your guess",
            mode="markers",
            marker={"symbol": "line-ns-open", "size": 26, "color": INK, "line": {"width": 3}},
            hovertemplate="your guess for %{y}: %{x:.3g} ms<extra></extra>",
        )
    for name, _, row in rows:
        if not np.isfinite(row["median_ms"]):
            figure.add_annotation(
                text="more than half of its messages were lost", xref="x domain", x=0.02, y=name, showarrow=False
            )
    if not valid:
        warn(figure, INVALID)
    return figure


def figure_bytes(runs: pd.DataFrame) -> go.Figure:
    """Draw how many bytes each delivered message cost, to the client and to the server.

    Everything on the wire counts: handshakes, HTTP heads, framing and the message itself.

    Args:
        runs: A ``runs`` table. A transport whose client hides its bytes is named, without bars.

    Returns:
        One trace of bars for the bytes down, one for the bytes up, stacked; then one with both in words.

    Raises:
        InputError: The table does not follow its rules.
    """
    costs = {
        name: {direction: _bytes_per_message(rows, direction) for direction in ("down", "up")}
        for name, _, rows in arms(check(runs, "runs"))
    }
    totals = [sum(cost.values()) for cost in costs.values()]
    words = [
        "its client hides them" if np.isnan(total) else f"{cost['down']:,.0f} down, {cost['up']:,.0f} up"
        for total, cost in zip(totals, costs.values(), strict=True)
    ]
    told = "; ".join(f"{name}: {text}" for name, text in zip(costs, words, strict=True))
    figure = DescribedFigure(
        [_bars(direction, {name: cost[direction] for name, cost in costs.items()}) for direction in ("down", "up")],
        layout(
            "Bytes on the wire for each delivered message",
            f"Bytes for each delivered message, by transport. {told}.",
            height_px=170 + 60 * len(costs),
            barmode="stack",
            bargap=0.45,
            xaxis=axis("bytes per delivered message", range=[0, 1.35 * float(np.nanmax([1.0, *totals]))]),
            yaxis=_names_axis(list(costs)),
            legend_traceorder="normal",
        ),
    )
    figure.add_scatter(
        x=np.nan_to_num(totals),
        y=list(costs),
        name="in words",
        mode="text",
        text=[f" {text}" for text in words],
        textposition="middle right",
        hoverinfo="skip",
        showlegend=False,
    )
    return figure


def _names_axis(names: list[str]) -> dict[str, Any]:
    return axis("", type="category", categoryarray=names[::-1], range=[-0.6, len(names) - 0.4], showgrid=False)


def _point(name: str, look: Look, row: pd.Series) -> go.Scatter:
    median, low, high = row["median_ms"], row["median_low_ms"], row["median_high_ms"]
    known = bool(np.isfinite([median, low, high]).all())
    return go.Scatter(
        x=[median if np.isfinite(median) else None],
        y=[name],
        name=name,
        mode="markers+text",
        text=[milliseconds(median)],
        textposition="top center",
        marker={"symbol": look.marker, "size": 13, "color": look.color},
        error_x={
            "array": [high - median if known else 0],
            "arrayminus": [median - low if known else 0],
            "color": look.color,
            "thickness": 2.5,
            "width": 7,
        },
        hovertemplate=f"{_in_words(name, row)}<extra></extra>",
        showlegend=False,
    )


def _in_words(name: str, row: pd.Series) -> str:
    if not np.isfinite(row["median_ms"]):
        return f"{name}: more than half of {row['expected']:,} messages lost"
    median = f"{name}: median {milliseconds(row['median_ms'])}"
    if np.isnan(row["median_low_ms"]):
        return f"{median}, no interval from {row['runs']} run"
    return f"{median}, interval {milliseconds(row['median_low_ms'])} to {milliseconds(row['median_high_ms'])}"


def _bytes_per_message(rows: pd.DataFrame, direction: str) -> float:
    seen, delivered = rows[f"bytes_{direction}"], int(rows["delivered"].sum())
    return int(seen.sum()) / delivered if delivered and seen.notna().all() else np.nan


def _bars(direction: str, cost_by_name: dict[str, float]) -> go.Bar:
    look = DIRECTIONS[direction]
    hatch = {"shape": "/", "fillmode": "overlay", "fgcolor": "rgba(255, 255, 255, 0.7)", "size": 7}
    return go.Bar(
        x=list(cost_by_name.values()),
        y=list(cost_by_name),
        orientation="h",
        name=look.name,
        marker={"color": look.color, "line": {"width": 0}, "pattern": hatch if direction == "up" else {}},
        hovertemplate=f"%{{y}}: %{{x:,.1f}} bytes {look.name}<extra></extra>",
    )
