"""What the streams of an HTTP/2 connection share: its connection, its limit and its window."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INK, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_COUNTS = (
    ("connections", "TCP connections"),
    ("opening_bytes", "bytes to open"),
    ("message_bytes", "bytes to send"),
)
_COLORS = (LOOKS["sse"].color, DIRECTIONS["up"].color, WARNING)


def figure_carried_streams(carried: pd.DataFrame) -> go.Figure:
    """Draw what event streams needed over each version of HTTP.

    Args:
        carried: A ``carried_streams`` table.

    Returns:
        Three panels: TCP connections, bytes until all streams were open, bytes of the messages; a bar a version.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(carried, "carried_streams")
    figure = make_subplots(
        figure=DescribedFigure(),
        rows=1,
        cols=len(_COUNTS),
        shared_yaxes=True,
        horizontal_spacing=0.05,
        subplot_titles=[f"<b>{title}</b>" for _, title in _COUNTS],
    )
    for number, (column, title) in enumerate(_COUNTS, start=1):
        bar = go.Bar(
            x=table[column],
            y=table["version"],
            orientation="h",
            text=[f"{value:,}" for value in table[column]],
            textposition="auto",
            name=title,
            showlegend=False,
            marker={"color": LOOKS["sse"].color},
            hovertemplate=f"%{{y}}: %{{x:,}} {title}<extra></extra>",
        )
        figure.add_trace(bar, 1, number)
        figure.update_xaxes(axis("", rangemode="tozero", nticks=4), col=number)
    figure.update_yaxes(axis("", autorange="reversed", ticksuffix=" ", type="category"))
    told = "; ".join(
        f"{row['version']}: {row['streams']:,} streams, TCP connections {row['connections']:,}, "
        f"{row['opening_bytes']:,} bytes to open them, {row['message_bytes']:,} bytes for {row['messages']:,} "
        f"messages to each, {row['delivered']:,} delivered"
        for row in table.to_dict("records")
    )
    figure.update_layout(layout("The same streams over two versions of HTTP", f"{told}.", height_px=260))
    return figure


def figure_stream_fates(fates: pd.DataFrame) -> go.Figure:
    """Draw what became of more streams than the server allows.

    Args:
        fates: A ``stream_fates`` table.

    Returns:
        A bar a client, with a part for each fate, and a line at the server's limit.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(fates, "stream_fates")
    traces = [
        go.Bar(
            x=rows["streams"],
            y=rows["client"],
            orientation="h",
            name=str(fate),
            marker={"color": color},
            text=[f"{value:,}" for value in rows["streams"]],
            customdata=rows[["frame", "says"]],
            hovertemplate="%{x:,} streams, %{customdata[0]}: %{customdata[1]}<extra>" + str(fate) + "</extra>",
        )
        for (fate, rows), color in zip(table.groupby("fate", sort=False), _COLORS, strict=False)
    ]
    told = "; ".join(
        f"a client that {row['client']}: {row['streams']:,} {row['fate']} ({row['frame']}, {row['says']})"
        for row in table.to_dict("records")
    )
    limit = int(table["limit"].max()) if len(table) else 0
    figure = DescribedFigure(
        traces,
        layout(
            "More streams than the server allows",
            f"Limit of {limit:,} streams; {told}.",
            height_px=280,
            barmode="stack",
            legend_traceorder="normal",
            xaxis=axis("streams wanted on one connection", rangemode="tozero"),
            yaxis=axis("", autorange="reversed", ticksuffix=" ", type="category"),
        ),
    )
    return figure.add_vline(x=limit, line={"color": INK, "dash": "dot"})


def figure_reader_steps(steps: pd.DataFrame) -> go.Figure:
    """Draw what each stream had, message by message, while one reader stops.

    Args:
        steps: A ``reader_steps`` table.

    Returns:
        A panel a window; in it a line a stream: the messages that it had, over the messages that were published.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(steps, "reader_steps")
    windows, streams = list(table["window"].unique()), list(table["stream"].unique())
    figure = make_subplots(
        figure=DescribedFigure(),
        rows=1,
        cols=max(1, len(windows)),
        shared_yaxes=True,
        horizontal_spacing=0.06,
        subplot_titles=[f"<b>full: {window} window</b>" for window in windows],
    )
    for panel, window in enumerate(windows, start=1):
        for number, stream in reversed(tuple(enumerate(streams))):  # the one that stops lies on top
            rows = table[(table["window"] == window) & (table["stream"] == stream)]
            stops = number == 0
            line = go.Scatter(
                x=rows["published"],
                y=rows["delivered"],
                mode="lines+markers",
                name="the reader that stops" if stops else "those who read",
                legendgroup=str(stops),
                showlegend=panel == 1 and number < 2,
                line={"color": WARNING if stops else LOOKS["sse"].color, "dash": "dash" if stops else "solid"},
                marker={"symbol": "x" if stops else "circle", "size": 9 if stops else 6},
                customdata=rows[["stream", "buffered_bytes"]],
                hovertemplate="%{customdata[0]}: %{y} of %{x}, %{customdata[1]:,} bytes kept<extra></extra>",
            )
            figure.add_trace(line, 1, panel)
    figure.update_xaxes(axis("messages published", rangemode="tozero"))
    figure.update_yaxes(axis("messages delivered", rangemode="tozero"), col=1)
    figure.update_layout(layout("One reader stops, and then reads on", _told(table), height_px=400))
    figure.update_layout(margin={"t": 110}, legend={"y": 1.1})
    return figure


def _told(table: pd.DataFrame) -> str:
    """Say for each window how far each kind of stream fell behind."""
    parts = []
    for window, rows in table.groupby("window", sort=False):
        most = (rows["published"] - rows["delivered"]).groupby(rows["stream"], sort=False).max()
        behind = ", ".join(f"{stream} by {count:,}" for stream, count in most.items())
        parts.append(f"{window} window full, messages behind at most: {behind}")
    return f"{'; '.join(parts)}."
