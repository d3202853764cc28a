"""The ledger's verdicts, counted, and the article's summary beside what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from rtlab.tables.schema import rows_table

NEITHER = 0.1
"""Measures that lean by less than this lean to neither side."""

_NAMES = {"sse": "SSE", "websocket": "WebSocket"}


def verdict_counts_table(
    pairs: Iterable[tuple[str, str]], categories: Sequence[str], verdicts: Sequence[str]
) -> pd.DataFrame:
    """Count the verdicts by category.

    Args:
        pairs: Category and verdict of each claim.
        categories: All categories, in their order.
        verdicts: All verdicts, in their order.

    Returns:
        The ``verdict_counts`` table (``describe("verdict_counts")``); what does not occur has no row.
    """
    counts = Counter(pairs)
    rows = [
        {"category": category, "verdict": verdict, "claims": counts[category, verdict]}
        for category in categories
        for verdict in verdicts
        if counts[category, verdict]
    ]
    return rows_table(rows, "verdict_counts")


def article_summary_table(
    article: Sequence[Mapping[str, str]],
    scorecard: pd.DataFrame,
    not_as_written: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Put the article's summary beside the measures.

    Args:
        article: For each category ``sse``, ``websocket`` and ``leans``.
        scorecard: A ``scorecard`` table.
        not_as_written: By category, the ids of the claims that do not hold as they are written.

    Returns:
        The ``article_summary`` table (``describe("article_summary")``), one row a category.
    """
    measured = {row["category"]: row for row in scorecard.to_dict("records")}
    rows = [
        {
            "category": each["category"],
            "article_sse": each["sse"],
            "article_websocket": each["websocket"],
            "article_leans": _NAMES.get(each["leans"], each["leans"]),
            "measured_leans": _side(measured[each["category"]]),
            "source": measured[each["category"]]["source"],
            "not_as_written": " ".join(not_as_written.get(each["category"], ())),
        }
        for each in article
    ]
    return rows_table(rows, "article_summary")


def _side(row: Mapping[Any, Any]) -> str | None:
    if pd.isna(row["lean"]):
        return None
    if row["mixed"]:
        return "both"
    return "neither" if abs(row["lean"]) < NEITHER else _NAMES["sse" if row["lean"] < 0 else "websocket"]
