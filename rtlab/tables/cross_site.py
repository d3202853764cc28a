"""What came of attacks across sites, as tidy tables and as matrices of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from rtlab.findings.cross_site import OWN, CorsTry, HijackTry, RebindingTry
from rtlab.tables.schema import TABLES, rows_table

READ, READS_OWN, REFUSED, NO_COOKIE, NO_TOKEN = "read", "reads its own", "refused", "no cookie", "no token"
STOPPED = "stopped"


def hijacks_table(tries: Sequence[HijackTry]) -> pd.DataFrame:
    """List every attempt to hijack a WebSocket.

    Args:
        tries: The attempts.

    Returns:
        The ``hijacks`` table (``describe("hijacks")``), in the order given.
    """
    return _table("hijacks", tries, _hijack_outcome)


def cors_table(tries: Sequence[CorsTry]) -> pd.DataFrame:
    """List every attempt to read an event stream of another origin.

    Args:
        tries: The attempts.

    Returns:
        The ``cors`` table (``describe("cors")``), in the order given.
    """
    return _table("cors", tries, _cors_outcome)


def rebindings_table(tries: Sequence[RebindingTry]) -> pd.DataFrame:
    """List every attempt to reach a lab by a rebound name.

    Args:
        tries: The attempts.

    Returns:
        The ``rebindings`` table (``describe("rebindings")``), in the order given.
    """
    return _table("rebindings", tries, lambda each: READ if each.read else REFUSED)


def outcomes_wide(table: pd.DataFrame, rows: Sequence[str], columns: str) -> pd.DataFrame:
    """Turn attempts into a matrix of their outcomes.

    Args:
        table: A ``hijacks``, ``cors`` or ``rebindings`` table.
        rows: The columns that name a row.
        columns: The column that names a column.

    Returns:
        One row for each case, in the table's order; a column for each value.
    """
    cases: dict[tuple[str, ...], dict[str, str]] = {}
    for each in table.to_dict("records"):
        named = {name: str(each[name]) for name in rows}
        cases.setdefault(tuple(named.values()), named)[str(each[columns])] = str(each["outcome"])
    return pd.DataFrame(list(cases.values()), dtype="string")


def _table(name: str, tries: Sequence[Any], outcome: Callable[[Any], str]) -> pd.DataFrame:
    columns = [column.name for column in TABLES[name]]
    rows = [
        [outcome(each) if column == "outcome" else getattr(each, column) for column in columns] for each in tries
    ]
    return rows_table(rows, name)


def _hijack_outcome(each: HijackTry) -> str:
    if each.read:
        return READS_OWN if each.page == OWN else READ
    if not each.opened:
        return REFUSED
    return NO_TOKEN if each.cookie_sent else NO_COOKIE


def _cors_outcome(each: CorsTry) -> str:
    return f"{READ if each.readable else STOPPED}{' (cookie)' if each.cookie_sent else ''}"
