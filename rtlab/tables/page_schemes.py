"""What came of plain and secured connections, by the page's scheme: as a tidy table, and as a matrix of words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.findings.page_schemes import SchemeTry
from rtlab.tables.schema import TABLES, check, rows_table


def scheme_tries_table(tries: Sequence[SchemeTry]) -> pd.DataFrame:
    """List each attempt.

    Args:
        tries: One for each.

    Returns:
        The ``scheme_tries`` table (``describe("scheme_tries")``), one row an attempt.
    """
    columns = [column.name for column in TABLES["scheme_tries"]]
    rows = [{name: getattr(each, name) for name in columns} for each in tries]
    return rows_table(rows, "scheme_tries")


def schemes_wide(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the attempts into a matrix of words.

    Args:
        table: A ``scheme_tries`` table.

    Returns:
        One row a target; a column a scheme of the page, with what its script saw.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(table, "scheme_tries")
    wide = pd.DataFrame({"target": table["target"].unique()})
    for page, rows in table.groupby("page", sort=False):
        wide[f"{page} page"] = wide["target"].map(rows.set_index("target")["seen"])
    return wide
