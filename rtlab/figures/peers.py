"""How fast each library sends, over each transport."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.dots import Measure, dots, figure_dots
from rtlab.figures.theme import arms
from rtlab.tables.schema import check

_RATE = Measure("deliveries_per_s", "deliveries_low_per_s", "deliveries_high_per_s")


def figure_peers(peers: pd.DataFrame) -> go.Figure:
    """Draw the rate of each library, one dot a transport with its interval, the fastest library first.

    Args:
        peers: A ``peers`` table.

    Returns:
        One series a transport, on a scale of equal ratios.

    Raises:
        InputError: The table does not follow its rules.
    """
    peers = check(peers, "peers")
    order = {library: place for place, library in enumerate(dict.fromkeys(peers["library"]))}
    series = [dots(rows, _RATE, look, row="library") for _, look, rows in arms(peers.assign(client=""))]
    told = "; ".join(f"{row.library}, {row.transport}: {row.deliveries_per_s:,.0f}" for row in peers.itertuples())
    figure = figure_dots(
        series,
        peers,
        _RATE,
        title="The same work with several libraries",
        x_title="deliveries a second",
        description=f"Deliveries a second by library and transport, with 95 % intervals. {told}.",
    )
    figure.update_yaxes(categoryorder="array", categoryarray=list(order))
    return figure
