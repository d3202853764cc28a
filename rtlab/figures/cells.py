"""A matrix of words: what was seen in each case, with the cells coloured that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, WARNING, layout

Tone = Literal["plain", "good", "bad"]
_TONES: dict[Tone, tuple[str, str]] = {
    "plain": ("rgba(128, 128, 128, 0.1)", INK),
    "good": (LOOKS["sse"].color, "#ffffff"),
    "bad": (WARNING, "#ffffff"),
}
"""Background and ink of each."""
_PLACES = {tone: place for place, tone in enumerate(_TONES)}
_STEPS = [
    (edge, color) for place, (color, _) in enumerate(_TONES.values()) for edge in (place / 3, (place + 1) / 3)
]


def figure_cells(
    cases: Sequence[str],
    columns: Mapping[str, Sequence[tuple[str, Tone]]],
    title: str,
    description: str,
    *,
    hover: Sequence[str] = (),
) -> go.Figure:
    """Draw one row a case, with a word in each column.

    Args:
        cases: The names of the rows.
        columns: For each column its words and their tones, one for each case.
        title: What the figure shows.
        description: One sentence for readers who cannot see it.
        hover: What comes on hovering, one for each case; the case itself if nothing is given.

    Returns:
        One heat map with the words in it.
    """
    texts = hover or cases
    places = list(range(len(cases)))
    plain = {"showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True, "ticks": ""}
    matrix = go.Heatmap(
        x=list(columns),
        y=places,
        z=[[_PLACES[cells[place][1]] for cells in columns.values()] for place in places],
        zmin=0,
        zmax=len(_TONES) - 1,
        colorscale=_STEPS,
        showscale=False,
        xgap=3,
        ygap=3,
        customdata=[[escape(texts[place])] * len(columns) for place in places],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure = DescribedFigure(
        matrix,
        layout(
            title,
            description,
            height_px=140 + 30 * len(cases),
            margin_b=16,
            xaxis={**plain, "side": "top"},
            yaxis={
                **plain,
                "autorange": "reversed",
                "ticksuffix": " ",
                "tickvals": places,
                "ticktext": [escape(case) for case in cases],
            },
        ),
    )
    # All at once: added one by one, a hundred take plotly seconds.
    figure.layout.annotations = [
        {
            "x": column,
            "y": place,
            "text": escape(word),
            "showarrow": False,
            "font": {"color": _TONES[tone][1], "size": 12},
        }
        for column, cells in columns.items()
        for place, (word, tone) in zip(range(len(cases)), cells, strict=True)
    ]
    return figure
