"""What an idle connection costs the server's memory."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.dots import Measure, dots, figure_dots
from rtlab.figures.theme import LOOKS
from rtlab.tables.schema import check

_SIZE = Measure("bytes_each", "low_bytes", "high_bytes")
_SOCKET = LOOKS["websocket"]
_LOOKS = {
    "sse": LOOKS["sse"],
    "websocket": _SOCKET,
    "websocket, compressed": replace(_SOCKET, name="WebSocket, compressed", marker="square-open"),
}


def figure_idle(idle: pd.DataFrame) -> go.Figure:
    """Draw the memory of one idle connection, one row a library, one dot a way with its interval.

    Args:
        idle: An ``idle`` table.

    Returns:
        One series a way, on a scale of equal ratios; a slope that is not above 0 cannot be drawn.

    Raises:
        InputError: The table does not follow its rules.
    """
    idle = check(idle, "idle")
    told = "; ".join(f"{row.library}, {row.way}: {row.bytes_each:,.0f} bytes" for row in idle.itertuples())
    drawn = idle[idle["bytes_each"] > 0]
    series = [dots(drawn[drawn["way"] == way], _SIZE, look, row="library") for way, look in _LOOKS.items()]
    return figure_dots(
        series,
        drawn,
        _SIZE,
        title="An idle connection",
        x_title="memory of the server for one connection (bytes)",
        description=f"Memory of the server's process for one idle connection, with 95 % intervals. {told}.",
    )
