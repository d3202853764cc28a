"""Heartbeats as a tidy table: when they notice a dead line, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.simplicity import DeadPeer
from rtlab.tables.schema import rows_table


def dead_peers_table(found: Sequence[DeadPeer]) -> pd.DataFrame:
    """List for each heartbeat when it noticed the dead line, and what it cost.

    Args:
        found: One for each strategy, interval and seed.

    Returns:
        The ``dead_peers`` table (``describe("dead_peers")``).
    """
    rows = [{**asdict(one), "bytes_per_hour": one.bytes_per_beat * 3_600 / one.interval_s} for one in found]
    return rows_table(rows, "dead_peers")
