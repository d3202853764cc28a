"""What came of attacks, as a matrix: one row an attack, one column a server."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.schema import check

SERVERS = {"naive": "naive server", "fixed": "fixed server", "default_lab": "default lab"}
_CELLS: dict[str, tuple[str, Tone]] = {"succeeded": ("✗ succeeded", "bad"), "refused": ("✓ refused", "good")}
_NOT_TRIED: tuple[str, Tone] = ("not tried", "plain")


def figure_attacks(attacks: pd.DataFrame) -> go.Figure:
    """Draw what came of each attack: it succeeded, or it was refused.

    Args:
        attacks: An ``attacks`` table.

    Returns:
        A matrix with a sign and a word in each cell; the fix comes on hovering.

    Raises:
        InputError: The table does not follow its rules.
    """
    attacks = check(attacks, "attacks")
    rows = attacks.to_dict("records")
    columns = {
        shown: [_NOT_TRIED if pd.isna(row[name]) else _CELLS[row[name]] for row in rows]
        for name, shown in SERVERS.items()
    }
    told = "; ".join(f"{_title(row)}: {_outcomes(row)}" for row in rows)
    return figure_cells(
        [_title(row) for row in rows],
        columns,
        "Attacks, and what came of them",
        f"{len(rows)} attacks. {told}.",
        hover=[f"{_title(row)}: {row['seen']} The fix: {row['fix']} ({row['spec']})" for row in rows],
    )


def _title(row: dict[Hashable, Any]) -> str:
    return f"{row['attack']} ({row['transport']})"


def _outcomes(row: dict[Hashable, Any]) -> str:
    return ", ".join(f"{shown} {row[name]}" for name, shown in SERVERS.items() if not pd.isna(row[name]))
