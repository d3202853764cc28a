"""One look for the whole course: a transport has the same colour, marker and dash in every figure.

The same figure must be readable on JupyterLab's white and on its black page, for nobody redraws it when the theme
changes. So the backgrounds are transparent, and every colour lies half-way, with a contrast of at least 3.5 to 1
against both. Colour-blind readers can tell the hues of the transports apart (blue, vermilion, green, purple: those
of Okabe and Ito, a little shifted); in grey print, markers and dashes tell.

Each figure says in ``layout.meta["description"]`` what it shows, in one sentence, for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.tables.schema import TRANSPORT_NAMES, TRANSPORTS

INK = "#747576"
GRID = "rgba(128, 128, 128, 0.22)"
WARNING = "#d64545"
INVALID = "Not valid: read the validity report first."
HOVER = {"bgcolor": "#333333", "bordercolor": "#333333", "font": {"color": "#ffffff", "size": 13}}


@dataclass(frozen=True, slots=True)
class Look:
    """How one thing is drawn everywhere.

    Attributes:
        name: How it is written for people.
        color: A colour that is readable on white and on black.
        marker: The plotly marker symbol.
        dash: The plotly line dash.
    """

    name: str
    color: str
    marker: str
    dash: str = "solid"


LOOKS = {
    "sse": Look(TRANSPORT_NAMES["sse"], "#0f7dc2", "circle", "solid"),
    "websocket": Look(TRANSPORT_NAMES["websocket"], "#d55e00", "square", "dash"),
    "long-polling": Look(TRANSPORT_NAMES["long-polling"], "#00966d", "diamond", "dot"),
    "polling": Look(TRANSPORT_NAMES["polling"], "#c06f9c", "cross", "dashdot"),
}
"""The look of each transport."""

DIRECTIONS = {
    "up": Look("client to server", "#b07d00", "triangle-up"),
    "down": Look("server to client", "#6f8299", "triangle-down"),
}
"""The look of each direction."""


def layout(
    title: str, description: str, *, height_px: int = 420, legend_rows: int = 1, **settings: Any
) -> go.Layout:
    """Give the layout that all figures share.

    Args:
        title: What the figure shows, short enough for one line.
        description: One sentence for readers who cannot see the figure.
        height_px: Height in pixels; the width is that of the page.
        legend_rows: How many rows the legend needs on a narrow page.
        settings: Further plotly layout settings, such as ``xaxis=axis("latency (ms)")``.

    Returns:
        A layout with transparent background, the legend above the plot, and room for all labels.
    """
    return go.Layout(
        template="none",
        title={
            "text": title,
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 16},
        },
        meta={"description": description},
        height=height_px,
        margin={"l": 70, "r": 30, "t": 62 + 22 * legend_rows, "b": 60},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        font={"color": INK, "size": 14},
        hoverlabel=HOVER,
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0, 0, 0, 0)"},
        modebar={
            "bgcolor": "rgba(0, 0, 0, 0)",
            "color": INK,
            "activecolor": LOOKS["sse"].color,
            "remove": ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
        },
        **settings,
    )


def axis(title: str, **settings: Any) -> dict[str, Any]:
    """Give the settings that all axes share.

    Args:
        title: What the axis measures, with its unit in brackets.
        settings: Further plotly axis settings.

    Returns:
        A dictionary for ``layout(xaxis=...)`` or ``layout(yaxis=...)``.
    """
    shared = {"gridcolor": GRID, "linecolor": INK, "showline": True, "zeroline": False, "automargin": True}
    return {"title": {"text": title, "standoff": 12}, **shared, **settings}


def time_axis(title: str, times_ms: Iterable[float], **settings: Any) -> dict[str, Any]:
    """Give an axis of times: from 0, or in equal ratios where the times are far apart.

    Args:
        title: What the axis measures, with its unit in brackets.
        times_ms: All times that must be seen; those that are not finite are passed over.
        settings: Further plotly axis settings.

    Returns:
        As :func:`axis`; ``type`` is ``"log"`` if the largest time is more than 30 times the smallest.
    """
    seen = [float(time_ms) for time_ms in times_ms if np.isfinite(time_ms)]
    low, high = min(seen, default=0.0), max(seen, default=1.0)
    if low <= 0 or high <= 30 * low:
        return axis(title, type="linear", range=[min(0.0, 1.05 * low), 1.08 * high], **settings)
    low, high = low / 1.3, high * 1.3
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = (1, 2, 5) if high < 20_000 * low else (1,)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    ticks = [tick for tick in ticks if low <= tick <= high]
    return axis(
        title,
        type="log",
        range=[float(np.log10(low)), float(np.log10(high))],
        tickvals=ticks,
        ticktext=[f"{tick:,g}" for tick in ticks],
        **settings,
    )


def arms(frame: pd.DataFrame) -> Iterator[tuple[str, Look, pd.DataFrame]]:
    """Split a table by transport and client, in the course's order.

    Args:
        frame: Any table with the columns ``transport`` and ``client``.

    Yields:
        The name for people, the look, and the rows. Only where one transport has several clients does the name
        tell the client; the second and later ones have open markers.
    """
    for transport in TRANSPORTS:
        rows = frame[frame["transport"] == transport]
        clients = list(rows["client"].unique())
        for index, client in enumerate(clients):
            look = LOOKS[transport]
            if index:
                look = replace(look, marker=f"{look.marker}-open")
            name = look.name if len(clients) == 1 else f"{look.name} ({client})"
            yield name, look, rows[rows["client"] == client]


def warn(figure: go.Figure, text: str) -> None:
    """Write a warning under a figure's title and into its description.

    Args:
        figure: A figure with a layout of :func:`layout`.
        text: The warning, one short sentence.
    """
    title, margin = figure.layout.title, figure.layout.margin
    title.text = f'{title.text}<br><span style="color: {WARNING}; font-size: 15px"><b>{text}</b></span>'
    margin.t += 26
    figure.layout.height += 26
    figure.layout.meta = {"description": f"{text} {figure.layout.meta['description']}"}


def checked_guess(guess_ms: dict[str, float] | None) -> dict[str, float]:
    """Look at a learner's guess before it is drawn.

    Args:
        guess_ms: Milliseconds by transport, or None.

    Returns:
        The guess in the course's order of transports; empty for None.

    Raises:
        InputError: A transport is unknown, or a time is not above 0.
    """
    guess = guess_ms or {}
    for transport, value in guess.items():
        if transport not in LOOKS:
            raise InputError(f"A guess is for one of {', '.join(LOOKS)}, not for {transport!r}.")
        if not 0 < value < np.inf:
            raise InputError(f"The guess for {transport} must be a time above 0 ms, not {value!r}.")
    return {transport: guess[transport] for transport in LOOKS if transport in guess}
