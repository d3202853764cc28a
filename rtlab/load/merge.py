"""Puts together what the workers of a swarm found."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rtlab.findings.load import LoadConnection, LoadReport, LoadSecond, ShareFailure, ShareReport
from rtlab.findings.swarm import LatencyPoint, Returns, SwarmSecond, SwarmTotals
from rtlab.load.examiner import add_samples
from rtlab.load.histogram import Times
from rtlab.load.plan import LoadPlan

_PERCENTILES = (10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999, 99.9995, 99.9999)


def make_report(
    plan: LoadPlan,
    conditions: dict[str, str | int | float | bool],
    results: Iterable[ShareReport | ShareFailure],
) -> LoadReport:
    """Keep what an engine gave.

    Args:
        plan: What the swarm did; secrets in it are not kept.
        conditions: Machine, versions and date.
        results: One for each share.
    """
    results = list(results)
    kept = {name: value for name, value in asdict(plan).items() if name not in ("headers", "ca_pem")}
    return LoadReport(
        kept,
        conditions,
        tuple(each for each in results if isinstance(each, ShareReport)),
        tuple(each for each in results if isinstance(each, ShareFailure)),
    )


def swarm_seconds(report: LoadReport) -> list[SwarmSecond]:
    """Add up the workers' seconds.

    Args:
        report: What they found.

    Returns:
        One for each second from the first in which something happened, to the last.
    """
    by_second: dict[int, list[LoadSecond]] = defaultdict(list)
    for second in _seconds(report):
        by_second[second.second].append(second)
    if not by_second:
        return []
    return [_one_second(second, by_second[second]) for second in range(min(by_second), max(by_second) + 1)]


def latency_points(report: LoadReport) -> list[LatencyPoint]:
    """Give the curve of latencies over the measured time.

    Args:
        report: What the workers found.

    Returns:
        Points from the lower tail to the highest percentile that so many messages can tell, and the maximum.
    """
    times = _measured_times(report)
    told = [percentile for percentile in _PERCENTILES if round(len(times) * (100 - percentile), 6) >= 100]
    points = zip((*told, 100.0), (*times.percentiles_ms(told), times.max_ms), strict=True)
    return [LatencyPoint(float(percentile), value) for percentile, value in points if value is not None]


def swarm_totals(report: LoadReport) -> SwarmTotals:
    """Sum up the swarm.

    Args:
        report: What the workers found.
    """
    plan, shares = LoadPlan(**report.plan), report.shares
    rows = [row for share in shares for row in share.connections]
    measured = [second for second in _seconds(report) if second.second >= 0]
    within = [second for second in measured if second.second < math.ceil(plan.seconds)]
    opened = [row for row in rows if row.opened_ms is not None]
    times = _measured_times(report)
    p50_ms, p99_ms = times.percentiles_ms((50, 99))
    lags = Times(share.lags for share in shares if share.lags)
    returns, expected, missing = _account(plan, report)
    return SwarmTotals(
        transport=plan.transport,
        workers=len(shares) + len(report.failures),
        lost_workers=len(report.failures),
        connections=plan.connections,
        opened=len(opened),
        late=sum(not _was_in_time(plan, row) for row in opened),
        ended=sum(bool(row.error) for row in opened),
        planned=plan.planned,
        sent=sum(share.sent for share in shares),
        returns=returns,
        expected=expected,
        missing=missing,
        messages=sum(second.messages for second in measured),
        aged=len(times),
        messages_per_s=sum(second.messages for second in within) / plan.seconds,
        bytes_down_per_s=sum(second.bytes_down for second in within) / plan.seconds,
        bytes_up_per_s=sum(second.bytes_up for second in within) / plan.seconds,
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        max_ms=times.max_ms,
        lag_p99_ms=lags.percentiles_ms((99,))[0],
        cpu_share=max((share.cpu_share for share in shares), default=0.0),
        stall_ms=max((share.stall_ms for share in shares), default=0.0),
        from_future=sum(share.from_future for share in shares),
        clock_error_ms=_clock_error_ms(returns, shares),
        sample=add_samples([share.sample for share in shares]),
    )


def _clock_error_ms(returns: Returns, shares: Sequence[ShareReport]) -> float:
    """Tell by how much a latency may be wrong: nothing if each message comes back to the clock that stamped it."""
    if returns == "to the sender":
        return 0.0
    return sum(sorted(share.clock_error_ms for share in shares)[-2:])


def _account(plan: LoadPlan, report: LoadReport) -> tuple[Returns, int | None, int | None]:
    """Tell where the server sends what it gets, and what should have come but did not.

    Each connection is held against what it should have had by itself: one that got a message twice does not make
    up for one that missed it. A connection that was not open in time is left out; one that ended too early is not.
    """
    if plan.rate_per_s is None:
        return "", None, None
    rows = [row for share in report.shares for row in share.connections]
    own, ours = sum(row.own for row in rows), sum(row.ours for row in rows)
    if ours == 0:
        return "nothing", None, None
    in_time = [row for row in rows if _was_in_time(plan, row)]
    if not plan.publish_url and own == ours:
        wanted = [(row.sent, row.own) for row in in_time]
        return ("to the sender", *_missing(wanted))
    if report.failures:  # nobody knows what the lost workers sent
        return "unknown", None, None
    sent = sum(row.sent for row in rows)
    if plan.publish_url or own:
        return ("to all", *_missing([(sent, row.ours) for row in in_time]))
    return ("to all others", *_missing([(sent - row.sent, row.ours) for row in in_time]))


def _missing(wanted_and_had: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(wanted for wanted, _ in wanted_and_had), sum(max(0, wanted - had) for wanted, had in wanted_and_had)


def _was_in_time(plan: LoadPlan, row: LoadConnection) -> bool:
    return row.opened_ms is not None and row.opened_ms <= 1000 * plan.begin_s


def _seconds(report: LoadReport) -> Iterable[LoadSecond]:
    return (second for share in report.shares for second in share.seconds)


def _measured_times(report: LoadReport) -> Times:
    return Times(second.latencies for second in _seconds(report) if second.second >= 0 and second.latencies)


def _one_second(number: int, parts: Sequence[LoadSecond]) -> SwarmSecond:
    times = Times(part.latencies for part in parts if part.latencies)
    p50_ms, p99_ms = times.percentiles_ms((50, 99))
    return SwarmSecond(
        second=number,
        opened=sum(part.opened for part in parts),
        sent=sum(part.sent for part in parts),
        messages=sum(part.messages for part in parts),
        bytes_down=sum(part.bytes_down for part in parts),
        bytes_up=sum(part.bytes_up for part in parts),
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        max_ms=times.max_ms,
    )
