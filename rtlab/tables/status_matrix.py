"""What each client did in each situation: as a tidy table, and as a matrix of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.reconnection import StatusCell
from rtlab.tables.schema import TRANSPORT_NAMES, check, rows_table

DIFFERS = "✗"


def status_table(cells: Sequence[StatusCell]) -> pd.DataFrame:
    """List every cell.

    Args:
        cells: One for each situation and client.

    Returns:
        The ``status_matrix`` table (``describe("status_matrix")``), one row a cell.
    """
    rows = [asdict(cell) | {"delays_ms": ", ".join(f"{delay:.0f}" for delay in cell.delays_ms)} for cell in cells]
    return rows_table(rows, "status_matrix")


def status_wide(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the cells into a matrix of words.

    Args:
        table: A ``status_matrix`` table.

    Returns:
        One row a situation; for each protocol a column with what the standard wants, then one a client with what it
        did. ``✗`` marks what the standard does not want.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(table, "status_matrix")
    wide = pd.DataFrame({"situation": table["situation"].unique()})
    for protocol, rows in table.groupby("protocol", sort=False):
        said = rows.drop_duplicates("situation").set_index("situation")["standard"]
        wide[f"{TRANSPORT_NAMES[str(protocol)]}: the standard"] = wide["situation"].map(said).fillna("")
        for client, cells in rows.groupby("client", sort=False):
            words = cells.set_index("situation").apply(_in_words, axis=1)
            wide[str(client)] = wide["situation"].map(words).fillna("")
    return wide


def _in_words(cell: pd.Series) -> str:
    return f"{cell['outcome']}{'' if cell['agrees'] else f' {DIFFERS}'}"
