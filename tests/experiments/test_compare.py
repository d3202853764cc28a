from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import rtlab
from rtlab import Workload
from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments.compare import WARM_UP_MESSAGES, busy_wait_ns, record
from rtlab.experiments.subjects import SUBJECTS
from rtlab.records import Delivery, Recording
from rtlab.servers.lab import Lab

SMALL = Workload(rate_per_s=400, count=20, payload_bytes=32)


def of_run(recording: Recording, run_id: str) -> list[Delivery]:
    return [row for row in recording.deliveries if row.run_id == run_id]


def assert_every_message_is_accounted_for(recording: Recording, workload: Workload, connections: int = 1) -> None:
    """Each run and connection has each message at least once; once only if it is lost."""
    expected = {
        (run.run_id, number, message.seq)
        for run in recording.runs
        for number in range(connections)
        for message in workload.messages()
    }
    rows = Counter((row.run_id, row.connection_id, row.seq) for row in recording.deliveries)
    assert rows.keys() == expected
    lost = Counter(
        (row.run_id, row.connection_id, row.seq) for row in recording.deliveries if row.received_ns is None
    )
    assert all(rows[key] == 1 for key in lost)


def test_every_subject_delivers_the_whole_workload_in_the_kernel(lab: Lab) -> None:
    recording = record(lab, SMALL, tuple(SUBJECTS), repeats=1, polling_interval_s=0.02)
    assert_every_message_is_accounted_for(recording, SMALL)
    assert all(row.received_ns is not None for row in recording.deliveries)
    assert len(recording.deliveries) == len(SUBJECTS) * SMALL.count
    assert [run.run_id for run in recording.runs] == [f"{name}-0" for name in SUBJECTS]
    assert [(run.transport, run.client) for run in recording.runs] == [
        ("sse", "rtlab"),
        ("websocket", "rtlab"),
        ("long-polling", "rtlab"),
        ("polling", "rtlab"),
        ("sse", "sseclient-py"),
        ("websocket", "websocket-client"),
    ]
    for run, connection in zip(recording.runs, recording.connections, strict=True):
        assert connection.error == ""
        assert connection.opened_ns is not None
        assert connection.opened_ns < run.started_ns < run.ended_ns
        assert run.cpu_ns > 0
        assert run.stall_ns > 0
        hidden = run.client != "rtlab"
        assert (connection.bytes_up is None) == (connection.bytes_down is None) == hidden
        assert connection.requests >= 1
        assert (connection.requests == 1) == (run.transport in ("sse", "websocket"))
    assert lab.connections == ()


@pytest.mark.parametrize("isolated", [False, True])
def test_what_was_due_was_sent_then_received(isolated: bool) -> None:
    with rtlab.start_lab("causes", isolated=isolated) as lab:
        recording = record(lab, SMALL, ("sse", "websocket"), repeats=2)
    assert_every_message_is_accounted_for(recording, SMALL)
    error_ns = round(float(recording.conditions["clock_error_ms"]) * 1e6)
    offset_ns = round(float(recording.conditions["clock_offset_ms"]) * 1e6)
    assert abs(offset_ns) <= error_ns
    assert (error_ns == 0) == (not isolated)
    assert recording.conditions["route"] == ("own process" if isolated else "in kernel")
    for row in recording.deliveries:
        assert row.sent_ns is not None
        assert row.received_ns is not None
        assert row.scheduled_ns <= row.sent_ns < row.received_ns
    for run in recording.runs:
        arrived = [row.received_ns or 0 for row in of_run(recording, run.run_id)]
        assert max(arrived) <= run.ended_ns


def test_transports_take_turns_and_the_warm_up_is_not_kept(lab: Lab) -> None:
    told: list[tuple[int, int, str]] = []
    recording = record(
        lab,
        SMALL,
        ("websocket", "sse"),
        repeats=3,
        conditions={"place": "here"},
        progress=lambda *step: told.append(step),
    )
    order = [f"{name}-{repeat}" for repeat in range(3) for name in ("websocket", "sse")]
    assert [run.run_id for run in recording.runs] == order
    assert [run.repeat for run in recording.runs] == [0, 0, 1, 1, 2, 2]
    starts = [run.started_ns for run in recording.runs]
    assert starts == sorted(starts)
    assert [text for _, _, text in told] == [
        "websocket, warm-up",
        "sse, warm-up",
        *["websocket", "sse"] * 3,
        "done",
    ]
    assert [(done, total) for done, total, _ in told] == [(done, 8) for done in range(9)]
    assert recording.workload == SMALL.settings()
    assert recording.conditions["place"] == "here"
    # Each run has a channel of its own, so the warm-up cannot reach a measured client.
    opened = [line.text for line in lab.log if line.text.endswith(": opened")]
    assert len(set(opened)) == 8
    assert len(recording.deliveries) == 6 * SMALL.count > WARM_UP_MESSAGES * 2


