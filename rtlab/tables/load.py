"""Load swarms as tidy tables, and whether their figures may be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from rtlab.findings.load import LoadReport
from rtlab.findings.swarm import LatencyPoint, SwarmSecond, SwarmTotals
from rtlab.tables.schema import TABLES, check, rows_table

# A process that uses more than this share of a core queues what arrives, and then measures its own queue.
_CPU_LIMIT = 0.8
# The coarsest timer in use ticks every 15.6 ms (Windows); a sender that is later than that is overloaded.
_LAG_LIMIT_MS = 20.0
# The gap between messages at 20 a second; a worker that stands still for longer adds that to what it measures.
_STALL_LIMIT_MS = 50.0
# Clocks are compared by a round trip; one that is longer than this tells nothing about milliseconds.
_CLOCK_ERROR_LIMIT_MS = 5.0


def load_table(totals: SwarmTotals) -> pd.DataFrame:
    """Give the whole swarm in one row.

    Args:
        totals: The swarm's sums.

    Returns:
        The ``load`` table (``describe("load")``).
    """
    return rows_table([asdict(totals)], "load")


def load_seconds_table(seconds: Sequence[SwarmSecond]) -> pd.DataFrame:
    """List what happened in each second.

    Args:
        seconds: In their order.

    Returns:
        The ``load_seconds`` table (``describe("load_seconds")``), one row a second.
    """
    return rows_table([asdict(second) for second in seconds], "load_seconds")


def load_latency_table(points: Sequence[LatencyPoint]) -> pd.DataFrame:
    """List the percentiles of the latency.

    Args:
        points: From the lowest to the maximum.

    Returns:
        The ``load_latency`` table (``describe("load_latency")``), one row a percentile; none without stamps.
    """
    return rows_table([asdict(point) for point in points], "load_latency")


def load_connections_table(report: LoadReport) -> pd.DataFrame:
    """List the connections, without those of workers that were lost.

    Args:
        report: What the workers found.

    Returns:
        The ``load_connections`` table (``describe("load_connections")``), one row a connection, by number.
    """
    names = [column.name for column in TABLES["load_connections"]]
    rows = [
        {"connection_id": row.number, "worker": share.number} | {name: getattr(row, name) for name in names[2:]}
        for share in report.shares
        for row in share.connections
    ]
    return rows_table(rows, "load_connections").sort_values("connection_id", ignore_index=True)


def load_workers_table(report: LoadReport, lags_ms: Mapping[int, Sequence[float | None]]) -> pd.DataFrame:
    """List the workers, those that were lost too.

    Args:
        report: What the workers found.
        lags_ms: How late the messages of each worker left: the median and the 99th percentile.

    Returns:
        The ``load_workers`` table (``describe("load_workers")``), one row a worker, by number.
    """
    rows: list[dict[str, Any]] = [
        {
            "worker": share.number,
            "connections": len(share.connections),
            "opened": sum(row.opened_ms is not None for row in share.connections),
            "planned": share.planned,
            "sent": share.sent,
            "lag_p50_ms": lags_ms[share.number][0],
            "lag_p99_ms": lags_ms[share.number][1],
            "cpu_share": share.cpu_share,
            "stall_ms": share.stall_ms,
            "error": "",
        }
        for share in report.shares
    ]
    rows += [
        {
            "worker": failure.number,
            "connections": failure.connections,
            "opened": 0,
            "planned": failure.planned,
            "sent": 0,
            "error": failure.reason,
        }
        for failure in report.failures
    ]
    return rows_table(rows, "load_workers").sort_values("worker", ignore_index=True)


def load_validity_table(totals: SwarmTotals) -> pd.DataFrame:
    """Check what can make the figures of a swarm false.

    Args:
        totals: The swarm's sums.

    Returns:
        The ``validity`` table (``describe("validity")``), one row a check. A check whose ``measured`` is missing
        could not be made and has not passed. A swarm that only listens has no checks on sending.
    """
    sample = totals.sample
    rows = [
        (
            "every worker reported",
            totals.lost_workers,
            0,
            "workers",
            "What a lost worker saw is not in the figures, and the load was less than it says.",
        ),
        (
            "every connection opened",
            totals.connections - totals.opened,
            0,
            "connections",
            "A client that is not there is not served, and the others are served faster.",
        ),
        (
            "every connection was open in time",
            totals.late,
            0,
            "connections",
            "Connections that still open while it is measured cost the server time: give a longer ramp_up_s.",
        ),
        (
            "every connection stayed open",
            totals.ended,
            0,
            "connections",
            "A server that drops clients has less to do for the rest.",
        ),
        (
            "the workers had time to spare",
            totals.cpu_share,
            _CPU_LIMIT,
            "of a core",
            "A busy worker lets messages lie before it counts them; then it measures itself: use more workers.",
        ),
        (
            "the loops were not held up",
            totals.stall_ms,
            _STALL_LIMIT_MS,
            "ms",
            "While a worker stands still, every message waits, whatever the server does.",
        ),
        (
            "the sample agrees",
            sample.disagreements + sample.damaged + sample.out_of_order,
            0,
            "messages",
            "The connections that were checked in full must show what the lean ones count, intact and in order.",
        ),
        (
            "messages arrived after they were sent",
            totals.from_future,
            0,
            "messages",
            "A stamp from a clock that is wrong makes every latency wrong.",
        ),
        (
            "the clocks agree",
            totals.clock_error_ms,
            _CLOCK_ERROR_LIMIT_MS if totals.p50_ms is None else min(_CLOCK_ERROR_LIMIT_MS, totals.p50_ms / 2),
            "ms",
            "The error of two workers' clocks is in each latency, and a half of the median tells little more than "
            "its order; on one machine there is one clock.",
        ),
    ]
    if totals.planned:
        rows += [
            (
                "the senders kept the plan",
                _number(totals.lag_p99_ms),
                _LAG_LIMIT_MS,
                "ms",
                "99 of 100 messages must leave on time, or the wait is the swarm's and not the server's.",
            ),
            (
                "every planned message was sent",
                totals.planned - totals.sent,
                0,
                "messages",
                "A swarm that sends less than it says loads the server less.",
            ),
            (
                "nothing is missing",
                _number(totals.missing),
                0,
                "messages",
                "What never came back has no latency: the survivors alone tell the story.",
            ),
        ]
    report = [
        (name, bool(measured <= limit), measured, limit, unit, why) for name, measured, limit, unit, why in rows
    ]
    return check(pd.DataFrame(report, columns=[column.name for column in TABLES["validity"]]), "validity")


def _number(value: float | None) -> float:
    return np.nan if value is None else value
