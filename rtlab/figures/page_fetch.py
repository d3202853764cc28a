"""What a page's EventSource and its fetch can do, as a matrix with one word a cell."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.schema import check

_WORDS: dict[bool, tuple[str, Tone]] = {True: ("yes", "good"), False: ("no", "plain")}


def figure_abilities(abilities: pd.DataFrame) -> go.Figure:
    """Draw a matrix: one row a feature, one column a client, yes or no in each cell.

    Args:
        abilities: An ``abilities`` table.

    Returns:
        The matrix; what was seen comes on hovering.

    Raises:
        InputError: The table does not follow its rules.
    """
    abilities = check(abilities, "abilities")
    features = [str(feature) for feature in abilities["feature"].unique()]
    by_client = {str(client): rows.set_index("feature") for client, rows in abilities.groupby("client", sort=False)}
    told = "; ".join(f"{client}: {', '.join(rows.index[rows['can']])}" for client, rows in by_client.items())
    return figure_cells(
        features,
        {client: [_WORDS[bool(rows["can"][name])] for name in features] for client, rows in by_client.items()},
        "What each gives to a page",
        f"{len(features)} features tried with {' and '.join(by_client)}. What each can do: {told}.",
        hover=[
            "; ".join(f"{client}: {rows['seen'][name]}" for client, rows in by_client.items()) for name in features
        ],
    )
