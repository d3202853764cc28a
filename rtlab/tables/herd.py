"""Herds of clients that come back, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.findings.herd import SLICE_MS, HerdReturn
from rtlab.tables.schema import TABLES, rows_table


def herd_table(returns: Sequence[HerdReturn]) -> pd.DataFrame:
    """List how each herd came back.

    Args:
        returns: One for each strategy and source.

    Returns:
        The ``herd`` table (``describe("herd")``), one row a return.
    """
    names = [column.name for column in TABLES["herd"]]
    return rows_table([{name: getattr(each, name) for name in names} for each in returns], "herd")


def herd_attempts_table(returns: Sequence[HerdReturn]) -> pd.DataFrame:
    """List when the clients knocked.

    Args:
        returns: One for each strategy and source.

    Returns:
        The ``herd_attempts`` table (``describe("herd_attempts")``), one row a tenth of a second with attempts.
    """
    rows = [
        {
            "strategy": each.strategy,
            "source": each.source,
            "clients": each.clients,
            "at_s": (number + 1) * SLICE_MS / 1000,
            "attempts": count,
        }
        for each in returns
        for number, count in enumerate(each.slices)
        if count
    ]
    return rows_table(rows, "herd_attempts")
