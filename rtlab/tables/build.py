"""From a recording to tidy tables: one row, one fact, and nothing that was lost is left out.

::

    Recording ─► deliveries_table    one row a message and connection
              ─► connections_table   one row a connection
              ─► runs_table          one row a run, with what it should have delivered
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from rtlab.errors import InputError
from rtlab.records import Connection, Delivery, Recording, Run
from rtlab.tables.schema import check, rows_table

_MESSAGE = ["run_id", "connection_id", "seq"]


def deliveries_table(recording: Recording) -> pd.DataFrame:
    """List every message at every connection, the lost ones included.

    Latency counts from the scheduled instant: a message that had to wait for a late one before it has waited,
    and a clock that starts at the sending would not see it.

    Args:
        recording: What an experiment saw.

    Returns:
        The ``deliveries`` table (``describe("deliveries")``), in the order of the recording. A message that
        came more than once has a row for each arrival; all but the earliest have ``duplicate`` true.

    Raises:
        InputError: A delivery belongs to a run that the recording does not have.
    """
    frame = _frame(recording.deliveries, Delivery)
    repeats = {run.run_id: run.repeat for run in recording.runs}
    strange = set(frame["run_id"]) - set(repeats)
    if strange:
        raise InputError(f"The recording has deliveries of {min(strange)!r} but no such run.")
    frame["repeat"] = frame["run_id"].map(repeats)
    for name in ("scheduled_ns", "sent_ns", "received_ns"):
        frame[name] = frame[name].astype("Int64")  # before any arithmetic: a float has no room for nanoseconds
    earliest_first = frame.sort_values("received_ns", kind="stable")
    frame["duplicate"] = earliest_first.duplicated(_MESSAGE)
    frame["latency_ms"] = _ms_between(frame["scheduled_ns"], frame["received_ns"])
    frame["service_ms"] = _ms_between(frame["sent_ns"], frame["received_ns"])
    return check(frame, "deliveries")


def connections_table(recording: Recording) -> pd.DataFrame:
    """List every connection with what it cost, the failed ones included.

    Args:
        recording: What an experiment saw.

    Returns:
        The ``connections`` table (``describe("connections")``), in the order of the recording.
    """
    return check(_frame(recording.connections, Connection), "connections")


def runs_table(recording: Recording) -> pd.DataFrame:
    """List every run with what it should have delivered, what it did deliver, and what that cost.

    What should have arrived comes from the workload and the connections, not from the rows that are there:
    leaving out the rows of lost messages makes no run look better.

    Args:
        recording: What an experiment saw.

    Returns:
        The ``runs`` table (``describe("runs")``), in the order of the recording.

    Raises:
        InputError: The workload does not say its ``count``.
    """
    if "count" not in recording.workload:
        raise InputError("The recording's workload must say its count; save it with Workload.settings().")
    count = int(recording.workload["count"])
    deliveries = deliveries_table(recording)
    connections = connections_table(recording)
    rows = [
        _run_row(
            run,
            count,
            deliveries[deliveries["run_id"] == run.run_id],
            connections[connections["run_id"] == run.run_id],
        )
        for run in recording.runs
    ]
    return rows_table(rows, "runs")


def _run_row(run: Run, count: int, deliveries: pd.DataFrame, connections: pd.DataFrame) -> dict[str, object]:
    arrived = deliveries[~deliveries["duplicate"] & deliveries["received_ns"].notna()]
    in_order = arrived.sort_values("received_ns", kind="stable")
    newest = in_order.groupby("connection_id")["seq"].cummax()
    ids = {*deliveries["connection_id"], *connections["connection_id"]}
    bytes_up = connections["bytes_up"].sum(skipna=False)
    bytes_down = connections["bytes_down"].sum(skipna=False)
    return {
        "run_id": run.run_id,
        "transport": run.transport,
        "client": run.client,
        "repeat": run.repeat,
        "started_ns": run.started_ns,
        "duration_s": (run.ended_ns - run.started_ns) / 1e9,
        "cpu_s": run.cpu_ns / 1e9,
        "server_cpu_s": _seconds(run.server_cpu_ns),
        "others_cpu_s": _seconds(run.others_cpu_ns),
        "busy_wait_s": run.busy_wait_ns / 1e9,
        "stall_ms": run.stall_ns / 1e6,
        "connections": len(ids),
        "expected": count * len(ids),
        "delivered": len(arrived),
        "lost": count * len(ids) - len(arrived),
        "duplicated": int(deliveries["duplicate"].sum()),
        "out_of_order": int((in_order["seq"] < newest).sum()),
        "requests": int(connections["requests"].sum()),
        "bytes_up": bytes_up,
        "bytes_down": bytes_down,
        "bytes_up_per_message": bytes_up / len(arrived) if len(arrived) else np.nan,
        "bytes_down_per_message": bytes_down / len(arrived) if len(arrived) else np.nan,
    }


def _seconds(time_ns: int | None) -> float:
    return np.nan if time_ns is None else time_ns / 1e9


def _frame(records: Sequence[Delivery] | Sequence[Connection], kind: type[Delivery | Connection]) -> pd.DataFrame:
    names = [field.name for field in fields(kind)]
    columns = {name: [getattr(record, name) for record in records] for name in names}
    return pd.DataFrame(columns, dtype="object")


def _ms_between(start_ns: pd.Series, end_ns: pd.Series) -> pd.Series:
    return (end_ns - start_ns) / 1e6
