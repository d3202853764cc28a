"""Which rules of the WebSocket protocol the servers of several stacks keep."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.schema import check


def figure_kept_rules(kept_rules: pd.DataFrame) -> go.Figure:
    """Draw how many vectors each server fails, by what the vectors try; groups that nobody fails are left out.

    Args:
        kept_rules: A ``kept_rules`` table.

    Returns:
        One row a stack, one column a group.

    Raises:
        InputError: The table does not follow its rules.
    """
    rows = check(kept_rules, "kept_rules")
    stacks = list(rows["title"].unique())
    failed = rows.pivot_table(index="title", columns="group", values="failed", aggfunc="sum", sort=False)
    broken = [group for group in rows["group"].unique() if failed[group].sum()]
    columns = {
        str(group).replace(" ", "<br>"): [_cell(int(failed.loc[title, group])) for title in stacks]
        for group in broken
    }
    told = "; ".join(f"{title}: {_in_words(failed.loc[title])}" for title in stacks)
    figure = figure_cells(
        stacks,
        columns,
        "Which rules a WebSocket server breaks",
        f"Vectors that each server fails, by what they try; other groups are kept by all. {told}.",
    )
    figure.update_xaxes(tickangle=0, tickfont_size=11)
    figure.update_layout(height=figure.layout.height + 30, margin_t=110)
    return figure


def _cell(count: int) -> tuple[str, Tone]:
    return (f"{count} failed", "bad") if count else ("kept", "plain")


def _in_words(counts: pd.Series) -> str:
    return ", ".join(f"{group} {count}" for group, count in counts.items() if count) or "none"
