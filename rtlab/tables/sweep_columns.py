"""The columns of the tables on sweeps of swarms."""

from __future__ import annotations

from rtlab.tables.columns import Column

_TRANSPORT = Column("transport", "category", "", "How the messages travelled.")
_CASE = (
    Column("connections", "int64", "connections", "How many clients."),
    Column("rate_per_s", "float64", "1/s", "Messages that the swarm sent a second in all; missing if it listened."),
    Column("payload_bytes", "int64", "bytes", "Size of each message that the swarm sent."),
)
_LOW = "Lower end of its 95 % interval; missing with one run."
_HIGH = "Upper end of its 95 % interval; missing with one run."

SWEEP_TABLES: dict[str, tuple[Column, ...]] = {
    "sweep_runs": (
        _TRANSPORT,
        *_CASE,
        Column("repeat", "int64", "number", "For the how many-th time, from 0."),
        Column("date_utc", "string", "", "When the run began."),
        Column("opened", "Int64", "connections", "How many opened; missing if the run failed, as all that follow."),
        Column("sent", "Int64", "messages", "Messages that the swarm sent."),
        Column("messages", "Int64", "messages", "Messages that arrived."),
        Column("missing", "Int64", "messages", "Arrivals that should have been and were not; missing if unknown."),
        Column("messages_per_s", "float64", "1/s", "Arrivals within the measured time, a second."),
        Column("p50_ms", "float64", "ms", "Median age of the messages on arrival; missing without stamps."),
        Column("p99_ms", "float64", "ms", "99 of 100 messages were not older on arrival."),
        Column("max_ms", "float64", "ms", "The age of the oldest on arrival."),
        Column("lost_workers", "Int64", "workers", "Workers of which there is no report."),
        Column("failed_checks", "string", "", "Which checks of the validity report failed; empty if none."),
        Column("error", "string", "", "Why the run failed, or what became of lost workers; empty if all is well."),
    ),
    "sweep": (
        _TRANSPORT,
        *_CASE,
        Column("runs", "int64", "runs", "How many runs the figures rest on: those that kept all their workers."),
        Column("invalid", "int64", "runs", "How many of these failed a check of the validity report."),
        Column("lost", "int64", "runs", "Runs that failed or lost a worker; they are not in the figures."),
        Column("messages_per_s", "float64", "1/s", "Arrivals a second, geometric mean of the runs."),
        Column("messages_low_per_s", "float64", "1/s", _LOW),
        Column("messages_high_per_s", "float64", "1/s", _HIGH),
        Column("p50_ms", "float64", "ms", "Median age on arrival, geometric mean of the runs."),
        Column("p50_low_ms", "float64", "ms", _LOW),
        Column("p50_high_ms", "float64", "ms", _HIGH),
        Column("p99_ms", "float64", "ms", "The 99th percentile of the ages, geometric mean of the runs."),
        Column("p99_low_ms", "float64", "ms", _LOW),
        Column("p99_high_ms", "float64", "ms", _HIGH),
    ),
}
