"""The room that each guess at a secret took on the line: the right one needs less."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_LOOKS = {False: ("wrong", LOOKS["sse"].color, "circle-open"), True: ("right", WARNING, "diamond")}


def figure_guesses(guesses: pd.DataFrame, attack: str, target: str) -> go.Figure:
    """Draw the size of each guess of one attack, in the order in which they were made.

    Args:
        guesses: A ``guesses`` table.
        attack: The attack.
        target: The server.

    Returns:
        One mark a guess; right ones have a shape and a colour of their own.

    Raises:
        InputError: The table does not follow its rules.
    """
    guesses = check(guesses, "guesses")
    rows = guesses[(guesses["attack"] == attack) & (guesses["target"] == target)]
    marks = []
    for right, (name, color, symbol) in _LOOKS.items():
        own = rows[rows["right"] == right]
        marks.append(
            go.Scatter(
                x=own["digits"],
                y=own["line_bytes"],
                mode="markers",
                name=name,
                marker={"color": color, "symbol": symbol, "size": 11},
            )
        )
    sizes = {right: rows.loc[rows["right"] == right, "line_bytes"] for right in _LOOKS}
    told = "; ".join(
        f"{_LOOKS[right][0]} guesses took {series.min()} to {series.max()} bytes"
        for right, series in sizes.items()
        if len(series)
    )
    order = list(rows["digits"])
    return DescribedFigure(
        marks,
        layout(
            f"What each guess took on the line: {target}",
            f"{attack}, {target}: {len(rows)} guesses; {told}.",
            xaxis=axis("guess", type="category", categoryorder="array", categoryarray=order),
            yaxis=axis("bytes on the line", dtick=1),
        ),
    )
