"""What does each client design lose when the line is cut?

The channel plays a workload while the lab breaks the line at seeded moments. An EventSource comes back by itself
and names the last id it saw. A WebSocket does neither, unless a program does it: reopening gets the line back,
and only ids with a history get the messages back.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter

from rtlab import clock
from rtlab.clients.client import Received, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.resume import SUBPROTOCOL
from rtlab.errors import ConnectionFailed, InputError, WaitTimeout
from rtlab.findings.direction import Outage
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.workload import Workload, read_seq

WAYS = ("sse", "websocket", "websocket, reopened", "websocket, resumed")
REOPEN_S = 0.2
RETRY_S = 1.0
"""The reconnection time that the lab's event streams ask for."""
LEAD_NS = 50_000_000


def cut_line(lab: Lab, way: str, *, count: int = 60, seconds: float = 3.0, cuts: int = 2, seed: int = 1) -> Outage:
    """Send messages over one way while the line is cut, and count what arrived.

    Args:
        lab: The running lab.
        way: One of :data:`WAYS`.
        count: How many messages, 10 to 10,000.
        seconds: How long the sending lasts, 0.5 to 60.
        cuts: How often the line is cut, 0 to 20; never in the first or the last tenth.
        seed: Chooses the moments.

    Returns:
        The count; ``delivered + lost == sent``.

    Raises:
        InputError: A setting is out of its range.
    """
    if way not in WAYS:
        raise InputError(f"There is no way {way!r}; there are {', '.join(WAYS)}.")
    if not (10 <= count <= 10_000 and 0.5 <= seconds <= 60 and 0 <= cuts <= 20):
        raise InputError("count: 10 to 10,000; seconds: 0.5 to 60; cuts: 0 to 20.")
    return shared.call(lambda: _cut_line(lab, way, count, seconds, cuts, seed), 3 * seconds + 30.0)


async def _cut_line(lab: Lab, way: str, count: int, seconds: float, cuts: int, seed: int) -> Outage:
    channel = f"cut.{secrets.token_hex(6)}"
    arrived: list[Received] = []
    workload = Workload(count / seconds, count, 32)
    moments = sorted(random.Random(seed).uniform(0.1 * seconds, 0.9 * seconds) for _ in range(cuts))
    client = _client(lab, channel, way, "", arrived)
    keeper = playing = None
    try:
        await client.start(10.0)
        if isinstance(client, WebSocket) and way != "websocket":
            keeper = asyncio.create_task(_keep_open(lab, channel, way, client, arrived))
        start_ns = clock.now_ns() + LEAD_NS
        playing = asyncio.create_task(lab.play(channel, workload, start_ns))
        broken = 0
        for moment in moments:
            await asyncio.sleep(max(0.0, (start_ns - clock.now_ns()) / 1e9 + moment))
            broken += bool(await lab.cut_soon(channel))
        sent = len(await playing)
        await asyncio.sleep(RETRY_S + 2 * REOPEN_S)  # whoever comes back gets the time to do so
    finally:
        await end_task(playing)
        await end_task(keeper)
        await client.finish(2.0)
    times = Counter(read_seq(str(message.data).encode()) for message in arrived)
    return Outage(way, sent, len(times), sent - len(times), sum(times.values()) - len(times), broken)


def _client(lab: Lab, channel: str, way: str, last_id: str, arrived: list[Received]) -> EventSource | WebSocket:
    if way == "sse":
        return EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem, on_received=arrived.append)
    offered = (SUBPROTOCOL,) if way == "websocket, resumed" else ()
    return WebSocket(
        lab.ws_url(channel),
        subprotocols=offered,
        last_event_id=last_id,
        ca_pem=lab.ca_pem,
        on_received=arrived.append,
    )


async def _keep_open(lab: Lab, channel: str, way: str, client: WebSocket, arrived: list[Received]) -> None:
    """Do by hand what an EventSource does by itself; with ``last_event_id`` also the resuming."""
    current = client
    try:
        while True:
            await asyncio.sleep(REOPEN_S)
            if current.close_code is None:
                continue
            following = _client(lab, channel, way, current.last_event_id, arrived)
            assert isinstance(following, WebSocket)
            try:
                await following.start(5.0)
                current = following
            except (ConnectionFailed, WaitTimeout):
                await following.finish(1.0)
    finally:
        if current is not client:
            await current.finish(1.0)
