"""What each column of each table means, kept as data so that a learner can ask for it.

::

    describe("deliveries")        one row a column: name, dtype, unit, meaning
    check(frame, "deliveries")    the same frame in the table's dtypes, or an error that says what is wrong
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Any, get_args

import pandas as pd
from pandas.api.types import pandas_dtype

from rtlab.errors import InputError
from rtlab.records import Direction, Transport
from rtlab.tables import columns
from rtlab.tables.adoption_columns import ADOPTION_TABLES
from rtlab.tables.columns import VERDICTS, Column
from rtlab.tables.cross_site_columns import CROSS_SITE_TABLES
from rtlab.tables.document_columns import DOCUMENT_TABLES
from rtlab.tables.exhaustion_columns import EXHAUSTION_TABLES
from rtlab.tables.fault_columns import FAULT_TABLES
from rtlab.tables.http2_columns import HTTP2_TABLES
from rtlab.tables.load_columns import LOAD_TABLES
from rtlab.tables.outage_columns import OUTAGE_TABLES
from rtlab.tables.page_columns import PAGE_TABLES
from rtlab.tables.probe_columns import PROBE_TABLES
from rtlab.tables.release_columns import RELEASE_TABLES
from rtlab.tables.security_columns import SECURITY_TABLES
from rtlab.tables.serving_columns import SERVING_TABLES
from rtlab.tables.simplicity_columns import SIMPLICITY_TABLES
from rtlab.tables.socket_columns import SOCKET_TABLES
from rtlab.tables.speed_columns import SPEED_TABLES
from rtlab.tables.support_columns import SUPPORT_TABLES
from rtlab.tables.sweep_columns import SWEEP_TABLES
from rtlab.tables.tool_columns import TOOL_TABLES

__all__ = ["TABLES", "TRANSPORTS", "TRANSPORT_NAMES", "VERDICTS", "Column", "check", "describe"]

TABLES = (
    columns.TABLES
    | ADOPTION_TABLES
    | CROSS_SITE_TABLES
    | DOCUMENT_TABLES
    | EXHAUSTION_TABLES
    | FAULT_TABLES
    | HTTP2_TABLES
    | LOAD_TABLES
    | OUTAGE_TABLES
    | PAGE_TABLES
    | PROBE_TABLES
    | RELEASE_TABLES
    | SECURITY_TABLES
    | SERVING_TABLES
    | SIMPLICITY_TABLES
    | SOCKET_TABLES
    | SPEED_TABLES
    | SUPPORT_TABLES
    | SWEEP_TABLES
    | TOOL_TABLES
)

TRANSPORTS: tuple[str, ...] = get_args(Transport)
"""All transports, in the order in which every table and figure shows them."""

TRANSPORT_NAMES = {
    "sse": "SSE",
    "websocket": "WebSocket",
    "long-polling": "long polling",
    "polling": "polling",
}
"""How each transport is written for people."""

_CATEGORIES = {"transport": TRANSPORTS, "direction": get_args(Direction), "verdict": tuple(VERDICTS)}
_STRICT = {"int64": "Int64", "float64": "Float64", "bool": "boolean"}


def describe(table_name: str) -> pd.DataFrame:
    """Explain every column of a table.

    Args:
        table_name: A key of :data:`TABLES`, such as ``"deliveries"``, ``"runs"`` or ``"summary"``.

    Returns:
        One row a column of the table: ``column``, ``dtype``, ``unit``, ``meaning``.

    Raises:
        InputError: There is no such table.
    """
    rows = [astuple(column) for column in _columns(table_name)]
    return pd.DataFrame(rows, columns=["column", "dtype", "unit", "meaning"], dtype="string")


def check(frame: pd.DataFrame, table_name: str) -> pd.DataFrame:
    """Give a frame back in the dtypes of its table; one read from a file then serves as well as a fresh one.

    Args:
        frame: The frame; columns that the table does not know are kept as they are.
        table_name: Which table it should be.

    Returns:
        The frame with the table's columns first.

    Raises:
        InputError: A column is missing or holds something else than the table wants.
    """
    columns = _columns(table_name)
    missing = [column.name for column in columns if column.name not in frame]
    if missing:
        raise InputError(f"A {table_name} table needs the columns {', '.join(missing)}, which are not there.")
    own = [column.name for column in columns]
    cast = {column.name: _cast(frame[column.name], column, table_name) for column in columns}
    return pd.DataFrame(cast, index=frame.index).join(frame.drop(columns=own))


def rows_table(rows: Iterable[Mapping[str, Any] | Sequence[Any]], table_name: str) -> pd.DataFrame:
    """Make a table of its rows.

    Args:
        rows: What the columns hold, by their names, or in their order; further names are left out.
        table_name: A key of :data:`TABLES`.

    Raises:
        InputError: The table is unknown, or the rows do not follow its rules.
    """
    names = [column.name for column in _columns(table_name)]
    return check(pd.DataFrame(list(rows), columns=names, dtype="object"), table_name)


def _columns(table_name: str) -> tuple[Column, ...]:
    if table_name not in TABLES:
        raise InputError(f"There is no table {table_name!r}; the tables are {', '.join(TABLES)}.")
    return TABLES[table_name]


def _cast(series: pd.Series, column: Column, table_name: str) -> pd.Series:
    if column.dtype == "category":
        known = list(_CATEGORIES[column.name])
        strange = [str(value) for value in series.unique() if value not in known]
        if strange:
            raise InputError(
                f"Column {column.name} of a {table_name} table knows {', '.join(known)}, not {strange[0]}."
            )
        return series.astype(pd.CategoricalDtype(known))
    try:
        # The nullable twins refuse 1.5 and "maybe"; the plain dtypes would turn them into 1 and True.
        strict = series.astype(pandas_dtype(_STRICT.get(column.dtype, column.dtype)))
        return strict.astype(pandas_dtype(column.dtype))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"Column {column.name} of a {table_name} table must be {column.dtype}, not {series.dtype}."
        ) from error
