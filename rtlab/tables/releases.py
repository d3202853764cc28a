"""Versions of frameworks with their dates and licences, and what is worth knowing of them, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.tables.schema import rows_table


def releases_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Put versions in order, the oldest first.

    Args:
        rows: One mapping a version, with the columns of the table as keys.

    Returns:
        The ``releases`` table (``describe("releases")``).
    """
    return rows_table(rows, "releases").sort_values("released", kind="stable", ignore_index=True)


def remarks_table(said: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """List what was noted of stacks.

    Args:
        said: Title, version and remark of each.

    Returns:
        The ``remarks`` table (``describe("remarks")``).
    """
    return rows_table([dict(zip(("title", "version", "remark"), each, strict=True)) for each in said], "remarks")


def kept_rules_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Count what WebSocket servers fail, by what the vectors try.

    Args:
        rows: One mapping a stack and group, with the columns of the table as keys.

    Returns:
        The ``kept_rules`` table (``describe("kept_rules")``).
    """
    return rows_table(rows, "kept_rules")
