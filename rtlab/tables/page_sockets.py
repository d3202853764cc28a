"""What a page's WebSockets did, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.page_sockets import MessageForm, Pouring, SocketEnd
from rtlab.tables.schema import TABLES, rows_table

HANDED, HELD = "handed over so far", "bufferedAmount"
"""What the rows of a ``poured`` table tell."""


def message_forms_table(forms: Sequence[MessageForm]) -> pd.DataFrame:
    """List what a script got for each message.

    Args:
        forms: One for each way and message.

    Returns:
        The ``message_forms`` table (``describe("message_forms")``), one row each.
    """
    return rows_table([asdict(form) for form in forms], "message_forms")


def pourings_table(pourings: Sequence[Pouring]) -> pd.DataFrame:
    """List how far a script came before the other side read.

    Args:
        pourings: One for each way.

    Returns:
        The ``pourings`` table (``describe("pourings")``), one row a way.
    """
    rows = [
        {
            "way": each.way,
            "messages": each.messages,
            "size_bytes": each.size_bytes,
            "early_bytes": _early_bytes(each),
            "most_held_bytes": max((size for _, size in each.held), default=None),
            "handed_ms": each.handed[-1][0],
            "reading_ms": each.reading_ms,
            "arrived": each.arrived,
        }
        for each in pourings
    ]
    return rows_table(rows, "pourings")


def poured_table(pourings: Sequence[Pouring]) -> pd.DataFrame:
    """List what was handed over and held back when, for a figure.

    Args:
        pourings: One for each way.

    Returns:
        The ``poured`` table (``describe("poured")``), one row a moment.
    """
    rows = [
        {"way": each.way, "what": what, "at_ms": at_ms, "size_bytes": size}
        for each in pourings
        for what, points in ((HANDED, each.handed), (HELD, each.held))
        for at_ms, size in points
    ]
    return rows_table(rows, "poured")


def socket_ends_table(ends: Sequence[SocketEnd]) -> pd.DataFrame:
    """List what both sides saw when a WebSocket ended.

    Args:
        ends: One for each way to end it.

    Returns:
        The ``socket_ends`` table (``describe("socket_ends")``), one row each.
    """
    names = [column.name for column in TABLES["socket_ends"]]
    rows = [{name: getattr(end, name) for name in names if name != "as_standards"} for end in ends]
    for row, end in zip(rows, ends, strict=True):
        row["as_standards"] = bool(end.refused) or (
            _is_told(end.page_saw, end.expected_page) and _is_told(end.lab_saw, end.expected_lab)
        )
    return rows_table(rows, "socket_ends")


def _early_bytes(pouring: Pouring) -> int:
    """What was handed over before the other side read; all of it, if nobody heard when that was."""
    sizes = [size for at_ms, size in pouring.handed if pouring.reading_ms is None or at_ms < pouring.reading_ms]
    return max(sizes, default=0)


def _is_told(seen: str, expected: str) -> bool:
    """A side that answers a close frame repeats its code; it may repeat the reason."""
    return seen == expected or (bool(expected) and seen.startswith(f"{expected} "))
