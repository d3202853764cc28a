"""What a page's EventSource and its fetch can do: as a tidy table, and as a matrix of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.page_fetch import Ability
from rtlab.tables.schema import check, rows_table


def abilities_table(abilities: Sequence[Ability]) -> pd.DataFrame:
    """List each ability.

    Args:
        abilities: One for each feature and client.

    Returns:
        The ``abilities`` table (``describe("abilities")``), one row a feature and client.
    """
    rows = [asdict(ability) for ability in abilities]
    return rows_table(rows, "abilities")


def abilities_wide(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the abilities into a matrix of words.

    Args:
        table: An ``abilities`` table.

    Returns:
        One row a feature; a column a client with yes or no, and what was seen.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(table, "abilities")
    wide = pd.DataFrame({"feature": table["feature"].unique()})
    for client, rows in table.groupby("client", sort=False):
        said = rows.set_index("feature").apply(
            lambda row: f"{'yes' if row['can'] else 'no'}: {row['seen']}", axis=1
        )
        wide[str(client)] = wide["feature"].map(said)
    return wide