def test_rounds_go_on_until_there_are_enough(lab: Lab) -> None:
    looked: list[int] = []

    def enough(recording: Recording) -> bool:
        looked.append(len(recording.runs))
        return len(looked) == 3

    told: list[int] = []
    recording = record(
        lab,
        SMALL,
        ("sse", "websocket"),
        repeats=2,
        enough=enough,
        max_repeats=9,
        progress=lambda done, total, text: told.append(total),
    )
    assert looked == [4, 6, 8]  # whole rounds, from the second on
    assert [run.repeat for run in recording.runs] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert recording.conditions["stopped"] == "enough"
    assert set(told) == {2 * (9 + 1)}


def test_rounds_that_never_are_enough_end_at_the_bound(lab: Lab) -> None:
    recording = record(lab, SMALL, ("sse",), repeats=1, enough=lambda _: False, max_repeats=3)
    assert [run.repeat for run in recording.runs] == [0, 1, 2]
    assert recording.conditions["stopped"] == "max_repeats"


def test_no_round_begins_that_would_end_too_late(lab: Lab) -> None:
    # A round lasts 0.15 s at least, so the third would end behind 0.4 s however quick the machine is.
    recording = record(lab, SMALL, ("sse",), repeats=2, enough=lambda _: False, max_repeats=50, most_s=0.4)
    assert len(recording.runs) == 2
    assert recording.conditions["stopped"] == "most_s"


def test_without_a_judge_the_rounds_are_those_asked_for(lab: Lab) -> None:
    recording = record(lab, SMALL, ("sse",), repeats=2, max_repeats=1, most_s=0.0)
    assert len(recording.runs) == 2
    assert "stopped" not in recording.conditions


@pytest.mark.parametrize("isolated", [False, True])
def test_a_run_tells_who_used_the_processor(isolated: bool) -> None:
    with rtlab.start_lab("times", isolated=isolated) as lab:
        recording = record(lab, SMALL, ("sse",), repeats=1)
    (run,) = recording.runs
    assert (run.server_cpu_ns is None) == (not isolated)
    assert run.others_cpu_ns is not None
    assert 0 < run.busy_wait_ns <= run.ended_ns - run.started_ns + 1_300_000
    assert recording.conditions["machine_cores"]


@pytest.mark.parametrize(
    ("sent_ms", "waited_ms"),
    [
        ([0, 10, 20], [1.3, 1.3, 1.3]),  # on time, far apart
        ([0, 15, 25], [1.3, 1.3, 1.3]),
        ([0, 25, 26], [1.3, 1.3, 0]),  # the third was due before the second had left
        ([0, 19.5, 20], [1.3, 1.3, 0.5]),
    ],
)
def test_waiting_for_the_next_message_is_told_from_work(sent_ms: list[float], waited_ms: list[float]) -> None:
    due_ns, sent_ns = ([round(1e6 * at) for at in times] for times in ([0.0, 10.0, 20.0], sent_ms))
    assert busy_wait_ns(due_ns, sent_ns) == pytest.approx(1e6 * sum(waited_ms))


@pytest.mark.parametrize("arrivals", ["steady", "random"])
def test_the_plan_is_the_workloads_for_every_run(lab: Lab, arrivals: Any) -> None:
    workload = Workload(rate_per_s=400, count=20, payload_bytes=40, arrivals=arrivals, burst=4, seed=7)
    recording = record(lab, workload, ("sse", "websocket"), repeats=2)
    plan = [(message.seq, message.scheduled_ns, len(message.payload)) for message in workload.messages()]
    for run in recording.runs:
        rows = sorted(of_run(recording, run.run_id), key=lambda row: row.seq)
        assert [(row.seq, row.scheduled_ns - run.started_ns, row.payload_bytes) for row in rows] == plan


def test_several_connections_get_every_message_each(lab: Lab) -> None:
    recording = record(lab, SMALL, ("sse", "long-polling"), repeats=1, connections=5)
    assert_every_message_is_accounted_for(recording, SMALL, connections=5)
    assert [row.connection_id for row in recording.connections] == [*range(5), *range(5)]
    assert all(row.received_ns for row in recording.deliveries)


