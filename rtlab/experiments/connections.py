"""How many connections and requests do clients need, and what does a cut cost?"""

from __future__ import annotations

import asyncio
import secrets

from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.wire import Address
from rtlab.errors import InputError, WaitTimeout
from rtlab.experiments.opening import client_at
from rtlab.findings.protocol import ConnectionCount
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab

WAYS = ("sse", "websocket")
MAX_CLIENTS = 300
MAX_CUTS = 10
_AT_ONCE = 20
"""So many begin together: with hundreds, the last one would wait for its answer too long."""
_TIMEOUT_S = 10.0


def count_connections(lab: Lab, way: str, clients: int, *, cuts: int = 0) -> ConnectionCount:
    """Open clients at the same time, cut their lines, and count what they needed.

    A relay between clients and lab accepts the connections and counts them. Only event streams come back after a
    cut, one reconnection time later; a WebSocket stays away.

    Args:
        lab: The running lab.
        way: ``"sse"`` or ``"websocket"``.
        clients: How many, 1 to 300.
        cuts: How often all lines are cut, 0 to 10; 0 for WebSockets.

    Returns:
        Connections and requests of all clients together.

    Raises:
        InputError: A setting is out of its range.
        WaitTimeout: The streams did not come back.
    """
    most = MAX_CUTS if way == "sse" else 0
    if way not in WAYS or not (1 <= clients <= MAX_CLIENTS and 0 <= cuts <= most):
        raise InputError(f"way: sse or websocket; clients: 1 to {MAX_CLIENTS}; cuts: 0 to {MAX_CUTS}, sse alone.")
    return shared.call(lambda: _count(lab, way, clients, cuts), (cuts + 6) * _TIMEOUT_S)


async def _count(lab: Lab, way: str, clients: int, cuts: int) -> ConnectionCount:
    address = Address.parse(lab.http_url, ("http", "https"))
    relay = Relay(address.host, address.port)
    channel = f"count.{secrets.token_hex(6)}"
    opened: list[Client] = []
    await relay.start()
    try:
        opened += [client_at(lab, relay.port, way, channel) for _ in range(clients)]
        for first in range(0, clients, _AT_ONCE):
            await asyncio.gather(*(client.start(_TIMEOUT_S) for client in opened[first : first + _AT_ONCE]))
        for cut in range(1, cuts + 1):
            await lab.cut_soon(channel)
            await _all_back(opened, cut + 1)
        requests = sum(client.traffic.requests for client in opened)
        return ConnectionCount(way, clients, cuts, relay.accepted, requests)
    finally:
        await asyncio.gather(*(client.finish(2.0) for client in opened), return_exceptions=True)
        await relay.stop()


async def _all_back(opened: list[Client], times: int) -> None:
    """Wait until each stream was opened so many times."""
    sources = [client for client in opened if isinstance(client, EventSource)]
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while not all([what for _, what in source.history].count("open") == times for source in sources):
                await asyncio.sleep(0.01)
    except TimeoutError as error:
        raise WaitTimeout(f"Not all streams were back within {_TIMEOUT_S:g} s.") from error
