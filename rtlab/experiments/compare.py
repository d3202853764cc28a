"""One workload over several transports, in turns, as a recording.

The transports take turns (A B C A B C ...), so that a slow minute of the machine hurts all of them. Nothing is
drawn and nothing is computed while a run is on. Between two rounds somebody may look whether they were enough.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from rtlab import clock
from rtlab.clients.client import Client
from rtlab.clients.recorder import Recorder
from rtlab.errors import InputError, RtlabError
from rtlab.experiments.pinning import pinned
from rtlab.experiments.processor_time import machine_cores, processor_time
from rtlab.experiments.rows import connection_row, delivery_rows
from rtlab.experiments.subjects import Subject, find_subjects
from rtlab.loop_thread import shared
from rtlab.records import Connection, Delivery, Recording, Run
from rtlab.servers.isolated import IsolatedServer
from rtlab.servers.lab import Lab
from rtlab.servers.play import BUSY_WAIT_NS
from rtlab.workload import Workload

LEAD_NS = 100_000_000
"""A run starts this long after it was asked for, so that nobody is late for the first message."""
GRACE_S = 2.0
"""How long after the last message was sent we wait for it to arrive."""
OPEN_TIMEOUT_S = 10.0
WARM_UP_MESSAGES = 5
_STALL_PROBE_S = 0.01

Progress = Callable[[int, int, str], None]
Watch = Callable[[str, int, int], None]
"""Called with the transport, the time since the start and the latency of each arrival, both in nanoseconds."""
Enough = Callable[[Recording], bool]
"""Looks at the rounds so far, and tells whether they will do."""
_Result = tuple[Run, tuple[Delivery, ...], tuple[Connection, ...]]


def record(
    lab: Lab,
    workload: Workload,
    transports: tuple[str, ...] = ("sse", "websocket", "long-polling", "polling"),
    *,
    repeats: int = 3,
    enough: Enough | None = None,
    max_repeats: int = 30,
    most_s: float = 300.0,
    connections: int = 1,
    polling_interval_s: float = 0.25,
    pin: bool = True,
    conditions: dict[str, str | int | float | bool] | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Recording:
    """Run a workload over each transport in turns and write down what arrived.

    Args:
        lab: The running lab that serves.
        workload: What is sent, and when.
        transports: Which ways it travels, see :data:`rtlab.experiments.subjects.SUBJECTS`.
        repeats: How often each transport has its turn, 1 to 100; with ``enough`` the least.
        enough: Asked after each round from the last of ``repeats`` on; rounds go on until it agrees.
        max_repeats: With ``enough``, the most rounds, from ``repeats`` to 1,000.
        most_s: With ``enough``, no round begins that would probably end later than this, in seconds above 0.
        connections: How many clients receive at once, 1 to 200.
        polling_interval_s: Pause between two requests of short polling, 0.01 to 10.
        pin: Keep client and server on different cores where that is possible.
        conditions: What to keep about the circumstances.
        progress: Called with runs done, runs in all and what is on, between runs.
        watch: Called at each arrival; for looking, not for measuring.

    Returns:
        The recording; every message of every run is in it, arrived or not. With ``enough``, its conditions tell
        ``stopped``: ``"enough"``, ``"max_repeats"`` or ``"most_s"``.

    Raises:
        InputError: A setting is out of its range.
        LabNotRunning: The lab was stopped.
    """
    subjects = find_subjects(tuple(transports))
    if not (1 <= repeats <= 100 and 1 <= connections <= 200 and 0.01 <= polling_interval_s <= 10):
        raise InputError("repeats: 1 to 100; connections: 1 to 200; polling_interval_s: 0.01 to 10.")
    if enough and not (repeats <= max_repeats <= 1_000 and most_s > 0):
        raise InputError("max_repeats: from repeats to 1,000; most_s: above 0.")
    lab._require_running()
    tell = progress or (lambda done, total, text: None)
    offset_ns, error_ns = shared.call(lab.clock_offset_ns, OPEN_TIMEOUT_S)
    most_rounds = max_repeats if enough else repeats
    warm_up = replace(workload, count=min(WARM_UP_MESSAGES, workload.count), burst=1, rate_per_s=100.0)
    total = (most_rounds + (watch is None)) * len(subjects)
    done = 0

    def play_round(repeat: int) -> list[_Result]:
        nonlocal done
        results = []
        for subject in subjects:
            tell(done, total, subject.name if repeat >= 0 else f"{subject.name}, warm-up")
            load = workload if repeat >= 0 else warm_up
            limit_s = 3 * load.messages()[-1].scheduled_ns / 1e9 + 3 * OPEN_TIMEOUT_S + polling_interval_s
            work = partial(_run, lab, load, subject, repeat, connections, polling_interval_s, watch)
            results.append(shared.call(work, limit_s))
            done += 1
        return results

    with pinned(server_pid(lab), pin) as pinning:
        kept: dict[str, str | int | float | bool] = {
            "date": clock.date_utc(),
            **(conditions or {}),
            "route": "own process" if lab.isolated else "in kernel",
            "pinned": pinning,
            "machine_cores": machine_cores(),
            "drawn": watch is not None,
            "clock_offset_ms": offset_ns / 1e6,
            "clock_error_ms": error_ns / 1e6,
            "polling_interval_s": polling_interval_s,
        }
        recording = Recording(workload.settings(), kept, (), (), ())
        if watch is None:
            play_round(-1)
        started_ns = clock.now_ns()
        for repeat in range(most_rounds):
            for run, deliveries, opened in play_round(repeat):
                recording = replace(
                    recording,
                    runs=(*recording.runs, run),
                    deliveries=recording.deliveries + deliveries,
                    connections=recording.connections + opened,
                )
            rounds, took_ns = repeat + 1, clock.now_ns() - started_ns
            if enough and rounds >= repeats:
                late = took_ns * (rounds + 1) / rounds > most_s * 1e9
                kept["stopped"] = "enough" if enough(recording) else "most_s" if late else "max_repeats"
                if kept["stopped"] != "max_repeats":
                    break
    tell(total, total, "done")
    return recording


def server_pid(lab: Lab) -> int | None:
    """Tell which process serves; None if it is this one."""
    return lab.server.pid if isinstance(lab.server, IsolatedServer) else None


async def _run(
    lab: Lab,
    workload: Workload,
    subject: Subject,
    repeat: int,
    connections: int,
    polling_interval_s: float,
    watch: Watch | None,
) -> _Result:
    run_id = f"{subject.name}-{repeat}"
    channel = f"run.{secrets.token_hex(6)}"
    start_ns = 0
    messages = workload.messages()

    def watched(seq: int, received_ns: int) -> None:
        if watch:
            at_ns = received_ns - start_ns
            watch(subject.name, at_ns, at_ns - messages[seq].scheduled_ns)

    recorders = [Recorder(workload.count, watched if watch else None) for _ in range(connections)]
    clients = [subject.make(lab, channel, recorder.received, polling_interval_s) for recorder in recorders]
    stall = asyncio.create_task(_longest_stall())
    try:
        opened = await asyncio.gather(*(_open(client) for client in clients))
        start_ns = clock.now_ns() + LEAD_NS
        before = processor_time(server_pid(lab))
        sent_ns = await lab.play(channel, workload, start_ns)
        receiving = [
            (client, recorder)
            for client, recorder, at in zip(clients, recorders, opened, strict=True)
            if isinstance(at, int)
        ]
        await _wait_for(receiving, GRACE_S + polling_interval_s)
        ended_ns = clock.now_ns()
        used = processor_time(server_pid(lab)).since(before)
        ended = [str(client.ended or "") for client in clients]  # before we end them ourselves
    finally:
        stall.cancel()
        await asyncio.gather(*(client.finish(2.0) for client in clients), return_exceptions=True)
    stall_ns = (await asyncio.gather(stall, return_exceptions=True))[0]
    transport, name = clients[0].transport, clients[0].name
    run = Run(
        run_id=run_id,
        transport=transport,
        client=name,
        repeat=repeat,
        started_ns=start_ns,
        ended_ns=ended_ns,
        cpu_ns=used.own_ns,
        stall_ns=stall_ns if isinstance(stall_ns, int) else 0,
        server_cpu_ns=used.server_ns,
        others_cpu_ns=used.others_ns(ended_ns - start_ns),
        busy_wait_ns=busy_wait_ns([start_ns + message.scheduled_ns for message in messages], sent_ns),
    )
    rows = tuple(
        row
        for number, recorder in enumerate(recorders)
        for row in delivery_rows(run, number, recorder.arrivals, messages, sent_ns)
    )
    costs = tuple(
        connection_row(run, number, *each) for number, each in enumerate(zip(clients, opened, ended, strict=True))
    )
    return run, rows, costs


def busy_wait_ns(due_ns: Sequence[int], sent_ns: Sequence[int]) -> int:
    """Tell how long the player at most waited without sleeping: before each message that it did not send late.

    Args:
        due_ns: When each message was due.
        sent_ns: When each was sent.
    """
    free_ns = [due_ns[0] - BUSY_WAIT_NS, *sent_ns]
    waits_ns = (due - free for due, free in zip(due_ns, free_ns, strict=False))
    return sum(min(BUSY_WAIT_NS, max(0, wait_ns)) for wait_ns in waits_ns)


async def _open(client: Client) -> int | str:
    try:
        await client.start(OPEN_TIMEOUT_S)
        return clock.now_ns()
    except RtlabError as error:
        return str(error)


async def _wait_for(receiving: list[tuple[Client, Recorder]], timeout_s: float) -> None:
    """Wait until everybody who is still there has everything."""
    deadline_ns = clock.now_ns() + round(timeout_s * 1e9)
    while clock.now_ns() < deadline_ns:
        if all(client.ended or recorder.complete.is_set() for client, recorder in receiving):
            return
        await asyncio.sleep(0.01)


async def _longest_stall() -> int:
    longest_ns = 0
    try:
        while True:
            asleep_ns = clock.now_ns()
            await asyncio.sleep(_STALL_PROBE_S)
            longest_ns = max(longest_ns, clock.now_ns() - asleep_ns - round(_STALL_PROBE_S * 1e9))
    except asyncio.CancelledError:
        return longest_ns