class Cutter:
    """Cuts every line of the lab once, at the first arrival of a run."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._arrived = threading.Event()
        self._thread = threading.Thread(target=self._cut)
        self._thread.start()

    def watch(self, transport: str, at_ns: int, latency_ns: int) -> None:
        self._arrived.set()

    def _cut(self) -> None:
        assert self._arrived.wait(30)
        for connection in self._lab.connections:
            self._lab.cut(connection.channel)

    def join(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()


def test_a_websocket_that_is_cut_keeps_its_lost_messages_as_rows_with_the_reason(lab: Lab) -> None:
    workload = Workload(rate_per_s=100, count=200)
    cutter = Cutter(lab)
    recording = record(lab, workload, ("websocket",), repeats=1, connections=2, watch=cutter.watch)
    cutter.join()
    assert_every_message_is_accounted_for(recording, workload, connections=2)
    for number in range(2):
        rows = [row for row in recording.deliveries if row.connection_id == number]
        delivered = [row for row in rows if row.received_ns is not None]
        lost = [row for row in rows if row.received_ns is None]
        assert len(delivered) + len(lost) == workload.count
        assert delivered
        assert lost
        assert all(row.sent_ns is not None for row in lost)
        connection = recording.connections[number]
        assert connection.opened_ns is not None
        assert "1006" in connection.error


def test_an_event_stream_that_is_cut_comes_back_and_loses_nothing(lab: Lab) -> None:
    workload = Workload(rate_per_s=20, count=30)
    cutter = Cutter(lab)
    recording = record(lab, workload, ("sse",), repeats=1, watch=cutter.watch)
    cutter.join()
    assert_every_message_is_accounted_for(recording, workload)
    assert all(row.received_ns is not None for row in recording.deliveries)
    (connection,) = recording.connections
    assert (connection.requests, connection.error) == (2, "")


def test_a_client_that_cannot_connect_stays_as_rows_with_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with rtlab.start_lab("untrusted", tls=True) as lab:
        monkeypatch.setattr(lab.server, "ca_pem", "")
        workload = Workload(rate_per_s=400, count=5)
        recording = record(lab, workload, tuple(SUBJECTS), repeats=1, connections=2, watch=lambda *arrival: None)
    assert_every_message_is_accounted_for(recording, workload, connections=2)
    assert all(row.received_ns is None for row in recording.deliveries)
    assert all(row.sent_ns is not None for row in recording.deliveries)
    assert len(recording.connections) == 2 * len(SUBJECTS)
    for connection in recording.connections:
        assert connection.opened_ns is None
        assert "certificate" in connection.error.lower()


@pytest.mark.parametrize("name", ["sse", "websocket"])
def test_the_bytes_counted_are_those_that_the_server_says_it_sent(lab: Lab, name: str) -> None:
    got: list[object] = []
    done = threading.Event()

    def on_received(message: object) -> None:
        got.append(message)
        if len(got) == 50:
            done.set()

    with SUBJECTS[name].make(lab, "counted", on_received, 0.25) as client:
        for number in range(50):
            lab.publish(f"{number} ä€😀\nzwei", channel="counted")
        assert done.wait(30)
        (theirs,) = lab.connections
        assert client.traffic.bytes_down == theirs.bytes_down
        assert (client.traffic.requests, client.traffic.connections) == (1, 1)
        up = client.traffic.bytes_up
    if name == "websocket":
        assert client.traffic.bytes_up == up + 2 + 4 + 2  # the close frame: head, mask, code


def test_a_recording_counts_the_bytes_of_each_connection(lab: Lab) -> None:
    light, heavy = (Workload(rate_per_s=400, count=10, payload_bytes=size) for size in (100, 1_000))
    names = ("sse", "websocket", "long-polling", "polling")
    small, large = (record(lab, load, names, repeats=1, polling_interval_s=0.02) for load in (light, heavy))
    for before, after in zip(small.connections, large.connections, strict=True):
        assert before.bytes_up and before.bytes_down and after.bytes_down
        assert before.bytes_down > 10 * 100
        assert after.bytes_down > before.bytes_down
    sse, websocket = (
        large.connections[at].bytes_down - small.connections[at].bytes_down  # type: ignore[operator]
        for at in (0, 1)
    )
    assert websocket == 10 * (900 + 2)  # a longer message needs the longer form of its length
    assert sse == 10 * (900 + 1)  # and a longer chunk one more digit


def test_a_watcher_sees_each_arrival_and_there_is_no_warm_up(lab: Lab) -> None:
    seen: list[tuple[str, int, int]] = []
    told: list[str] = []
    recording = record(
        lab,
        SMALL,
        ("sse", "websocket/websocket-client"),
        repeats=1,
        watch=lambda *arrival: seen.append(arrival),
        progress=lambda done, total, text: told.append(text),
    )
    assert told == ["sse", "websocket/websocket-client", "done"]
    assert recording.conditions["drawn"] is True
    starts = {run.run_id: run.started_ns for run in recording.runs}
    assert sorted(seen) == sorted(
        (row.run_id[:-2], row.received_ns - starts[row.run_id], row.received_ns - row.scheduled_ns)
        for row in recording.deliveries
        if row.received_ns is not None
    )


def test_an_error_of_the_watcher_is_kept_with_the_connection(lab: Lab) -> None:
    def watch(transport: str, at_ns: int, latency_ns: int) -> None:
        raise ZeroDivisionError("drawing failed")

    recording = record(lab, Workload(rate_per_s=400, count=3), repeats=1, polling_interval_s=0.02, watch=watch)
    assert ["drawing failed" in connection.error for connection in recording.connections] == [True] * 4


@pytest.mark.parametrize(
    "options",
    [
        {"transports": ()},
        {"transports": ("sse", "sse")},
        {"transports": ("pigeon",)},
        {"repeats": 0},
        {"repeats": 101},
        {"connections": 0},
        {"connections": 201},
        {"polling_interval_s": 0.0},
        {"polling_interval_s": 11.0},
        {"polling_interval_s": float("nan")},
        {"enough": bool, "max_repeats": 2},
        {"enough": bool, "max_repeats": 1_001},
        {"enough": bool, "most_s": 0.0},
    ],
)
def test_a_setting_out_of_its_range_is_refused(lab: Lab, options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        record(lab, SMALL, **options)


def test_a_lab_that_was_stopped_is_refused(lab: Lab) -> None:
    lab.stop()
    with pytest.raises(LabNotRunning):
        record(lab, SMALL)


def test_a_lab_that_stops_in_the_middle_ends_the_experiment(lab: Lab) -> None:
    arrived = threading.Event()

    def stop() -> None:
        assert arrived.wait(30)
        lab.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(rtlab.RtlabError):
        record(
            lab,
            Workload(rate_per_s=50, count=50),
            ("sse", "websocket"),
            watch=lambda *arrival: arrived.set(),
        )
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
@pytest.mark.parametrize("isolated", [False, True])
def test_an_interrupt_leaves_nothing_behind(isolated: bool) -> None:
    program = textwrap.dedent(
        f"""
        import signal, sys, threading, psutil, rtlab
        from rtlab.experiments.compare import record, server_pid
        from rtlab.experiments.subjects import SUBJECTS

        def cores(lab):
            pids = [None] + [server_pid(lab)] * lab.isolated
            return [] if sys.platform == "darwin" else [psutil.Process(pid).cpu_affinity() for pid in pids]

        signal.signal(signal.SIGALRM, signal.default_int_handler)
        with rtlab.start_lab("interrupted", isolated={isolated}) as lab:
            threads = threading.active_count()
            free = cores(lab)
            for name in SUBJECTS:
                def started(transport, at_ns, latency_ns):
                    if not caught:
                        caught.append(transport)
                        signal.setitimer(signal.ITIMER_REAL, 0.01)
                caught = []
                try:
                    record(lab, rtlab.Workload(rate_per_s=50, count=1000), (name,), watch=started)
                except KeyboardInterrupt:
                    print(name)
            pause = threading.Event()
            for _ in range(1000):
                if not lab.connections and not [t for t in threading.enumerate() if "client" in t.name]:
                    break
                pause.wait(0.005)
            print(len(lab.connections), cores(lab) == free)
            again = record(lab, rtlab.Workload(rate_per_s=400, count=5), ("sse",), repeats=1)
            print(sum(row.received_ns is not None for row in again.deliveries))
        print(threading.active_count())
        """
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONASYNCIODEBUG": "0"},
    )
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    if not isolated:  # with the lab in its own process, tornado says that its request was given up
        assert done.stderr == ""
    assert done.stdout.split() == [*SUBJECTS, "0", "True", "5", "1"]


def test_it_runs_beside_a_client_of_the_learners_own(lab: Lab, until: Callable[..., object]) -> None:
    with rtlab.EventSource(lab.sse_url()) as source:
        record(lab, SMALL, ("sse",), repeats=1)
        lab.publish("still here")
        assert source.receive().data == "still here"
