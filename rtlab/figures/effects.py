"""The effects of single changes: a forest plot on a scale of equal ratios."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.dots import Measure, dots, figure_dots
from rtlab.figures.theme import INK, LOOKS
from rtlab.tables.schema import TRANSPORTS, check

_RATIO = Measure("ratio", "ratio_low", "ratio_high")


def figure_effects(effects: pd.DataFrame) -> go.Figure:
    """Draw how many times as long a message takes with each change, the largest effect on top.

    Args:
        effects: An ``effects`` table.

    Returns:
        One row a change with its interval; the line at 1 means no effect.

    Raises:
        InputError: The table does not follow its rules.
    """
    effects = check(effects, "effects")
    names = (
        effects["transport"].map({transport: LOOKS[transport].name for transport in TRANSPORTS}).astype("string")
    )
    effects = effects.assign(row=effects["factor"] + ", " + names + "<br>" + effects["change"])
    told = "; ".join(
        f"{row['row'].replace('<br>', ', ')}: {row['ratio']:,.4g} times" for row in effects.to_dict("records")
    )
    figure = figure_dots(
        [
            dots(effects[effects["transport"] == transport], _RATIO, LOOKS[transport], row="row")
            for transport in TRANSPORTS
            if (effects["transport"] == transport).any()
        ],
        effects,
        _RATIO,
        title="One change at a time",
        x_title="times as long as without the change",
        description=f"How many times as long a message takes with each change. {told}.",
    )
    figure.update_yaxes(categoryorder="array", categoryarray=list(dict.fromkeys(effects["row"])))
    return figure.add_vline(x=1, line={"color": INK, "width": 1.5})
