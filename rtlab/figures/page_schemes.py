"""Which connections pages loaded over http and https may open, as a matrix of words."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.page_schemes import schemes_wide
from rtlab.tables.schema import check


def figure_schemes(tries: pd.DataFrame) -> go.Figure:
    """Draw what each page's script saw of each target.

    Args:
        tries: A ``scheme_tries`` table.

    Returns:
        A matrix, one row a target, one column a scheme of the page.

    Raises:
        InputError: The table does not follow its rules.
    """
    tries = check(tries, "scheme_tries")
    wide = schemes_wide(tries)
    opened = {str(seen) for seen in tries.loc[tries["opened"], "seen"]}
    columns: dict[str, list[tuple[str, Tone]]] = {
        str(name): [(str(word), "plain" if str(word) in opened else "bad") for word in wide[name]]
        for name in wide.columns[1:]
    }
    stopped = tries.loc[~tries["opened"]]
    told = "; ".join(
        f"from {page}: {target}" for page, target in zip(stopped["page"], stopped["target"], strict=True)
    )
    return figure_cells(
        [str(target) for target in wide["target"]],
        columns,
        "Which page may open what",
        f"{len(wide)} targets tried from pages loaded over http and https. Stopped: {told or 'none'}.",
    )
