"""Does a heartbeat save an idle line from a proxy that cuts silent ones?"""

from __future__ import annotations

import asyncio
import secrets

from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Address
from rtlab.errors import InputError
from rtlab.findings.simplicity import IdleLine
from rtlab.loop_thread import shared
from rtlab.network.faults.ending import IdleCut
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab

WATCHED = 2.5
"""The line stays idle for so many times the proxy's limit."""


def survive_idle(lab: Lab, heartbeat_s: float, *, idle_s: float = 0.6) -> tuple[IdleLine, ...]:
    """Leave an event stream and a WebSocket idle behind a proxy that cuts silent lines.

    Args:
        lab: A running lab, without TLS.
        heartbeat_s: The heartbeat that it was started with.
        idle_s: After how much silence the proxy cuts, 0.1 to 60 s.

    Returns:
        One for each.

    Raises:
        InputError: The limit is out of its range.
    """
    if not 0.1 <= idle_s <= 60.0:
        raise InputError("idle_s must be from 0.1 to 60.")
    return shared.call(lambda: _survive(lab, heartbeat_s, idle_s), WATCHED * idle_s + 30.0)


async def _survive(lab: Lab, heartbeat_s: float, idle_s: float) -> tuple[IdleLine, ...]:
    address = Address.parse(lab.http_url, ("http",))
    relay = Relay(address.host, address.port, faults=(IdleCut(idle_s),))
    channel = f"idle.{secrets.token_hex(6)}"
    try:
        await relay.start()
        source = EventSource(f"http://127.0.0.1:{relay.port}/sse/{channel}")
        socket = WebSocket(f"ws://127.0.0.1:{relay.port}/ws/{channel}")
        try:
            await asyncio.gather(source.start(10.0), socket.start(10.0))
            await asyncio.sleep(WATCHED * idle_s)
            survived = {"sse": len(source.history) == 1, "websocket": socket.ended is None}
        finally:
            await asyncio.gather(source.finish(1.0), socket.finish(1.0))
    finally:
        await relay.stop()
    return tuple(IdleLine(way, idle_s, heartbeat_s, alive) for way, alive in survived.items())
