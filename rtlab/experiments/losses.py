"""What is lost, doubled or out of order when the line is cut again and again, for each client and server design.

::

    lab ──► relay ──► every client design, each on a line of its own
              ╳  cut at seeded moments

All designs hear the same messages through the same relay, so they suffer the same cuts.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from bisect import bisect_right
from collections.abc import Sequence

from rtlab import clock
from rtlab.clients.client import end_task
from rtlab.clients.wire import Address
from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments.listeners import DESIGNS, Listener, Place, all_hear
from rtlab.findings.simplicity import Loss, account
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab
from rtlab.servers.resumption import Resumption
from rtlab.workload import Workload

RETRY_MS = 20
"""The labs that the verb starts ask for a short wait, so that many outages fit into a short run."""
SHORT_HISTORY = 10
MOST_EVENTS = 100_000
SERVERS = {
    "no ids": Resumption(ids=False, retry_ms=RETRY_MS),
    "ids, no history": Resumption(history_messages=0, retry_ms=RETRY_MS),
    "ids, short history": Resumption(history_messages=SHORT_HISTORY, retry_ms=RETRY_MS),
    "ids, enough history": Resumption(history_messages=MOST_EVENTS, retry_ms=RETRY_MS),
}
"""The server designs by name, in the order in which tables and figures show them."""
LONGEST_S = 300.0
_LEAD_NS = 50_000_000


def count_losses(
    lab: Lab,
    server: str = "",
    *,
    events: int = 1_000,
    cuts: int = 5,
    rate_per_s: float = 1_000.0,
    seed: int = 1,
    designs: Sequence[str] = tuple(DESIGNS),
) -> tuple[Loss, ...]:
    """Send numbered messages to several client designs, cut their lines, and account for every message.

    Args:
        lab: The running lab, with the server design that it was started with.
        server: What to call that design.
        events: How many messages, 10 to 100,000.
        cuts: How often all lines are cut, 0 to 1,000; never in the first twentieth or the last tenth.
        rate_per_s: How many messages a second; the whole may last 300 s.
        seed: Chooses the moments.
        designs: Which clients, of :data:`rtlab.experiments.listeners.DESIGNS`.

    Returns:
        One for each client design.

    Raises:
        InputError: A setting is out of its range.
        LabNotRunning: The lab was stopped.
        WaitTimeout: A client did not come back.
    """
    if not designs or isinstance(designs, str) or not set(designs) <= DESIGNS.keys():
        raise InputError(f"clients: a list of some of {', '.join(map(repr, DESIGNS))}; not {designs!r}.")
    whole = isinstance(events, int) and isinstance(cuts, int)
    if not (whole and 10 <= events <= MOST_EVENTS and 0 <= cuts <= 1_000 and events / LONGEST_S <= rate_per_s):
        raise InputError(
            "events: a whole number from 10 to 100,000; cuts: from 0 to 1,000; events by rate_per_s: at most 300 s."
        )
    if not lab.running:
        raise LabNotRunning(f"The lab {lab.name!r} is not running; call rtlab.start_lab().")
    workload = Workload(rate_per_s, events, 32)
    limit_s = 3 * workload.duration_s + 90.0
    return shared.call(lambda: _count(lab, server, workload, cuts, seed, designs), limit_s)


async def _count(
    lab: Lab, server: str, workload: Workload, cuts: int, seed: int, designs: Sequence[str]
) -> tuple[Loss, ...]:
    chance, duration_s = random.Random(seed), workload.duration_s
    moments = sorted(chance.uniform(0.05 * duration_s, 0.9 * duration_s) for _ in range(cuts))
    channel = f"losses.{secrets.token_hex(6)}"
    address = Address.parse(lab.http_url, ("http", "https"))
    relay = Relay(address.host, address.port, max_bytes=0)
    listeners: list[Listener] = []
    playing = None
    try:
        await relay.start()
        root = f"{address.scheme}://127.0.0.1:{relay.port}"
        place = Place(root, channel, lab.ca_pem, lab.resumption.retry_ms / 1e3)
        listeners += [DESIGNS[name](place) for name in designs]
        await asyncio.gather(*(listener.start() for listener in listeners))
        await all_hear(lab, channel, listeners, "begin")
        start_ns = clock.now_ns() + _LEAD_NS
        playing = asyncio.create_task(lab.play(channel, workload, start_ns))
        cut_ns = []
        for moment in moments:
            await asyncio.sleep(max(0.0, (start_ns - clock.now_ns()) / 1e9 + moment))
            cut_ns.append(clock.now_ns())
            relay.cut()
        sent = len(await playing)
        await all_hear(lab, channel, listeners, "end")
    finally:
        try:
            await end_task(playing)
            await asyncio.gather(*(listener.finish() for listener in listeners), return_exceptions=True)
        finally:  # an interrupt may come just now
            await relay.stop()
    notes = zip(designs, listeners, strict=True)
    return tuple(_loss(server, name, seed, sent, listener, cut_ns) for name, listener in notes)


def _loss(server: str, name: str, seed: int, sent: int, listener: Listener, cut_ns: list[int]) -> Loss:
    heard_ns = [at_ns for _, at_ns in listener.heard]
    recovery_ms = []
    for broken_ns in listener.broken_ns:
        following = bisect_right(heard_ns, broken_ns)
        before = bisect_right(cut_ns, broken_ns)
        if before and following < len(heard_ns):
            recovery_ms.append((heard_ns[following] - cut_ns[before - 1]) / 1e6)
    found = account((seq for seq, _ in listener.heard), sent)
    return Loss(server, name, seed, len(listener.broken_ns), found, tuple(recovery_ms))
