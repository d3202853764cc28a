"""What a load swarm saw: rate and latency over time, and the curve of latencies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INVALID, LOOKS, Look, axis, layout, time_axis, warn
from rtlab.tables.schema import check
from rtlab.tables.statistics import milliseconds

_TICKS = (0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999)
_FARTHEST_PERCENTILE = 99.99999


def figure_load_seconds(seconds: pd.DataFrame, transport: str, *, valid: bool = True) -> go.Figure:
    """Draw the rate of messages over time, and below it how old they were.

    Args:
        seconds: A ``load_seconds`` table.
        transport: How the messages travelled; it gives the colour.
        valid: False if the validity report objects; the figure then says so.

    Returns:
        Two panels with one axis of time; the lower one is empty where no message had a stamp.

    Raises:
        InputError: The table does not follow its rules or is empty, or there is no such transport.
    """
    seconds, look = check(seconds, "load_seconds"), _look(transport)
    if seconds.empty:
        raise InputError("Nothing happened; a swarm needs at least one second to be drawn.")
    figure = make_subplots(figure=DescribedFigure(), rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    at_s = seconds["second"]
    rates = [("arrived", look, seconds["messages"])]
    if seconds["sent"].any():
        rates.append(("sent", DIRECTIONS["up"], seconds["sent"]))
    for name, drawn, values in rates:
        _add_line(figure, 1, at_s, values, name, drawn, "%{y:,} in second %{x}")
    ages = seconds.dropna(subset=["p50_ms"])
    for name, column, dash in (("p50", "p50_ms", "solid"), ("p99", "p99_ms", "dot")):
        drawn = Look(name, look.color, look.marker if dash == "solid" else f"{look.marker}-open", dash)
        _add_line(figure, 2, ages["second"], ages[column], f"latency {name}", drawn, "%{y:.3g} ms in second %{x}")
    measured = seconds[seconds["second"] >= 0]
    middle = measured["messages"].median() if len(measured) else 0
    told = f"In the middle {middle:,.0f} messages a second arrived"
    oldest = ages.loc[ages["second"] >= 0, "p99_ms"].max()
    told += "." if np.isnan(oldest) else f"; the highest p99 of a second is {milliseconds(oldest)}."
    figure.update_yaxes(axis("messages a second", rangemode="tozero"), row=1, col=1)
    figure.update_yaxes(time_axis("latency (ms)", [*ages["p50_ms"], *ages["p99_ms"]]), row=2, col=1)
    figure.update_xaxes(axis(""), row=1, col=1)
    figure.update_xaxes(axis("seconds from the begin of measuring"), row=2, col=1)
    figure.update_layout(
        layout("A swarm over time", f"Messages and latencies in each second. {told}", height_px=520)
    )
    if (seconds["second"] < 0).any():
        figure.add_vrect(x0=float(at_s.min()) - 0.5, x1=-0.5, fillcolor="rgba(128, 128, 128, 0.15)", line_width=0)
    if not valid:
        warn(figure, INVALID)
    return figure


def figure_load_latency(points: pd.DataFrame, transport: str, *, valid: bool = True) -> go.Figure:
    """Draw the latency at each percentile; equal steps to the right are ten times as rare messages.

    Args:
        points: A ``load_latency`` table.
        transport: How the messages travelled; it gives the colour.
        valid: False if the validity report objects; the figure then says so.

    Returns:
        One curve that ends with the oldest message.

    Raises:
        InputError: The table does not follow its rules or is empty, or there is no such transport.
    """
    points, look = check(points, "load_latency"), _look(transport)
    if points.empty:
        raise InputError("No message had a stamp, so there is no latency to draw.")
    # The oldest message has no place on an axis of rarity; it stands one step behind the last percentile.
    told = points.loc[points["percentile"] < 100, "percentile"]
    last = _rarity(float(told.max())) if len(told) else 0.0
    places = [_rarity(value) if value < 100 else last + 0.3 for value in points["percentile"]]
    labels = [f"{value:g} %" if value < 100 else "the oldest" for value in points["percentile"]]
    curve = go.Scatter(
        x=places,
        y=points["latency_ms"],
        mode="lines+markers",
        name=look.name,
        line={"color": look.color, "dash": look.dash, "width": 2.5},
        marker={"symbol": look.marker, "size": 8},
        customdata=labels,
        hovertemplate="%{customdata}: %{y:.3g} ms<extra></extra>",
    )
    ticks = [tick for tick in _TICKS if _rarity(tick) <= last + 0.3]
    said = "; ".join(
        f"{label}: {milliseconds(value)}"
        for label, value, percentile in zip(labels, points["latency_ms"], points["percentile"], strict=True)
        if percentile in (50, 99, 99.9, 100)
    )
    figure = DescribedFigure(
        [curve],
        layout(
            "How old messages were on arrival",
            f"Latency at each percentile. {said}.",
            showlegend=False,
            xaxis=axis(
                "messages that were not older (%)",
                tickvals=[_rarity(tick) for tick in ticks],
                ticktext=[f"{tick:g}" for tick in ticks],
            ),
            yaxis=time_axis("latency (ms)", points["latency_ms"]),
        ),
    )
    if not valid:
        warn(figure, INVALID)
    return figure


def _rarity(percentile: float) -> float:
    """Give the place of a percentile on an axis of nines: 90, 99 and 99.9 are one step apart."""
    return float(-np.log10(1 - min(percentile, _FARTHEST_PERCENTILE) / 100))


def _look(transport: str) -> Look:
    if transport not in LOOKS:
        raise InputError(f"A transport is one of {', '.join(LOOKS)}, not {transport!r}.")
    return LOOKS[transport]


def _add_line(figure: go.Figure, row: int, x: pd.Series, y: pd.Series, name: str, look: Look, hover: str) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        name=name,
        mode="lines+markers",
        line={"color": look.color, "dash": look.dash, "width": 2},
        marker={"symbol": look.marker, "size": 7},
        hovertemplate=f"{hover}<extra></extra>",
        row=row,
        col=1,
    )
