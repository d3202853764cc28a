"""What the checks of a validity report measure, one function each; tables in, a number out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rtlab.records import Recording

Conditions = Mapping[str, str | int | float | bool]

CLOCK_ERROR_LIMIT_MS = 5.0
"""Clocks are compared by a round trip, which tells nothing below half its length; a longer one tells nothing."""


def plan_deviation_ms(once: pd.DataFrame, recording: Recording) -> float:
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


def server_lag_ms(once: pd.DataFrame) -> float:
    """Tell how late the server was with 95 of 100 messages, in the worse of the two transports that push."""
    # A polled message leaves when the client asks for it; that wait is the transport's own.
    pushed = once[once["transport"].isin(["sse", "websocket"])]
    if pushed.empty:
        return 0.0
    lag_ms = ((pushed["sent_ns"] - pushed["scheduled_ns"]) / 1e6).astype("float64")
    return float(lag_ms.groupby(pushed["transport"], observed=True).quantile(0.95).max(skipna=False))


def working_shares(runs: pd.DataFrame, in_kernel: bool) -> pd.DataFrame:
    """Tell for each run which part of a core each side worked; the player's waiting for a message is no work."""
    server_s = (runs["cpu_s"] if in_kernel else runs["server_cpu_s"]) - runs["busy_wait_s"]
    shares = {"server": server_s, "client": server_s if in_kernel else runs["cpu_s"]}
    return pd.DataFrame(shares).clip(lower=0).div(runs["duration_s"], axis=0)


def others_share(runs: pd.DataFrame, conditions: Conditions) -> float:
    """Tell which part of all cores everybody else had while the runs were on."""
    cores = number(conditions, "machine_cores", np.nan)
    return float(runs["others_cpu_s"].sum(skipna=False) / runs["duration_s"].sum() / cores)


def cold_factor(once: pd.DataFrame, workload: Mapping[str, int | float | str]) -> float:
    """Tell how many times as long as the rest the first tenth of the messages took."""
    first = once["seq"] < max(int(workload["count"]) // 10, int(workload.get("burst", 1)))
    arms = ["transport", "client"]
    early = once[first].groupby(arms, observed=True)["latency_ms"].median()
    later = once[~first].groupby(arms, observed=True)["latency_ms"].median()
    return float((early / later).max(skipna=False))


def tail_s(once: pd.DataFrame, recording: Recording) -> float:
    """Tell how long after its last message a run ended."""
    # A run that lost something waits for it, and rightly ends late.
    complete = once.groupby("run_id").filter(lambda run: run["received_ns"].notna().all())
    last_ns = complete.groupby("run_id")["received_ns"].max()
    tails_ns = [run.ended_ns - int(last_ns[run.run_id]) for run in recording.runs if run.run_id in last_ns.index]
    return max(tails_ns, default=0) / 1e9


def broken_rounds(runs: pd.DataFrame) -> int:
    """Count the rounds in which not everybody had one turn."""
    ordered = runs.sort_values("started_ns")
    arms = list(zip(ordered["transport"], ordered["client"], strict=True))
    size = len(set(arms))
    rounds = [arms[start : start + size] for start in range(0, len(arms), size)]
    return sum(len(set(turns)) < size for turns in rounds)


def clock_gap_ms(conditions: Conditions) -> float:
    """Tell by how much the clocks differ for certain; one process has one clock."""
    offset_ms, error_ms = number(conditions, "clock_offset_ms", 0), number(conditions, "clock_error_ms", 0)
    return max(0.0, abs(offset_ms) - error_ms) if error_ms <= CLOCK_ERROR_LIMIT_MS else np.nan


def number(conditions: Conditions, name: str, default: float) -> float:
    """Read a number from the conditions; what is text is none."""
    value = conditions.get(name, default)
    return np.nan if isinstance(value, str) else float(value)
