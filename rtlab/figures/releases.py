"""When frameworks were released, on one time line."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, axis, layout
from rtlab.tables.schema import check

ARTICLE = "2024-02-01"
"""The month in which the article came out."""
_KINDS = {True: ("a stack of this notebook", LOOKS["sse"]), False: ("on the way there", LOOKS["websocket"])}
_MARGIN = pd.Timedelta(days=120)
_ROOM_FOR_LICENCE = pd.Timedelta(days=420)


def figure_releases(releases: pd.DataFrame) -> go.Figure:
    """Draw each version at its date, with its licence beside it.

    Args:
        releases: A ``releases`` table.

    Returns:
        One row a version, the oldest above, and a line at the month of the article.

    Raises:
        InputError: The table does not follow its rules.
    """
    releases = check(releases, "releases").sort_values("released", kind="stable")
    names = [f"{row.title} {row.version}" for row in releases.itertuples()]
    dates = pd.to_datetime(releases["released"], format="ISO8601")
    figure = DescribedFigure()
    for tried, (kind, look) in _KINDS.items():
        rows = releases["tried"] == tried
        figure.add_scatter(
            x=dates[rows],
            y=[name for name, shown in zip(names, rows, strict=True) if shown],
            text="  " + releases["licence"][rows],
            mode="markers+text",
            textposition="middle right",
            cliponaxis=False,
            marker={"color": look.color, "symbol": look.marker, "size": 11},
            name=kind,
            hovertemplate="%{y}: %{x|%Y-%m-%d},%{text}<extra></extra>",
        )
    figure.add_vline(x=ARTICLE, line={"color": INK, "dash": "dot"})
    figure.add_annotation(x=ARTICLE, y=1, yref="paper", yanchor="bottom", text="the article", showarrow=False)
    described = "; ".join(
        f"{name}, {row.licence}, {row.released}" for name, row in zip(names, releases.itertuples(), strict=True)
    )
    figure.update_layout(
        layout(
            "Versions, their dates and their licences",
            f"The article is of February 2024. {described}.",
            height_px=160 + 30 * len(names),
            xaxis=axis("released", range=[dates.min() - _MARGIN, dates.max() + _ROOM_FOR_LICENCE]),
            yaxis=axis("", categoryorder="array", categoryarray=names[::-1], ticksuffix=" "),
        )
    )
    return figure
