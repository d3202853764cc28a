"""May these figures be believed? Every way in which an experiment can fool its reader, checked one by one.

A transport that is merely slow fails no check. What fails is shown beside the figures and never hidden: an
invalid run is a lesson too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rtlab.errors import InputError
from rtlab.records import Recording
from rtlab.tables.build import connections_table, deliveries_table, runs_table
from rtlab.tables.schema import TABLES, check
from rtlab.tables.statistics import MINIMUM_REPEATS, RESOLUTION_MS, summary

# A process that uses more than this share of a core queues what arrives, and then measures its own queue.
_CPU_LIMIT = 0.8
# The gap between messages at 20 a second, the course's usual rate: a shorter stall delays one message at most.
_STALL_LIMIT_MS = 50.0
# The coarsest timer in use ticks every 15.6 ms (Windows); a server that is later than that is overloaded.
_LAG_LIMIT_MS = 20.0
# A plan is exact; this is room for its rounding, and too little for the jitter of real sending.
_PLAN_LIMIT_MS = 0.01
# An interval half as wide as the median itself tells little more than the order of magnitude.
_WIDTH_LIMIT = 0.5
# Polling in step with the schedule can make the first messages up to 2 times slower; a cold start does more.
_COLD_LIMIT = 3.0
# A run ends with its last arrival; closing handshakes and their timeouts take seconds.
_TAIL_LIMIT_S = 0.5
# Clocks are compared by a round trip, which tells nothing below half its length; a longer one tells nothing at all.
_CLOCK_ERROR_LIMIT_MS = 5.0


def validity(recording: Recording) -> pd.DataFrame:
    """Check everything that can make the figures of a recording false.

    The recording's ``conditions`` must say ``drawn``: whether anything was drawn while measuring. They hold
    ``clock_offset_ms`` and ``clock_error_ms`` if the server's clock was compared with the client's.

    Args:
        recording: What an experiment saw.

    Returns:
        The ``validity`` table (``describe("validity")``), one row a check, always the same checks in the same
        order. A check whose ``measured`` is missing could not be made and has not passed.

    Raises:
        InputError: The recording has no runs or no deliveries, or its workload does not say its ``count``.
    """
    if not recording.runs or not recording.deliveries:
        raise InputError("The recording has no runs or no deliveries, so there is nothing to check.")
    deliveries, runs = deliveries_table(recording), runs_table(recording)
    connections = connections_table(recording)
    once = deliveries[~deliveries["duplicate"]]
    rows_per_run = once.groupby("run_id").size().reindex(runs["run_id"], fill_value=0)
    failed = connections["opened_ns"].isna() | (connections["error"] != "")
    causeless = (once["received_ns"] <= once["sent_ns"]).fillna(False)
    repeats = runs.groupby(["transport", "client"], observed=True).size()
    medians = summary(deliveries)
    widths = (medians["median_high_ms"] - medians["median_low_ms"]) / medians["median_ms"]

    rows = [
        _at_most(
            "every connection opened",
            int(failed.sum()),
            0,
            "connections",
            "A client that is not there is not served, and the others are served faster.",
        ),
        _at_most(
            "every message has its row",
            int(np.abs(runs["expected"].to_numpy() - rows_per_run.to_numpy()).sum()),
            0,
            "messages",
            "Without the rows of lost messages, the survivors alone tell the story.",
        ),
        _at_most(
            "nothing was lost",
            int(runs["lost"].sum()),
            0,
            "messages",
            "Whoever delivers less has less to do; speed counts only at equal work.",
        ),
        _at_most(
            "nothing came twice",
            int(runs["duplicated"].sum()),
            0,
            "messages",
            "Messages that repeat cost time and bytes which the other transport did not spend.",
        ),
        _at_most(
            "latency counts from the plan",
            _plan_deviation_ms(once, recording),
            _PLAN_LIMIT_MS,
            "ms",
            "If the plan moves with the sending, a server that is late is never seen to be late.",
        ),
        _at_most(
            "messages arrived after they were sent",
            int(causeless.sum()),
            0,
            "messages",
            "A stamp taken at the server, or a clock that is wrong, leaves out the way itself.",
        ),
        _at_most(
            "the server kept the plan",
            _server_lag_ms(once),
            _LAG_LIMIT_MS,
            "ms",
            "95 of 100 messages must leave on time, or the wait is the server's and not the transport's.",
        ),
        _at_most(
            "the client had time to spare",
            float((runs["cpu_s"] / runs["duration_s"]).max()),
            _CPU_LIMIT,
            "of a core",
            "A busy client lets messages lie before it stamps them; then it measures itself.",
        ),
        _at_most(
            "the loop was not held up",
            float(runs["stall_ms"].max()),
            _STALL_LIMIT_MS,
            "ms",
            "While the loop stands still, every message waits, whatever carried it.",
        ),
        _at_most(
            "the first messages were warm",
            _cold_factor(once, recording.workload),
            _COLD_LIMIT,
            "times",
            "The first tenth of the messages must not be far slower than the rest, or the warm-up was too short.",
        ),
        _at_most(
            "runs ended with their last message",
            _tail_s(once, recording),
            _TAIL_LIMIT_S,
            "s",
            "Time spent on closing is no time of delivery and makes rates too low.",
        ),
        _at_least(
            "there were enough repeats",
            int(repeats.min()),
            MINIMUM_REPEATS,
            "runs",
            "One run cannot show how much runs differ.",
        ),
        _at_most(
            "the transports took turns",
            _broken_rounds(runs),
            0,
            "rounds",
            "If one goes first and the other last, a change of the machine looks like a difference.",
        ),
        _at_most(
            "the interval is narrow",
            float(widths.max(skipna=False)),
            _WIDTH_LIMIT,
            "of the median",
            "A wide interval means: measure longer, or on a quieter machine.",
        ),
        _at_most(
            "nothing was drawn while measuring",
            _number(recording.conditions, "drawn", np.nan),
            0,
            "(1 is yes)",
            "Drawing takes the processor from the client that stamps the messages.",
        ),
        _at_most(
            "the clocks agree",
            _clock_gap_ms(recording.conditions),
            RESOLUTION_MS,
            "ms",
            "Two clocks that differ add their difference to latencies; counted is what is beyond the error.",
        ),
    ]
    names = [column.name for column in TABLES["validity"]]
    return check(pd.DataFrame(rows, columns=names), "validity")


def is_valid(report: pd.DataFrame) -> bool:
    """Tell whether every check has passed.

    Args:
        report: A ``validity`` table.

    Returns:
        True if there is nothing to object to.
    """
    return bool(check(report, "validity")["passed"].all())


Row = tuple[str, bool, float, float, str, str]


def _at_most(name: str, measured: float, limit: float, unit: str, meaning: str) -> Row:
    return name, bool(measured <= limit), measured, limit, unit, meaning


def _at_least(name: str, measured: float, limit: float, unit: str, meaning: str) -> Row:
    return name, bool(measured >= limit), measured, limit, unit, meaning


def _plan_deviation_ms(once: pd.DataFrame, recording: Recording) -> float:
    """Tell how far the schedules of the runs are apart, and from the rate where that fixes them.

    A closed loop, or a stamp taken at the sending, gives every run a schedule of its own.
    """
    started_ns = once["run_id"].map({run.run_id: run.started_ns for run in recording.runs})
    offset_ns = once["scheduled_ns"] - started_ns.astype("int64")
    by_seq = offset_ns.groupby(once["seq"])
    deviation_ns = float((by_seq.max() - by_seq.min()).max())
    workload = recording.workload
    if workload.get("arrivals") == "steady":
        burst = int(workload["burst"])
        planned_ns = (once["seq"] // burst) * (1e9 * burst / float(workload["rate_per_s"]))
        deviation_ns = max(deviation_ns, float((offset_ns - planned_ns).abs().max()))
    return deviation_ns / 1e6


def _server_lag_ms(once: pd.DataFrame) -> float:
    # A polled message leaves when the client asks for it; that wait is the transport's own.
    pushed = once[once["transport"].isin(["sse", "websocket"])]
    if pushed.empty:
        return 0.0
    lag_ms = ((pushed["sent_ns"] - pushed["scheduled_ns"]) / 1e6).astype("float64")
    return float(lag_ms.groupby(pushed["transport"], observed=True).quantile(0.95).max(skipna=False))


def _cold_factor(once: pd.DataFrame, workload: Mapping[str, int | float | str]) -> float:
    first = once["seq"] < max(int(workload["count"]) // 10, int(workload.get("burst", 1)))
    arms = ["transport", "client"]
    early = once[first].groupby(arms, observed=True)["latency_ms"].median()
    later = once[~first].groupby(arms, observed=True)["latency_ms"].median()
    return float((early / later).max(skipna=False))


def _tail_s(once: pd.DataFrame, recording: Recording) -> float:
    # A run that lost something waits for it, and rightly ends late.
    complete = once.groupby("run_id").filter(lambda run: run["received_ns"].notna().all())
    last_ns = complete.groupby("run_id")["received_ns"].max()
    tails_ns = [run.ended_ns - int(last_ns[run.run_id]) for run in recording.runs if run.run_id in last_ns.index]
    return max(tails_ns, default=0) / 1e9


def _broken_rounds(runs: pd.DataFrame) -> int:
    ordered = runs.sort_values("started_ns")
    arms = list(zip(ordered["transport"], ordered["client"], strict=True))
    size = len(set(arms))
    rounds = [arms[start : start + size] for start in range(0, len(arms), size)]
    return sum(len(set(turns)) < size for turns in rounds)


def _clock_gap_ms(conditions: Mapping[str, str | int | float | bool]) -> float:
    """Tell by how much the clocks differ for certain; one process has one clock."""
    offset_ms, error_ms = _number(conditions, "clock_offset_ms", 0), _number(conditions, "clock_error_ms", 0)
    return max(0.0, abs(offset_ms) - error_ms) if error_ms <= _CLOCK_ERROR_LIMIT_MS else np.nan


def _number(conditions: Mapping[str, str | int | float | bool], name: str, default: float) -> float:
    value = conditions.get(name, default)
    return np.nan if isinstance(value, str) else float(value)
