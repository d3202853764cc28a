"""Benchmarks with one fault each, written as people write them, and a sound one; all of them really run.

Each is a few lines: what is done in which order, when the clock stops, and what is noted. None of the faults is
silly: each has a reason that sounds good. They are here to be found out, by the validity report and by learners.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.recorder import Recorder
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.resume import SUBPROTOCOL
from rtlab.errors import InputError
from rtlab.experiments.compare import GRACE_S, LEAD_NS, OPEN_TIMEOUT_S, busy_wait_ns, record, server_pid
from rtlab.experiments.processor_time import machine_cores, processor_time
from rtlab.experiments.rows import connection_row, delivery_rows
from rtlab.loop_thread import shared
from rtlab.records import Connection, Delivery, Recording, Run
from rtlab.servers.lab import Lab
from rtlab.servers.play import wait_until
from rtlab.workload import Workload

TRANSPORTS = ("sse", "websocket")
REPEATS = 3
_LOOK_S = 0.001
_FROM_THE_START = "start-0"
"""An id that the channel does not know: it sends everything that it has kept."""


class Trial:
    """One pass of a workload over one transport. A benchmark says what is done, and when the clock stops.

    Args:
        lab: The running lab.
        workload: What is sent, and when.
        transport: One of :data:`TRANSPORTS`.
        repeat: Number of the pass.
        connections: How many clients receive.
    """

    def __init__(self, lab: Lab, workload: Workload, transport: str, repeat: int, connections: int) -> None:
        self.lab, self.workload, self.repeat = lab, workload, repeat
        self.channel = f"broken.{secrets.token_hex(6)}"
        self.messages = workload.messages()
        self.recorders = [Recorder(workload.count) for _ in range(connections)]
        self.clients = [_client(lab, transport, self.channel, each.received) for each in self.recorders]
        self.start_ns = 0
        self.opened_ns = 0
        self.sent_ns: list[int] = []
        self._used = processor_time(server_pid(lab))

    async def open(self) -> None:
        """Connect all clients."""
        await asyncio.gather(*(client.start(OPEN_TIMEOUT_S) for client in self.clients))
        self.opened_ns = clock.now_ns()

    async def play(self) -> None:
        """Send the whole workload on its schedule."""
        self.start_ns = clock.now_ns() + LEAD_NS
        self.sent_ns = await self.lab.play(self.channel, self.workload, self.start_ns)

    async def until(self, holds: Callable[[Client, Recorder], object], timeout_s: float = OPEN_TIMEOUT_S) -> None:
        """Wait until something is true of every client, or the time is up."""
        deadline_ns = clock.now_ns() + round(timeout_s * 1e9)
        while clock.now_ns() < deadline_ns:
            if all(holds(*each) for each in zip(self.clients, self.recorders, strict=True)):
                return
            await asyncio.sleep(_LOOK_S)

    async def all_arrived(self, timeout_s: float = GRACE_S) -> None:
        """Wait for the rest of the messages, as long as somebody is there to take them."""
        await self.until(lambda client, recorder: client.ended or recorder.complete.is_set(), timeout_s)

    def rows(self) -> Rows:
        """Stop the clock, and give what a recording keeps."""
        ended_ns = clock.now_ns()
        used = processor_time(server_pid(self.lab)).since(self._used)
        due_ns = [self.start_ns + message.scheduled_ns for message in self.messages]
        run = Run(
            run_id=f"{self.clients[0].transport}-{self.repeat}",
            transport=self.clients[0].transport,
            client=self.clients[0].name,
            repeat=self.repeat,
            started_ns=self.start_ns,
            ended_ns=ended_ns,
            cpu_ns=used.own_ns,
            stall_ns=0,  # none of these authors looks
            server_cpu_ns=used.server_ns,
            others_cpu_ns=used.others_ns(ended_ns - self.start_ns),
            busy_wait_ns=busy_wait_ns(due_ns, self.sent_ns),
        )
        arrivals = enumerate(recorder.arrivals for recorder in self.recorders)
        rows = [delivery_rows(run, number, each, self.messages, self.sent_ns) for number, each in arrivals]
        opened = [
            connection_row(run, number, client, self.opened_ns, "") for number, client in enumerate(self.clients)
        ]
        return run, [row for of_one in rows for row in of_one], opened


Rows = tuple[Run, list[Delivery], list[Connection]]


async def survivors_only(trial: Trial) -> Rows:
    """The line breaks in every run. What did not arrive has no latency, so it is left out."""
    await trial.open()
    playing = asyncio.create_task(trial.play())
    try:
        await trial.until(lambda client, recorder: len(recorder.arrivals) >= 0.8 * trial.workload.count)
        await trial.lab.cut_soon(trial.channel)
        await playing
    finally:
        await end_task(playing)
    await trial.all_arrived(trial.lab.resumption.retry_ms / 1e3 + GRACE_S)
    run, rows, opened = trial.rows()
    return run, [row for row in rows if row.received_ns is not None], opened


async def closed_loop(trial: Trial) -> Rows:
    """The next message waits until the one before has arrived, and latency counts from its sending."""
    await trial.open()
    trial.start_ns = clock.now_ns()
    for seq, message in enumerate(trial.messages):
        trial.sent_ns.append(clock.now_ns())
        await trial.lab.publish_soon(message.text, trial.channel)
        await trial.until(lambda client, recorder, seq=seq: len(recorder.arrivals) > seq)  # type: ignore[misc]
        await asyncio.sleep(1 / trial.workload.rate_per_s)
    run, rows, opened = trial.rows()
    return run, [replace(row, scheduled_ns=row.sent_ns or row.scheduled_ns) for row in rows], opened


async def timing_the_close(trial: Trial) -> Rows:
    """A run is over when the line is: the server ends it, and the clock stops when the client has settled again."""
    await trial.open()
    await trial.play()
    await trial.all_arrived()
    await trial.lab.cut_soon(trial.channel)
    await trial.until(lambda client, recorder: client.ended or client.traffic.requests > 1)
    return trial.rows()


async def no_warm_up(trial: Trial) -> Rows:
    """Users do not wait until we are ready: they connect at the moment in which the first messages are due."""
    playing = asyncio.create_task(trial.play())
    try:
        await asyncio.sleep(0)  # now the plan stands
        await wait_until(trial.start_ns)
        await trial.open()
        await playing
    finally:
        await end_task(playing)
    await trial.all_arrived()
    return trial.rows()


async def server_side_clock(trial: Trial) -> Rows:
    """The server has the better clock: a message is done when the server has handed it over."""
    await trial.open()
    await trial.play()
    for recorder in trial.recorders:
        recorder.arrivals = list(enumerate(trial.sent_ns))
    return trial.rows()


BENCHMARKS: dict[str, Callable[[Trial], Awaitable[Rows]]] = {
    "survivors only": survivors_only,
    "closed loop": closed_loop,
    "timing the close": timing_the_close,
    "no warm-up": no_warm_up,
    "server-side clock": server_side_clock,
}
"""The broken ones, by the name of the fault."""
WORKLOADS = {
    "survivors only": Workload(rate_per_s=100, count=50),
    "closed loop": Workload(rate_per_s=100, count=40),
    "timing the close": Workload(rate_per_s=100, count=50),
    "no warm-up": Workload(rate_per_s=40, count=40, burst=4),
    "server-side clock": Workload(rate_per_s=100, count=50),
}
SOUND = "nothing"
_CONNECTIONS = {"no warm-up": 15}


def run_benchmark(lab: Lab, fault: str, conditions: dict[str, str | int | float | bool] | None = None) -> Recording:
    """Run one of these benchmarks: SSE against WebSocket, in turns.

    Args:
        lab: The running lab; one with ids.
        fault: A key of :data:`BENCHMARKS`, or :data:`SOUND` for a benchmark without one.
        conditions: What to keep about the circumstances.

    Returns:
        What it noted, in the usual form.

    Raises:
        InputError: There is no such fault, or the lab is made otherwise.
        LabNotRunning: The lab was stopped.
    """
    if fault == SOUND:
        return record(lab, WORKLOADS["closed loop"], TRANSPORTS, repeats=5, conditions=conditions)
    if fault not in BENCHMARKS:
        raise InputError(f"There is no benchmark with the fault {fault!r}; there are {', '.join(BENCHMARKS)}.")
    lab._require_running()
    if not lab.resumption.ids or not 1_000 <= lab.resumption.retry_ms <= 5_000:
        raise InputError(
            "The benchmarks need a lab with ids and a retry_ms from 1,000 to 5,000: start_lab() does it."
        )
    workload = WORKLOADS[fault]
    limit_s = 3 * workload.duration_s + 5 * OPEN_TIMEOUT_S + lab.resumption.retry_ms / 1e3
    found = [
        shared.call(partial(_try, lab, fault, transport, repeat), limit_s)
        for repeat in range(REPEATS)
        for transport in TRANSPORTS
    ]
    runs, deliveries, connections = zip(*found, strict=True)
    kept: dict[str, str | int | float | bool] = {
        **(conditions or {}),
        "route": "own process" if lab.isolated else "in kernel",
        "machine_cores": machine_cores(),
        "drawn": False,
    }
    rows, lines = (tuple(row for of_run in each for row in of_run) for each in (deliveries, connections))
    return Recording(workload.settings(), kept, runs, rows, lines)


async def _try(lab: Lab, fault: str, transport: str, repeat: int) -> Rows:
    trial = Trial(lab, WORKLOADS[fault], transport, repeat, _CONNECTIONS.get(fault, 1))
    try:
        return await BENCHMARKS[fault](trial)
    finally:
        await asyncio.gather(*(client.finish(2.0) for client in trial.clients), return_exceptions=True)


def _client(lab: Lab, transport: str, channel: str, got: Callable[[Received], None]) -> Client:
    if transport == "sse":
        url = lab.sse_url(channel)
        return EventSource(url, last_event_id=_FROM_THE_START, ca_pem=lab.ca_pem, on_received=got)
    return WebSocket(
        lab.ws_url(channel),
        subprotocols=(SUBPROTOCOL,),
        last_event_id=_FROM_THE_START,
        ca_pem=lab.ca_pem,
        on_received=got,
    )
