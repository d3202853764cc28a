"""Versions of frameworks with their dates and licences, as a tidy table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from rtlab.tables.schema import TABLES, check


def releases_table(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Put versions in order, the oldest first.

    Args:
        rows: One mapping a version, with the columns of the table as keys.

    Returns:
        The ``releases`` table (``describe("releases")``).
    """
    columns = [column.name for column in TABLES["releases"]]
    frame = pd.DataFrame(list(rows), columns=columns, dtype="object")
    return check(frame, "releases").sort_values("released", kind="stable", ignore_index=True)
