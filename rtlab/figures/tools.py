"""What load tools can tell of time, and what a ramp of event streams does second by second."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, axis, layout, time_axis
from rtlab.tables.schema import check

_EARLIEST_MS = 0.1
"""Tools with a clock of milliseconds say 0, which no scale of ratios has."""


def figure_tools(runs: pd.DataFrame) -> go.Figure:
    """Draw for each tool the age of messages that it saw, or the time of the whole answer where it sees no more.

    Args:
        runs: A ``tool_runs`` table.

    Returns:
        One row a tool: filled signs for the median age, with a line to the 95th percentile; open ones for answers.

    Raises:
        InputError: The table does not follow its rules.
    """
    runs = check(runs, "tool_runs")
    traces, times = [], []
    for transport in ("sse", "websocket"):
        look, rows = LOOKS[transport], runs[runs["transport"] == transport]
        aged = rows[rows["p50_ms"].notna()]
        whole = rows[rows["p50_ms"].isna() & rows["answer_ms"].notna()]
        early, late = aged["p50_ms"].clip(lower=_EARLIEST_MS), aged["p95_ms"].clip(lower=_EARLIEST_MS)
        marker = {"symbol": look.marker, "color": look.color, "size": 12}
        traces.append(
            go.Scatter(
                x=early,
                y=aged["tool"],
                error_x={"type": "data", "array": late - early, "arrayminus": 0 * early, "color": look.color},
                name=f"{look.name}: age of messages",
                offsetgroup=transport,
                orientation="h",
                mode="markers",
                marker=marker,
                hovertemplate="%{y}: half within %{x:,.1f} ms<extra></extra>",
            )
        )
        times += [*early, *late, *whole["answer_ms"]]
        if len(whole):
            traces.append(
                go.Scatter(
                    x=whole["answer_ms"],
                    y=whole["tool"],
                    name=f"{look.name}: the whole answer only",
                    offsetgroup=transport,
                    orientation="h",
                    mode="markers",
                    marker={**marker, "symbol": f"{look.marker}-open", "line": {"width": 2}},
                    hovertemplate="%{y}: answers took %{x:,.0f} ms<extra></extra>",
                )
            )
    names = list(dict.fromkeys(runs["tool"]))
    return DescribedFigure(
        traces,
        layout(
            "What each tool can tell of time",
            f"Age of messages on arrival, or the time of a whole answer, by tool. {_told(runs)}",
            height_px=190 + 38 * len(names),
            legend_rows=2,
            scattermode="group",
            xaxis=time_axis("time (ms)", times),
            yaxis=axis("", categoryorder="array", categoryarray=names[::-1], ticksuffix=" "),
        ),
    )


def figure_sse_perf(seconds: pd.DataFrame) -> go.Figure:
    """Draw chunks and bytes a second while event streams are opened, and how many are open.

    Args:
        seconds: A ``sse_perf`` table.

    Returns:
        Three rows of bars: streams, chunks and bytes.

    Raises:
        InputError: The table does not follow its rules.
    """
    seconds = check(seconds, "sse_perf")
    parts = (
        ("streams", "streams", INK),
        ("chunks_per_s", "chunks/s", LOOKS["sse"].color),
        ("kb_per_s", "kB/s", LOOKS["websocket"].color),
    )
    figure = make_subplots(
        rows=len(parts), cols=1, shared_xaxes=True, vertical_spacing=0.06, figure=DescribedFigure()
    )
    for row, (name, title, color) in enumerate(parts, 1):
        figure.add_bar(x=seconds["second"], y=seconds[name], name=title, marker={"color": color}, row=row, col=1)
        figure.update_yaxes(**axis(title, rangemode="tozero"), row=row, col=1)
        figure.update_xaxes(**axis("second, from the end of the ramp" * (row == len(parts))), row=row, col=1)
    figure.update_layout(
        layout(
            "A ramp of event streams",
            f"{seconds['streams'].max()} event streams were opened; in one second came at most "
            f"{seconds['chunks_per_s'].max():,} chunks and {seconds['kb_per_s'].max():,.0f} kB.",
            height_px=560,
            showlegend=False,
        )
    )
    return figure


def _told(runs: pd.DataFrame) -> str:
    parts = []
    for row in runs.to_dict("records"):
        name = f"{row['tool']} over {LOOKS[row['transport']].name}"
        if not row["sees"]:
            parts.append(f"{name}: no result")
        elif pd.notna(row["p50_ms"]):
            parts.append(f"{name}: half within {row['p50_ms']:.1f} ms")
        elif pd.notna(row["answer_ms"]):
            parts.append(f"{name}: {row['sees']}, {row['answer_ms']:,.0f} ms")
        else:
            parts.append(f"{name}: no times")
    return f"{'; '.join(parts)}."
