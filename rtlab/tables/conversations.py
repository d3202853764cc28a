"""Conversations, reply costs and outages as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from rtlab.findings.direction import Conversation, Outage, ReplyCost
from rtlab.tables.schema import rows_table


def conversations_table(conversations: Sequence[Conversation]) -> pd.DataFrame:
    """List what each way of talking cost.

    Args:
        conversations: One for each way.

    Returns:
        The ``conversations`` table (``describe("conversations")``), one row a way.
    """
    rows = [
        {
            **{name: getattr(talk, name) for name in ("way", "connections", "requests", "bytes_up", "bytes_down")},
            "down_sent": talk.down_sent,
            "down_arrived": len(talk.down_ms),
            "down_median_ms": _median(talk.down_ms),
            "up_sent": talk.up_sent,
            "up_returned": len(talk.up_ms),
            "up_median_ms": _median(talk.up_ms),
        }
        for talk in conversations
    ]
    return rows_table(rows, "conversations")


def marks_table(conversations: Sequence[Conversation]) -> pd.DataFrame:
    """List what crossed when, for a diagram.

    Args:
        conversations: One for each way.

    Returns:
        The ``marks`` table (``describe("marks")``), one row a request or message, lane by lane.
    """
    return rows_table([asdict(mark) for talk in conversations for mark in talk.marks], "marks")


def replies_table(costs: Sequence[ReplyCost]) -> pd.DataFrame:
    """List what the client's messages cost at each rate.

    Args:
        costs: One for each way and rate.

    Returns:
        The ``replies`` table (``describe("replies")``), one row a way and rate.
    """
    rows = [{**asdict(cost), "bytes_per_s": cost.bytes_per_reply * cost.rate_per_s} for cost in costs]
    return rows_table(rows, "replies")


def outages_table(outages: Sequence[Outage]) -> pd.DataFrame:
    """List what each client design lost when its line was cut.

    Args:
        outages: One for each design.

    Returns:
        The ``outages`` table (``describe("outages")``), one row a design; ``delivered + lost == sent``.
    """
    return rows_table([asdict(outage) for outage in outages], "outages")


def _median(values_ms: tuple[float, ...]) -> float:
    return float(np.median(values_ms)) if values_ms else np.nan
