"""What crossed in each direction while only the server spoke."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INK, WARNING, axis, layout
from rtlab.tables.schema import TRANSPORT_NAMES, check


def figure_upstream(upstream: pd.DataFrame, *, guess_bytes: float | None = None) -> go.Figure:
    """Draw the bytes in each direction, one group of bars a transport; these are counts, so they have no interval.

    Args:
        upstream: An ``upstream`` table.
        guess_bytes: How many bytes the learner expects from the client of the WebSocket; drawn as a dashed line.

    Returns:
        One series a direction; a bar of no bytes still has its number.

    Raises:
        InputError: The table does not follow its rules.
    """
    upstream = check(upstream, "upstream")
    names = [TRANSPORT_NAMES[transport] for transport in upstream["transport"]]
    bars = [
        go.Bar(
            x=upstream[column],
            y=names,
            orientation="h",
            name=DIRECTIONS[direction].name,
            marker={"color": DIRECTIONS[direction].color},
            text=[f"{count:,} bytes" for count in upstream[column]],
            textposition=["auto" if count else "outside" for count in upstream[column]],
            outsidetextfont={"color": INK},
            insidetextfont={"color": "white"},
            textangle=0,
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} bytes",
        )
        for direction, column in (("up", "bytes_up"), ("down", "bytes_down"))
    ]
    told = "; ".join(
        f"{name}: {row['bytes_up']:,} bytes up and {row['bytes_down']:,} down for {row['received']:,} messages"
        for name, row in zip(names, upstream.to_dict("records"), strict=True)
    )
    figure = DescribedFigure(
        bars,
        layout(
            "Only the server speaks",
            f"Bytes in each direction after the opening. {told}.",
            height_px=190 + 90 * len(names),
            barmode="group",
            xaxis=axis("bytes", rangemode="tozero"),
            yaxis=axis("", autorange="reversed", ticksuffix=" "),
        ),
    )
    if guess_bytes is not None:
        figure.add_vline(x=guess_bytes, line={"color": WARNING, "dash": "longdash", "width": 1.5})
        figure.add_annotation(
            text=f"dashed: your guess, {guess_bytes:,g} bytes",
            font={"color": WARNING},
            x=1,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
        )
    return figure
