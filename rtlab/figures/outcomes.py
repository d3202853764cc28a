"""What became of each text on each way, as a matrix with one word a cell."""

from __future__ import annotations

from html import escape

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INK, WARNING, layout
from rtlab.tables.messages import outcomes_table
from rtlab.tables.schema import check

OUTCOMES = {
    "OK": "rgba(128, 128, 128, 0.1)",
    "changed": DIRECTIONS["up"].color,
    "lost": WARNING,
    "refused": DIRECTIONS["down"].color,
}
"""The colour of each outcome; the word in the cell tells it without colour."""


def figure_outcomes(survivals: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw a matrix: one row a text, one column a way, the outcome in each cell.

    Args:
        survivals: A ``survivals`` table.
        title: What it shows, short enough for one line.

    Returns:
        One heat map, with what arrived on hovering, and a word a cell.

    Raises:
        InputError: The table does not follow its rules.
    """
    survivals = check(survivals, "survivals")
    wide = outcomes_table(survivals).set_index("text")
    words = list(OUTCOMES)
    hover = {
        (row["text"], row["way"]): f"sent {escape(row['sent'])}<br>got {escape(row['got']) or 'nothing'}"
        for row in survivals.to_dict("records")
    }
    matrix = go.Heatmap(
        x=list(wide.columns),
        y=list(wide.index),
        z=[[words.index(outcome) for outcome in row] for row in wide.to_numpy()],
        zmin=-0.5,
        zmax=len(words) - 0.5,
        colorscale=_steps(),
        showscale=False,
        xgap=3,
        ygap=3,
        customdata=[[hover[text, way] for way in wide.columns] for text in wide.index],
        hovertemplate="%{y}, %{x}<br>%{customdata}<extra></extra>",
    )
    counts = survivals["outcome"].value_counts()
    told = "; ".join(f"{outcome}: {counts[outcome]}" for outcome in words if outcome in counts)
    plain = {"showgrid": False, "zeroline": False, "automargin": True}
    figure = DescribedFigure(
        matrix,
        layout(
            title,
            f"{title}, {len(wide)} rows by {len(wide.columns)} columns. {told}. {_in_words(survivals)}",
            height_px=110 + 27 * len(wide),
            margin_b=16,
            xaxis={**plain, "side": "top"},
            yaxis={**plain, "autorange": "reversed", "ticksuffix": " "},
        ),
    )
    for text in wide.index:
        for way in wide.columns:
            outcome = wide.loc[text, way]
            color = INK if outcome == "OK" else "#ffffff"
            figure.add_annotation(x=way, y=text, text=outcome, showarrow=False, font={"color": color, "size": 13})
    return figure


def _steps() -> list[tuple[float, str]]:
    """Give a colour scale of one flat step an outcome."""
    count = len(OUTCOMES)
    return [((at + end) / count, color) for at, color in enumerate(OUTCOMES.values()) for end in (0, 1)]


def _in_words(survivals: pd.DataFrame) -> str:
    wrong = survivals[survivals["outcome"] != "OK"]
    parts = [f"{way}: {', '.join(rows['text'])}" for way, rows in wrong.groupby("way", sort=False)]
    return f"Not OK: {'; '.join(parts)}." if parts else "Everything is OK."
