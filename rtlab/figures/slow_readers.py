"""What each policy costs the good readers, and what it leaves to those who paused."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.dots import Measure, dots, dots_axis
from rtlab.figures.theme import DIRECTIONS, LOOKS, WARNING, arms, axis, layout
from rtlab.tables.schema import TRANSPORT_NAMES, check

_P99 = Measure("p99_ms", "p99_low_ms", "p99_high_ms")
_PARTS = {
    "paused_got": ("got", LOOKS["long-polling"].color),
    "paused_missed": ("left out", DIRECTIONS["up"].color),
    "after_newest": ("sent after it was cut", WARNING),
}


def figure_slow_readers(slow_readers: pd.DataFrame) -> go.Figure:
    """Draw what the policies do to good readers and to those who paused.

    Args:
        slow_readers: A ``slow_readers`` table.

    Returns:
        To the left the 99th percentile of the good readers' ages with its interval, to the right what became of the
        messages of one who paused; one row a policy and transport.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(slow_readers, "slow_readers")
    names = table["transport"].astype("string").map(TRANSPORT_NAMES)
    table = table.assign(row=table["policy"] + ", " + names, client="")
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06)
    for _, look, rows in arms(table):
        figure.add_trace(dots(rows, _P99, look, row="row"), 1, 1)
    for column, (name, color) in _PARTS.items():
        bar = go.Bar(
            x=table[column],
            y=table["row"],
            orientation="h",
            name=name,
            marker={"color": color, "line": {"width": 0}},
            hovertemplate="%{y}: %{x:,.0f} " + name + "<extra></extra>",
        )
        figure.add_trace(bar, 1, 2)
    figure.update_layout(
        layout(
            "Readers who pause, policy by policy",
            f"Age of the good readers' messages, and what became of those of one who paused. {_told(table)}.",
            height_px=200 + 40 * len(table),
            legend_rows=2,
            legend_traceorder="normal",
            barmode="stack",
        )
    )
    figure.update_xaxes(dots_axis("those who read: 99 % within (ms)", table, _P99) | {"tickangle": 0}, col=1)
    figure.update_xaxes(axis("one who paused (messages)", rangemode="tozero"), col=2)
    places = {"type": "category", "categoryorder": "array", "categoryarray": list(table["row"])}
    figure.update_yaxes(axis("", autorange="reversed", ticksuffix=" ", **places))
    return figure


def _told(table: pd.DataFrame) -> str:
    return "; ".join(
        f"{row['row']}: 99 % within {row['p99_ms']:,.3g} ms, one who paused got {row['paused_got']:,.0f}, "
        f"{row['paused_missed']:,.0f} were left out, {row['after_newest']:,.0f} sent after its last"
        for row in table.to_dict("records")
    )
