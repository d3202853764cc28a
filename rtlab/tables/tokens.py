"""Where secrets turn up, as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.findings.tokens import Leak
from rtlab.tables.schema import rows_table
from rtlab.tables.security_columns import TOKEN_PLACES


def token_leaks_table(leaks: Sequence[Leak]) -> pd.DataFrame:
    """List for each way to show a secret in which places it turned up.

    Args:
        leaks: One for each way and place.

    Returns:
        The ``token_leaks`` table (``describe("token_leaks")``), one row a transport and way.
    """
    columns = {place: name for name, place in TOKEN_PLACES.items()}
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for leak in leaks:
        row = rows.setdefault((leak.transport, leak.way), {"transport": leak.transport, "way": leak.way})
        row[columns[leak.place]] = "leaks" if leak.usable else "used up" if leak.leaked else "no"
    return rows_table(rows.values(), "token_leaks")
