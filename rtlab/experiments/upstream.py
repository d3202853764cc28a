"""What does a client send while it only receives?

The bytes are those that its socket is given. What TCP adds is not in them: the client's system acknowledges what it
receives, for both transports alike.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress

from rtlab import clock
from rtlab.clients.client import Client, Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError
from rtlab.findings.upstream import Upstream
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.workload import Workload, read_seq

WAYS = ("sse", "websocket")
RATE_PER_S = 20_000
_LEAD_NS = 50_000_000
_OPEN_TIMEOUT_S = 10.0
_ARRIVAL_TIMEOUT_S = 15.0


def push_only(lab: Lab, way: str, messages: int = 50_000, payload_bytes: int = 32) -> Upstream:
    """Push messages to one client that says nothing, and count bytes both ways.

    Args:
        lab: The running lab. Its heartbeat crosses, too: a WebSocket answers each ping with a pong of 6 bytes.
        way: One of :data:`WAYS`.
        messages: How many, 1 to 1,000,000; :data:`RATE_PER_S` are sent each second.
        payload_bytes: Size of each, 11 to 65,536.

    Returns:
        What arrived, and the bytes.

    Raises:
        InputError: A setting is out of its range.
        LabNotRunning: The lab was stopped.
    """
    if way not in WAYS or payload_bytes > 65_536:
        raise InputError(f"way: {' or '.join(WAYS)}; payload_bytes: 11 to 65,536.")
    workload = Workload(RATE_PER_S, messages, payload_bytes)
    limit_s = _OPEN_TIMEOUT_S + 3 * workload.duration_s + 2 * _ARRIVAL_TIMEOUT_S
    return shared.call(lambda: _push(lab, way, workload), limit_s)


async def _push(lab: Lab, way: str, workload: Workload) -> Upstream:
    channel = f"push.{secrets.token_hex(6)}"
    heard: set[int | None] = set()
    complete = asyncio.Event()

    def hear(message: Received) -> None:
        heard.add(read_seq(str(message.data).encode()))
        if len(heard) == workload.count:
            complete.set()

    client: Client
    if way == "sse":
        client = EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem, on_received=hear)
    else:
        client = WebSocket(lab.ws_url(channel), ca_pem=lab.ca_pem, on_received=hear)
    try:
        await client.start(_OPEN_TIMEOUT_S)
        traffic = client.traffic
        opening_up, opening_down = traffic.bytes_up, traffic.bytes_down
        sent = await lab.play(channel, workload, clock.now_ns() + _LEAD_NS)
        with suppress(TimeoutError):  # what is missing then, is told
            await asyncio.wait_for(complete.wait(), _ARRIVAL_TIMEOUT_S)
        up, down = traffic.bytes_up - opening_up, traffic.bytes_down - opening_down
        return Upstream(way, len(sent), len(heard), opening_up, up, down)
    finally:
        await client.finish(_OPEN_TIMEOUT_S)
