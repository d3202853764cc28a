"""What does a fault of the network do to an event stream and to a WebSocket, and what stays when it has gone?

Both clients listen to one channel through one relay, so that the fault meets both at the same moment and with the
same messages. The fault comes and goes while they flow. A second run, without it, shows what it changed.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Address
from rtlab.errors import InputError
from rtlab.findings.faults import Arrival, FaultEffect
from rtlab.loop_thread import shared
from rtlab.network.faults.fault import Fault
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab
from rtlab.workload import Workload, read_seq

RUNS = ("without", "with")
SETTLE_S = 1.5
"""How long messages may still come after the last one was sent; an event stream waits a second to come back."""
_LEAD_NS = 50_000_000


def fault_effect(
    lab: Lab,
    faults: Sequence[Fault],
    *,
    run: str = "with",
    workload: Workload | None = None,
    on_s: float = 1.0,
    off_s: float = 2.0,
    cuts: bool = False,
    seed: int = 0,
) -> tuple[FaultEffect, ...]:
    """Send messages to an event stream and a WebSocket while faults come and go.

    Args:
        lab: The running lab, without TLS.
        faults: What happens on the line, in this order.
        run: ``"without"`` leaves the faults out.
        workload: The messages; None means 60 in 3 s. It lasts 60 s at most.
        on_s: When the faults come, from the start of the workload.
        off_s: When they go.
        cuts: Whether the line is cut when the faults come: some show only to those who reconnect.
        seed: Chooses the random numbers of the faults.

    Returns:
        One for each transport.

    Raises:
        InputError: A setting is out of its range, or the lab speaks TLS.
    """
    workload = workload or Workload(20.0, 60)
    address = Address.parse(lab.http_url, ("http", "https"))
    if run not in RUNS:
        raise InputError(f'run must be "without" or "with", not {run!r}.')
    if address.secure:
        raise InputError("This experiment needs a lab without TLS.")
    if not 0 <= on_s < off_s <= 60 or workload.duration_s > 60:
        raise InputError("on_s must be 0 or more and before off_s; off_s and the workload's length at most 60 s.")
    timeout_s = max(off_s, workload.duration_s) + SETTLE_S + 30.0
    active = tuple(faults) if run == "with" else ()
    steps = ((on_s, active, cuts and run == "with"), (off_s, (), False))
    relay = Relay(address.host, address.port, seed=seed, max_bytes=0)
    return shared.call(lambda: _run(lab, relay, run, workload, steps), timeout_s)


async def _run(
    lab: Lab, relay: Relay, run: str, workload: Workload, steps: Sequence[tuple[float, tuple[Fault, ...], bool]]
) -> tuple[FaultEffect, ...]:
    channel = f"fault.{secrets.token_hex(6)}"
    took: tuple[list[Received], list[Received]] = [], []
    clients: list[Client] = []
    playing = None
    try:
        await relay.start()
        base = f"127.0.0.1:{relay.port}"
        clients.append(EventSource(f"http://{base}/sse/{channel}", on_received=took[0].append))
        clients.append(WebSocket(f"ws://{base}/ws/{channel}", on_received=took[1].append))
        for client in clients:
            await client.start(10.0)
        start_ns = clock.now_ns() + _LEAD_NS
        playing = asyncio.create_task(lab.play(channel, workload, start_ns))
        for at_s, faults, cuts in steps:
            await asyncio.sleep(max(0.0, (start_ns - clock.now_ns()) / 1e9 + at_s))
            await relay.apply(*faults)
            if cuts:
                relay.cut()
        sent_ns = await playing
        await asyncio.sleep(SETTLE_S)
    finally:
        await end_task(playing)
        for client in clients:
            await client.finish(2.0)
        await relay.stop()
    return tuple(
        FaultEffect(run, client.transport, _arrivals(received, sent_ns, start_ns))
        for client, received in zip(clients, took, strict=True)
    )


def _arrivals(received: list[Received], sent_ns: list[int], start_ns: int) -> tuple[Arrival, ...]:
    first_ns: dict[int | None, int] = {}
    for message in received:
        first_ns.setdefault(read_seq(str(message.data).encode()), message.received_ns)
    return tuple(
        Arrival(seq, (at_ns - start_ns) / 1e6, (first_ns[seq] - start_ns) / 1e6 if seq in first_ns else None)
        for seq, at_ns in enumerate(sent_ns)
    )
