"""What does each client design lose when the line is cut?

The channel plays a workload while the lab breaks the line at seeded moments. An EventSource comes back by itself
and names the last id it saw. A WebSocket does neither, unless a program does it: reopening gets the line back,
and only ids with a history get the messages back.
"""

from __future__ import annotations

import asyncio
import random
import secrets

from rtlab import clock
from rtlab.clients.client import end_task
from rtlab.errors import InputError
from rtlab.experiments.listeners import DESIGNS, Place
from rtlab.findings.direction import Outage
from rtlab.findings.simplicity import account
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.workload import Workload

WAYS = {
    "sse": "EventSource",
    "websocket": "WebSocket",
    "websocket, reopened": "WebSocket, reopened",
    "websocket, resumed": "WebSocket, resumed",
}
"""The ways, with the client design of each."""
REOPEN_S = 0.2
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
    limit_s = 3 * seconds + lab.resumption.retry_ms / 1e3 + 30.0
    return shared.call(lambda: _cut_line(lab, way, count, seconds, cuts, seed), limit_s)


async def _cut_line(lab: Lab, way: str, count: int, seconds: float, cuts: int, seed: int) -> Outage:
    channel = f"cut.{secrets.token_hex(6)}"
    workload = Workload(count / seconds, count, 32)
    moments = sorted(random.Random(seed).uniform(0.1 * seconds, 0.9 * seconds) for _ in range(cuts))
    listener = DESIGNS[WAYS[way]](Place(lab.http_url, channel, lab.ca_pem, REOPEN_S))
    playing = None
    try:
        await listener.start()
        start_ns = clock.now_ns() + LEAD_NS
        playing = asyncio.create_task(lab.play(channel, workload, start_ns))
        broken = 0
        for moment in moments:
            await asyncio.sleep(max(0.0, (start_ns - clock.now_ns()) / 1e9 + moment))
            broken += bool(await lab.cut_soon(channel))
        sent = len(await playing)
        # Whoever comes back gets the time to do so.
        await asyncio.sleep(lab.resumption.retry_ms / 1e3 + 2 * REOPEN_S)
    finally:
        await end_task(playing)
        await listener.finish()
    found = account((seq for seq, _ in listener.heard), sent)
    return Outage(way, sent, found.delivered, found.lost, found.doubled, broken)
