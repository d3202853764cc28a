"""Each way to fool the reader of a benchmark is planted here, and must be caught by the check that is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rtlab.errors import InputError
from rtlab.records import Connection, Delivery, Recording, Run, Transport
from rtlab.tables.build import deliveries_table
from rtlab.tables.statistics import summary
from rtlab.tables.validity import is_valid, validity
from rtlab.workload import Workload

MS = 1_000_000
WORKLOAD = Workload(rate_per_s=20, count=100)
TURNS: tuple[Transport, ...] = ("sse", "websocket")
CONDITIONS = {"drawn": False, "route": "own process", "machine_cores": 2}
CHECKS = [
    "every connection opened",
    "every message has its row",
    "nothing was lost",
    "nothing came twice",
    "latency counts from the plan",
    "messages arrived after they were sent",
    "the server kept the plan",
    "the client had time to spare",
    "the server had time to spare",
    "server and client did not wait for one interpreter",
    "the machine was left to us",
    "the loop was not held up",
    "the first messages were warm",
    "runs ended with their last message",
    "there were enough repeats",
    "the transports took turns",
    "the interval is narrow",
    "nothing was drawn while measuring",
    "the clocks agree",
]


def recording(
    workload: Workload = WORKLOAD, repeats: int = 3, transports: tuple[Transport, ...] = TURNS
) -> Recording:
    """Make a recording that nobody could object to."""
    chance = np.random.default_rng(1)
    runs, deliveries, connections = [], [], []
    start_ns = 10**12
    for repeat in range(repeats):
        for transport in transports:
            run_id, last_ns = f"{transport}-{repeat}", start_ns
            for message in workload.messages():
                due_ns = start_ns + message.scheduled_ns
                sent_ns = due_ns + int(chance.integers(20_000, 60_000))
                last_ns = sent_ns + int(MS * chance.lognormal(-1, 0.3))
                size = len(message.payload)
                deliveries.append(
                    Delivery(run_id, transport, "rtlab", 0, message.seq, size, due_ns, sent_ns, last_ns)
                )
            connections.append(Connection(run_id, transport, "rtlab", 0, start_ns - MS, 1, 300, 9000))
            cpu_ns = (last_ns - start_ns) // 10
            times = (start_ns, last_ns, cpu_ns, 2 * MS, cpu_ns, cpu_ns)
            runs.append(Run(run_id, transport, "rtlab", repeat, *times))
            start_ns = last_ns + 500 * MS
    return Recording(workload.settings(), CONDITIONS, tuple(runs), tuple(deliveries), tuple(connections))


def failed(seen: Recording) -> set[str]:
    report = validity(seen)
    assert list(report["check"]) == CHECKS
    return set(report.loc[~report["passed"], "check"])


def change_deliveries(seen: Recording, change: Callable[[Delivery], Delivery | None]) -> Recording:
    changed = (change(delivery) for delivery in seen.deliveries)
    return replace(seen, deliveries=tuple(delivery for delivery in changed if delivery is not None))


def change_first_run(seen: Recording, change: Callable[[Run], Run]) -> Recording:
    return replace(seen, runs=(change(seen.runs[0]), *seen.runs[1:]))


@pytest.mark.parametrize(
    "workload", [WORKLOAD, replace(WORKLOAD, arrivals="random"), replace(WORKLOAD, burst=10)], ids=str
)
def test_an_honest_recording_passes_every_check(workload: Workload) -> None:
    report = validity(recording(workload))
    assert report.loc[~report["passed"], "check"].tolist() == []
    assert is_valid(report)


def test_a_report_with_one_objection_is_not_valid() -> None:
    report = validity(recording())
    report.loc[0, "passed"] = False
    assert not is_valid(report)


def test_survivors_only_is_caught_although_its_percentiles_look_better() -> None:
    slow = change_deliveries(recording(), lambda row: replace(row, received_ns=None) if row.seq % 10 == 9 else row)
    survivors = change_deliveries(slow, lambda row: row if row.received_ns else None)
    assert np.isinf(summary(deliveries_table(slow))["p95_ms"]).all()
    assert np.isfinite(summary(deliveries_table(survivors))["p95_ms"]).all()
    assert failed(slow) == {"nothing was lost"}
    assert failed(survivors) == {"every message has its row", "nothing was lost"}


@pytest.mark.parametrize(
    "honest",
    [
        recording(),
        recording(replace(WORKLOAD, arrivals="random")),
        recording(repeats=1, transports=("sse",)),
    ],
    ids=["steady", "random", "steady, alone"],
)
def test_latency_that_counts_from_the_sending_is_caught(honest: Recording) -> None:
    closed = change_deliveries(honest, lambda row: replace(row, scheduled_ns=row.sent_ns or 0))
    assert failed(closed) - failed(honest) == {"latency counts from the plan"}


def test_a_loop_that_waits_for_each_arrival_is_caught() -> None:
    # Every message leaves 50 ms after the one before it arrived, so the lag behind the plan grows.
    def wait(row: Delivery) -> Delivery:
        lag_ns = row.seq * MS
        return replace(row, sent_ns=(row.sent_ns or 0) + lag_ns, received_ns=(row.received_ns or 0) + lag_ns)

    assert "the server kept the plan" in failed(change_deliveries(recording(), wait))


def test_a_stamp_taken_at_the_server_is_caught() -> None:
    stamped = change_deliveries(recording(), lambda row: replace(row, received_ns=row.sent_ns))
    assert "messages arrived after they were sent" in failed(stamped)


def test_transports_one_after_the_other_are_caught() -> None:
    first, second = (recording(transports=(transport,)) for transport in TURNS)
    later_ns = 10**12
    runs = tuple(
        replace(run, started_ns=run.started_ns + later_ns, ended_ns=run.ended_ns + later_ns) for run in second.runs
    )
    later = change_deliveries(
        second,
        lambda row: replace(
            row,
            scheduled_ns=row.scheduled_ns + later_ns,
            sent_ns=(row.sent_ns or 0) + later_ns,
            received_ns=(row.received_ns or 0) + later_ns,
        ),
    )
    joined = replace(
        first,
        runs=first.runs + runs,
        deliveries=first.deliveries + later.deliveries,
        connections=first.connections + second.connections,
    )
    assert failed(joined) == {"the transports took turns"}


def test_turns_in_another_order_each_round_are_fine() -> None:
    seen = recording(repeats=4)
    order = [0, 1, 3, 2, 4, 5, 7, 6]
    starts = sorted(run.started_ns for run in seen.runs)
    shift_ns = {
        seen.runs[index].run_id: starts[place] - seen.runs[index].started_ns for place, index in enumerate(order)
    }
    runs = tuple(
        replace(run, started_ns=run.started_ns + shift_ns[run.run_id], ended_ns=run.ended_ns + shift_ns[run.run_id])
        for run in seen.runs
    )
    moved = change_deliveries(
        seen,
        lambda row: replace(
            row,
            scheduled_ns=row.scheduled_ns + shift_ns[row.run_id],
            sent_ns=(row.sent_ns or 0) + shift_ns[row.run_id],
            received_ns=(row.received_ns or 0) + shift_ns[row.run_id],
        ),
    )
    assert failed(replace(moved, runs=runs)) == set()


def test_a_busy_client_is_caught() -> None:
    busy = change_first_run(
        recording(), lambda run: replace(run, cpu_ns=int(0.9 * (run.ended_ns - run.started_ns)))
    )
    assert failed(busy) == {"the client had time to spare"}


def busy_ns(run: Run, part: float) -> int:
    return int(part * (run.ended_ns - run.started_ns))


def test_a_busy_server_is_caught() -> None:
    busy = change_first_run(recording(), lambda run: replace(run, server_cpu_ns=busy_ns(run, 0.9)))
    assert failed(busy) == {"the server had time to spare"}


def test_a_server_that_only_waits_for_the_next_message_is_not_busy() -> None:
    waiting = change_first_run(
        recording(),
        lambda run: replace(run, server_cpu_ns=busy_ns(run, 1.0), busy_wait_ns=busy_ns(run, 0.7)),
    )
    assert failed(waiting) == set()


def test_a_server_whose_time_nobody_knows_cannot_be_checked() -> None:
    unknown = change_first_run(recording(), lambda run: replace(run, server_cpu_ns=None))
    assert failed(unknown) == {"the server had time to spare"}


def in_kernel(seen: Recording, part: float) -> Recording:
    runs = tuple(replace(run, server_cpu_ns=None, cpu_ns=busy_ns(run, part)) for run in seen.runs)
    return replace(seen, runs=runs, conditions=CONDITIONS | {"route": "in kernel"})


def test_an_interpreter_that_two_share_is_fine_while_it_is_mostly_free() -> None:
    assert failed(in_kernel(recording(), 0.4)) == set()


def test_an_interpreter_that_two_share_and_that_is_mostly_busy_is_caught() -> None:
    assert failed(in_kernel(recording(), 0.6)) == {"server and client did not wait for one interpreter"}
    assert failed(in_kernel(recording(), 0.9)) == {
        "the client had time to spare",
        "the server had time to spare",
        "server and client did not wait for one interpreter",
    }


def test_two_processes_that_work_as_much_share_no_interpreter() -> None:
    apart = recording()
    runs = tuple(replace(run, server_cpu_ns=busy_ns(run, 0.7), cpu_ns=busy_ns(run, 0.7)) for run in apart.runs)
    assert failed(replace(apart, runs=runs)) == set()


def test_other_programs_on_the_machine_are_caught() -> None:
    seen = recording()
    crowded = tuple(replace(run, others_cpu_ns=busy_ns(run, 1.2)) for run in seen.runs)
    assert failed(replace(seen, runs=crowded)) == {"the machine was left to us"}
    of_many_cores = replace(seen, runs=crowded, conditions=CONDITIONS | {"machine_cores": 8})
    assert failed(of_many_cores) == set()


@pytest.mark.parametrize("unknown", ["cores", "time"])
def test_other_programs_that_nobody_counted_cannot_be_ruled_out(unknown: str) -> None:
    seen = recording()
    if unknown == "time":
        seen = change_first_run(seen, lambda run: replace(run, others_cpu_ns=None))
    else:
        seen = replace(seen, conditions={name: CONDITIONS[name] for name in ("drawn", "route")})
    assert failed(seen) == {"the machine was left to us"}


def test_a_stalled_loop_is_caught() -> None:
    assert failed(change_first_run(recording(), lambda run: replace(run, stall_ns=120 * MS))) == {
        "the loop was not held up"
    }


def test_timing_the_close_is_caught() -> None:
    late = change_first_run(recording(), lambda run: replace(run, ended_ns=run.ended_ns + 5000 * MS))
    assert failed(late) == {"runs ended with their last message"}


def test_waiting_for_a_lost_message_is_no_fault() -> None:
    seen = recording()
    lost = replace(seen, deliveries=(replace(seen.deliveries[0], received_ns=None), *seen.deliveries[1:]))
    waited = change_first_run(lost, lambda run: replace(run, ended_ns=run.ended_ns + 5000 * MS))
    assert failed(waited) == {"nothing was lost"}


def test_no_warm_up_is_caught() -> None:
    cold = change_deliveries(
        recording(),
        lambda row: replace(row, received_ns=(row.received_ns or 0) + 3 * MS) if row.seq < 10 else row,
    )
    assert failed(cold) == {"the first messages were warm"}


def test_a_start_that_was_lost_altogether_cannot_be_called_warm() -> None:
    lost = change_deliveries(
        recording(),
        lambda row: replace(row, received_ns=None) if row.transport == "sse" and row.seq < 10 else row,
    )
    assert failed(lost) == {"nothing was lost", "the first messages were warm"}


def test_one_repeat_is_caught() -> None:
    assert failed(recording(repeats=1)) == {"there were enough repeats", "the interval is narrow"}


def test_a_wide_interval_is_caught() -> None:
    slower = {"sse-0": 0, "sse-1": MS, "sse-2": 3 * MS}
    wide = change_deliveries(
        recording(), lambda row: replace(row, received_ns=(row.received_ns or 0) + slower.get(row.run_id, 0))
    )
    assert failed(wide) == {"the interval is narrow"}


def test_an_interval_that_is_wider_than_was_asked_for_is_caught() -> None:
    precise = replace(recording(), conditions=CONDITIONS | {"precision": 0.0001})
    assert failed(precise) == {"the interval is narrow"}
    coarse = replace(recording(), conditions=CONDITIONS | {"precision": 3.0})
    assert failed(coarse) == set()


def test_a_transport_without_an_interval_does_not_hide_behind_another() -> None:
    seen = recording()
    kept = [run for run in seen.runs if run.transport == "sse" or run.repeat == 0]
    alone = change_deliveries(seen, lambda row: row if row.run_id in {run.run_id for run in kept} else None)
    assert {"there were enough repeats", "the interval is narrow"} <= failed(replace(alone, runs=tuple(kept)))


def test_a_connection_that_never_opened_is_caught() -> None:
    seen = recording()
    closed = replace(seen.connections[0], opened_ns=None, error="refused")
    assert failed(replace(seen, connections=(closed, *seen.connections[1:]))) == {"every connection opened"}


def test_a_doubled_message_is_caught() -> None:
    seen = recording()
    assert failed(replace(seen, deliveries=(*seen.deliveries, seen.deliveries[0]))) == {"nothing came twice"}


@pytest.mark.parametrize("drawn", [{"drawn": True}, {}, {"drawn": "no"}], ids=str)
def test_drawing_while_measuring_is_caught_and_so_is_not_saying(drawn: dict[str, bool | str]) -> None:
    others = {name: value for name, value in CONDITIONS.items() if name != "drawn"}
    assert failed(replace(recording(), conditions=others | drawn)) == {"nothing was drawn while measuring"}


@pytest.mark.parametrize(
    ("offset_ms", "error_ms", "agree"),
    [
        (0.0, 0.0, True),
        (0.4, 0.9, True),
        (-0.4, 0.9, True),
        (3.0, 0.5, False),
        (-3.0, 0.5, False),
        (0.0, 80.0, False),
    ],
)
def test_clocks_that_differ_or_cannot_be_compared_are_caught(
    offset_ms: float, error_ms: float, agree: bool
) -> None:
    conditions = CONDITIONS | {"clock_offset_ms": offset_ms, "clock_error_ms": error_ms}
    assert failed(replace(recording(), conditions=conditions)) == (set() if agree else {"the clocks agree"})


def test_a_polled_message_may_wait_for_its_poll() -> None:
    polled = recording(transports=("sse", "polling"))
    polled = change_deliveries(
        polled,
        lambda row: (
            row
            if row.transport == "sse"
            else replace(row, sent_ns=(row.sent_ns or 0) + 100 * MS, received_ns=(row.received_ns or 0) + 100 * MS)
        ),
    )
    assert failed(polled) == set()


def test_pushed_messages_without_a_sending_time_cannot_be_checked() -> None:
    unknown = change_deliveries(recording(), lambda row: replace(row, sent_ns=None))
    report = validity(unknown).set_index("check")
    assert np.isnan(report.loc["the server kept the plan", "measured"])
    assert not report.loc["the server kept the plan", "passed"]


@pytest.mark.parametrize("part", ["runs", "deliveries"])
def test_an_empty_recording_is_refused(part: str) -> None:
    with pytest.raises(InputError, match="nothing to check"):
        validity(replace(recording(), **{part: ()}))  # type: ignore[arg-type]
