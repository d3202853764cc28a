"""Speeds against size, ages against rate, and rates against joined messages: curves with intervals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.dots import Measure
from rtlab.figures.overheads import ratio_axis, readable_size
from rtlab.figures.theme import LOOKS, WARNING, Look, axis, layout
from rtlab.tables.schema import TRANSPORTS, check

RATE = Measure("deliveries_per_s", "deliveries_low_per_s", "deliveries_high_per_s")
P50 = Measure("p50_us", "p50_low_us", "p50_high_us")
P99 = Measure("p99_us", "p99_low_us", "p99_high_us")
_WIDE = 5
_ASIDE = 0.006
"""Part of the width of a panel."""


def curve(
    rows: pd.DataFrame, x: str, measure: Measure, look: Look, *, name: str = "", hollow: bool = False
) -> go.Scatter:
    """Draw one curve.

    Args:
        rows: A part of a table.
        x: The column that runs to the right.
        measure: What goes up, with its interval.
        look: How it is drawn.
        name: What the legend says; empty for the look's own name.
        hollow: With open markers.
    """
    rows = rows.sort_values(x)
    middles = rows[measure.middle]
    return go.Scatter(
        x=rows[x],
        y=middles,
        error_y={
            "type": "data",
            "array": (rows[measure.high] - middles).fillna(0),
            "arrayminus": (middles - rows[measure.low]).fillna(0),
            "thickness": 2,
            "color": look.color,
        },
        name=name or look.name,
        legendgroup=name or look.name,
        mode="lines+markers",
        line={"color": look.color, "dash": look.dash, "width": 2.5},
        marker={"symbol": f"{look.marker}-open" if hollow else look.marker, "size": 10, "color": look.color},
        hovertemplate="%{y:,.3~s}",
    )


def figure_speeds(speeds: pd.DataFrame, *, guess_ratio: float | None = None) -> go.Figure:
    """Draw deliveries a second against the size of the message, one panel for each number of connections.

    Args:
        speeds: A ``speeds`` table.
        guess_ratio: How many times as many the learner expects over WebSocket as over SSE, above 0; drawn as a
            dashed line where WebSocket would be.

    Returns:
        One curve a transport in each panel; all scales go in equal ratios.

    Raises:
        InputError: The table does not follow its rules.
    """
    speeds = check(speeds, "speeds")
    sizes = sorted(speeds["payload_bytes"].unique().tolist())
    sse = speeds[speeds["transport"] == "sse"]
    guesses = sse["deliveries_per_s"] * (guess_ratio or 1)
    figure = _panels(speeds, "payload_bytes", [RATE], "size of the message", "deliveries a second", also=guesses)
    figure.update_xaxes(tickvals=sizes, ticktext=[readable_size(size) for size in sizes])
    if guess_ratio:
        for column, count in enumerate(sorted(speeds["connections"].unique()), start=1):
            here = sse["connections"] == count
            guess = _line(sse["payload_bytes"][here], guesses[here], "your guess", shown=column == 1)
            figure.add_trace(guess, 1, column)
    told = "; ".join(
        f"{LOOKS[row['transport']].name}, {readable_size(row['payload_bytes'])}, {row['connections']} connections: "
        f"{row['deliveries_per_s']:,.0f}"
        for row in speeds.to_dict("records")
    )
    figure.update_layout(layout("How many messages arrive", f"Deliveries a second at full speed. {told}."))
    return figure


def figure_ages(ages: pd.DataFrame) -> go.Figure:
    """Draw the age of messages on arrival against their rate, one panel for each number of connections.

    Args:
        ages: An ``ages`` table.

    Returns:
        Median (filled) and 99th percentile (open) of each transport, and a line above which the next message is
        due before this one has arrived. All scales go in equal ratios.

    Raises:
        InputError: The table does not follow its rules.
    """
    ages = check(ages, "ages")
    rates = sorted(ages["rate_per_s"].unique().tolist())
    figure = _panels(ages, "rate_per_s", [P50, P99], "messages a second", "age on arrival (µs)")
    for column in range(1, 1 + ages["connections"].nunique()):
        due = _line(rates, [1e6 / rate for rate in rates], "the next is due", shown=column == 1)
        figure.add_trace(due, 1, column)
    figure.update_xaxes(tickvals=rates, ticktext=[f"{rate:g}" for rate in rates])
    told = "; ".join(
        f"{LOOKS[row['transport']].name}, {row['rate_per_s']:g} a second, {row['connections']} connections: median "
        f"{row['p50_us']:,.0f}, 99 % {row['p99_us']:,.0f}"
        for row in ages.to_dict("records")
    )
    figure.update_layout(
        layout("How old messages are on arrival", f"Ages in microseconds from when due. {told}.", legend_rows=2)
    )
    return figure


def figure_joined(joined: pd.DataFrame) -> go.Figure:
    """Draw deliveries a second against how many messages leave in one send.

    Args:
        joined: A ``joined`` table.

    Returns:
        One curve a transport; both scales go in equal ratios.

    Raises:
        InputError: The table does not follow its rules.
    """
    joined = check(joined, "joined")
    ticks = sorted(joined["join"].unique().tolist())
    told = "; ".join(
        f"{LOOKS[row['transport']].name}, {row['join']} in a send: {row['deliveries_per_s']:,.0f}"
        for row in joined.to_dict("records")
    )
    return DescribedFigure(
        [
            curve(joined[joined["transport"] == transport], "join", RATE, LOOKS[transport])
            for transport in TRANSPORTS
            if (joined["transport"] == transport).any()
        ],
        layout(
            "Messages joined in one send",
            f"Deliveries a second at full speed. {told}.",
            xaxis=axis("messages in one send", type="log", tickvals=ticks, ticktext=[str(tick) for tick in ticks]),
            yaxis=_counts_axis("deliveries a second", joined, [RATE]),
        ),
    )


def _line(x: Iterable[float], y: Iterable[float], name: str, *, shown: bool) -> go.Scatter:
    return go.Scatter(
        x=list(x),
        y=list(y),
        name=name,
        legendgroup=name,
        mode="lines",
        line={"color": WARNING, "dash": "longdash", "width": 1.5},
        showlegend=shown,
        hoverinfo="skip",
    )


def _panels(
    table: pd.DataFrame,
    x: str,
    measures: list[Measure],
    x_title: str,
    y_title: str,
    *,
    also: Iterable[float] = (),
) -> go.Figure:
    counts = sorted(table["connections"].unique().tolist())
    figure = make_subplots(
        figure=DescribedFigure(), rows=1, cols=len(counts), shared_yaxes=True, horizontal_spacing=0.05
    )
    for column, count in enumerate(counts, start=1):
        for transport in TRANSPORTS:
            rows = table[(table["connections"] == count) & (table["transport"] == transport)]
            for number, measure in enumerate(measures):
                if rows.empty:
                    continue
                look = LOOKS[transport]
                name = f"{look.name}, {('median', '99 %')[number]}" if len(measures) > 1 else look.name
                drawn = curve(rows, x, measure, look, name=name, hollow=bool(number))
                drawn.update(x=rows.sort_values(x)[x] * _aside(table[x], transport), showlegend=column == 1)
                figure.add_trace(drawn, 1, column)
        where = f"{x_title}, {count:,} connection{'s' * (count != 1)}"
        figure.update_xaxes(axis(where, type="log"), col=column)
        figure.update_yaxes(_counts_axis(y_title if column == 1 else "", table, measures, also), col=column)
    return figure


def _aside(places: pd.Series, transport: str) -> float:
    """Give the factor that moves a transport's dots aside, so that two intervals do not hide each other."""
    return float((places.max() / places.min()) ** (_ASIDE if transport == "websocket" else -_ASIDE))


def _counts_axis(
    title: str, table: pd.DataFrame, measures: list[Measure], also: Iterable[float] = ()
) -> dict[str, Any]:
    middles = pd.concat([table[each.middle] for each in measures]).dropna()
    seen = pd.concat([table[name] for each in measures for name in (each.middle, each.low, each.high)])
    # An interval of two runs may be endless; it must not squeeze everything else.
    seen = seen[seen.between(middles.min() / _WIDE, middles.max() * _WIDE)]
    settings = ratio_axis(title, [*seen, *also])
    return {**settings, "ticktext": [f"{tick:,.10g}" for tick in settings["tickvals"]]}
