"""How many round trips a server can do, over each way."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.dots import Measure, dots, figure_dots
from rtlab.figures.theme import LOOKS
from rtlab.tables.schema import check

_RATE = Measure("round_trips_per_s", "round_trips_low_per_s", "round_trips_high_per_s")
_LOOKS = {"websocket": LOOKS["websocket"], "sse+post": replace(LOOKS["sse"], name="POST and SSE")}


def figure_echoes(echoes: pd.DataFrame) -> go.Figure:
    """Draw round trips a second, one row a library and number of clients, one dot a way with its interval.

    Args:
        echoes: An ``echoes`` table.

    Returns:
        One series a way, on a scale of equal ratios.

    Raises:
        InputError: The table does not follow its rules.
    """
    echoes = check(echoes, "echoes")
    plural = echoes["clients"].ne(1).map({True: "s", False: ""})
    rows = echoes.assign(row=echoes["library"] + ", " + echoes["clients"].astype("string") + " client" + plural)
    told = "; ".join(
        f"{row.row}, {row.way}: {row.round_trips_per_s:,.0f} a second, {row.bytes_up_each:,.0f} bytes up and "
        f"{row.bytes_down_each:,.0f} down each"
        for row in rows.itertuples()
    )
    figure = figure_dots(
        [dots(rows[rows["way"] == way], _RATE, look, row="row") for way, look in _LOOKS.items()],
        rows,
        _RATE,
        title="Question and answer",
        x_title="round trips a second",
        description=f"Round trips a second, with 95 % intervals. {told}.",
    )
    figure.update_yaxes(categoryorder="array", categoryarray=list(dict.fromkeys(rows["row"])))
    return figure
