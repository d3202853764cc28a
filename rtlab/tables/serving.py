"""What it costs to serve, as tidy tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from rtlab.findings.echo import Echo
from rtlab.findings.idle_connections import IdleCost
from rtlab.findings.performance import Drained
from rtlab.findings.slow_readers import SlowReading
from rtlab.findings.upstream import Upstream
from rtlab.tables.intervals import middle_of_repeats, slope
from rtlab.tables.schema import rows_table


def peers_table(found: Sequence[Drained]) -> pd.DataFrame:
    """List how fast each library served each transport.

    Args:
        found: One for each library, transport and repeat.

    Returns:
        The ``peers`` table (``describe("peers")``), the fastest library first.
    """
    groups: defaultdict[tuple[str, str], list[Drained]] = defaultdict(list)
    for each in found:
        groups[each.server, each.way].append(each)
    rows = [
        {
            "library": library,
            "transport": way,
            "repeats": len(group),
            **with_interval("deliveries", "_per_s", [each.deliveries_per_s for each in group]),
            **cpu([each.server_us_each for each in group]),
        }
        for (library, way), group in groups.items()
    ]
    table = rows_table(rows, "peers")
    best = table.groupby("library")["deliveries_per_s"].transform("max")
    order = table.assign(best=best).sort_values(["best", "library", "transport"], ascending=[False, True, True])
    return order.drop(columns="best").reset_index(drop=True)


def with_interval(name: str, unit: str, values: Sequence[float]) -> dict[str, float]:
    """Give a middle with its interval under the names of a table.

    Args:
        name: What is measured, such as ``"deliveries"``.
        unit: How the names end, such as ``"_per_s"``.
        values: One for each repeat.
    """
    names = (f"{name}{unit}", f"{name}_low{unit}", f"{name}_high{unit}")
    return dict(zip(names, middle_of_repeats(values), strict=True))


def cpu(values_us: Sequence[float]) -> dict[str, float]:
    """Give the processor time for each delivery or round trip with its interval, under the names of a table."""
    return dict(
        zip(("server_us_each", "server_low_us", "server_high_us"), middle_of_repeats(values_us), strict=True)
    )


def echoes_table(found: Sequence[Echo]) -> pd.DataFrame:
    """List what a round trip cost.

    Args:
        found: One for each library, way, number of clients and repeat.

    Returns:
        The ``echoes`` table (``describe("echoes")``), by number of clients.
    """
    groups: defaultdict[tuple[int, str, str], list[Echo]] = defaultdict(list)
    for each in found:
        groups[each.clients, each.library, each.way].append(each)
    rows = [
        {
            "library": library,
            "way": way,
            "clients": clients,
            "repeats": len(group),
            **with_interval("round_trips", "_per_s", [each.round_trips_per_s for each in group]),
            **cpu([each.server_us_each for each in group]),
            "bytes_up_each": sum(each.bytes_up for each in group) / sum(each.round_trips for each in group),
            "bytes_down_each": sum(each.bytes_down for each in group) / sum(each.round_trips for each in group),
        }
        for (clients, library, way), group in sorted(groups.items(), key=lambda item: item[0][0])
    ]
    return rows_table(rows, "echoes")


def idle_table(found: Sequence[IdleCost]) -> pd.DataFrame:
    """List what an idle connection costs.

    Args:
        found: One for each library and way.

    Returns:
        The ``idle`` table (``describe("idle")``), one row each.
    """
    names = ("bytes_each", "low_bytes", "high_bytes")
    rows: list[dict[str, object]] = [
        {
            "library": each.library,
            "way": each.way,
            "connections": each.connections[-1],
            **dict(zip(names, slope(each.connections, each.memory_bytes), strict=True)),
            "descriptors_each": each.descriptors_each,
        }
        for each in found
    ]
    return rows_table(rows, "idle")


def upstream_table(found: Sequence[Upstream]) -> pd.DataFrame:
    """List the bytes both ways while only the server spoke.

    Args:
        found: One for each transport.

    Returns:
        The ``upstream`` table (``describe("upstream")``), one row each.
    """
    names = ("sent", "received", "opening_up_bytes", "bytes_up", "bytes_down")
    rows = [{"transport": each.way, **{name: getattr(each, name) for name in names}} for each in found]
    return rows_table(rows, "upstream")


def slow_readers_table(found: Sequence[SlowReading]) -> pd.DataFrame:
    """List what readers got while others paused, and what those got.

    Args:
        found: One for each transport, policy and repeat.

    Returns:
        The ``slow_readers`` table (``describe("slow_readers")``), one row a transport and policy.
    """
    groups: defaultdict[tuple[str, str], list[SlowReading]] = defaultdict(list)
    for each in found:
        groups[each.way, each.policy].append(each)
    rows = []
    for (way, policy), runs in groups.items():
        sent, paused = runs[0].sent, [reading for run in runs for reading in run.slow]
        rows.append(
            {
                "transport": way,
                "policy": policy,
                "repeats": len(runs),
                "sent": sent,
                "readers": len(runs[0].good),
                "whole": min(sum(reading.received == sent for reading in run.good) for run in runs),
                "due_per_s": runs[0].rate_per_s,
                **with_interval("got", "_per_s", [min(each.got_per_s for each in run.good) for run in runs]),
                **with_interval("p99", "_ms", [run.p99_ms for run in runs]),
                "paused": len(runs[0].slow),
                "cut": sum(reading.cut for reading in paused) / len(runs),
                "paused_got": float(np.mean([reading.received for reading in paused])),
                "paused_gaps": float(np.mean([reading.gaps for reading in paused])),
                "paused_missed": float(np.mean([reading.missed for reading in paused])),
                "after_newest": float(np.mean([sent - 1 - reading.newest for reading in paused])),
                "server_bytes": max(run.server_bytes for run in runs),
            }
        )
    return rows_table(rows, "slow_readers")
