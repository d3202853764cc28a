"""How long until a dead line is noticed, and what does looking cost while it is well?

::

    client ──► relay ──► lab        idle: only beats cross, and the relay keeps them
    client ──► ╳    ╳ ──► lab       black hole: nothing crosses, and nobody is told

Four kinds of heartbeat, one connection each:

======================  ============  ==================================================
strategy                who notices   how
======================  ============  ==================================================
SSE comment             the client    nothing came for 1.5 intervals
WebSocket ping, server  the server    a client that is pinged was silent for 1.5 intervals
WebSocket ping, client  the client    no pong came for half an interval
message and answer      the client    no answer came for half an interval
======================  ============  ==================================================

A page in a browser sees neither comments nor pings and cannot send a ping: it is left with the last one.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Sequence
from contextlib import suppress

from rtlab import clock
from rtlab.clients.client import Client, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Address
from rtlab.errors import ConnectionEnded, InputError, WaitTimeout
from rtlab.findings.simplicity import DeadPeer
from rtlab.loop_thread import shared
from rtlab.network.faults.silence import BlackHole
from rtlab.network.relay import Relay
from rtlab.records import Direction
from rtlab.servers.lab import Lab

SILENCE = 1.5
"""So many intervals without a sign of life mean that the line is dead."""
ANSWER = 0.5
"""So many intervals may pass until an answer is there."""
IDLE_BEATS = 3
WATCHED = 4.0
"""For so many intervals after the fault we look whether it is noticed."""
NEVER_S = 86_400.0
"""The heartbeat of a lab that shall not beat: the client does."""
_LOOK_S = 0.005


class Watch:
    """One idle connection with its heartbeat; runs on the loop.

    Args:
        root: The address of the lab's paths, or of a relay before it.
        interval_s: The time between two beats.

    Attributes:
        client: The client.
        listed: How the server lists its connection: transport and channel.
    """

    strategy: str
    noticed_by = "client"
    first: Direction = "up"
    """Which way a beat goes first: up where the client beats, so that the lab must not."""
    client: Client
    listed: tuple[str, str]

    def __init__(self, root: str, interval_s: float) -> None:
        self.interval_s = interval_s
        self._channel = f"beat.{secrets.token_hex(6)}"
        self._ws_root = root.replace("http", "ws", 1)
        self._noticed_ns: int | None = None
        self._beating: asyncio.Task[None] | None = None

    def noticed_ns(self, gone_ns: int | None) -> int | None:
        """Tell when the dead line was noticed, or None.

        Args:
            gone_ns: When the server let go of the connection, or None.
        """
        return self._noticed_ns

    async def start(self) -> None:
        """Open the connection, and begin to beat if it is the client who beats."""
        await self.client.start(10.0)
        if self.first == "up":
            self._beating = asyncio.create_task(self._beat())

    async def finish(self) -> None:
        """End it."""
        await end_task(self._beating)
        await self.client.finish(0.1)

    async def ask(self, timeout_s: float) -> None:
        """Ask for a sign of life and wait for it; where the lab beats there is nothing to ask."""

    async def _beat(self) -> None:
        with suppress(ConnectionEnded):
            while self._noticed_ns is None:
                await asyncio.sleep(self.interval_s)
                try:
                    await self.ask(ANSWER * self.interval_s)
                except WaitTimeout:
                    self._noticed_ns = clock.now_ns()


class Comment(Watch):
    """The lab writes comments; the EventSource reconnects when they stay away."""

    strategy, first = "SSE comment", "down"
    client: EventSource

    def __init__(self, root: str, interval_s: float) -> None:
        super().__init__(root, interval_s)
        self.client = EventSource(f"{root}/sse/{self._channel}", idle_timeout_s=SILENCE * interval_s)
        self.listed = "sse", self._channel

    def noticed_ns(self, gone_ns: int | None) -> int | None:
        """See :meth:`Watch.noticed_ns`."""
        return next((at_ns for at_ns, what in self.client.history if what.startswith("Nothing came")), None)


class ServerPing(Watch):
    """The lab pings, and drops a client that does not answer."""

    strategy, noticed_by, first = "WebSocket ping, server", "server", "down"

    def __init__(self, root: str, interval_s: float) -> None:
        super().__init__(root, interval_s)
        self.client = WebSocket(f"{self._ws_root}/ws/{self._channel}")
        self.listed = "websocket", self._channel

    def noticed_ns(self, gone_ns: int | None) -> int | None:
        """See :meth:`Watch.noticed_ns`."""
        return gone_ns


class ClientPing(Watch):
    """The client pings and waits for the pong."""

    strategy = "WebSocket ping, client"
    client: WebSocket

    def __init__(self, root: str, interval_s: float) -> None:
        super().__init__(root, interval_s)
        self.client = WebSocket(f"{self._ws_root}/ws/{self._channel}")
        self.listed = "websocket", self._channel

    async def ask(self, timeout_s: float) -> None:
        """Ping."""
        await self.client.ping_soon(timeout_s)


class Answer(Watch):
    """The client sends a message, and the server's program answers: here with an echo."""

    strategy = "message and answer"
    client: WebSocket

    def __init__(self, root: str, interval_s: float) -> None:
        super().__init__(root, interval_s)
        self.client = WebSocket(f"{self._ws_root}/echo")
        self.listed = "websocket", "echo"

    async def ask(self, timeout_s: float) -> None:
        """Send a text of one letter and wait for it."""
        await self.client.send_soon("?")
        await self.client.receive_soon(timeout_s)


WATCHES: tuple[type[Watch], ...] = (Comment, ServerPing, ClientPing, Answer)
STRATEGIES = tuple(watch.strategy for watch in WATCHES)


def notice_dead_peer(beating: Lab, silent: Lab, interval_s: float, *, seed: int = 1) -> tuple[DeadPeer, ...]:
    """Let a black hole swallow idle connections, and see which heartbeat notices it when.

    Args:
        beating: A running lab that beats once an interval and drops WebSockets after 1.5 silent ones.
        silent: A running lab that does not beat, for the clients that do it themselves.
        interval_s: The time between two beats, 0.05 to 60 s.
        seed: Chooses the moment of the fault.

    Returns:
        One for each strategy.

    Raises:
        InputError: The interval is out of its range.
    """
    check_interval(interval_s)
    limit_s = (IDLE_BEATS + 2 + WATCHED) * interval_s + 30.0
    return shared.call(lambda: _notice(beating, silent, interval_s, seed), limit_s)


def check_interval(interval_s: float) -> None:
    """Refuse a time between two beats that is out of its range, before anything is started.

    Args:
        interval_s: The time in seconds.

    Raises:
        InputError: It is not from 0.05 to 60 s.
    """
    if not 0.05 <= interval_s <= 60.0:
        raise InputError(f"interval_s must be from 0.05 to 60, not {interval_s!r}.")


async def _notice(beating: Lab, silent: Lab, interval_s: float, seed: int) -> tuple[DeadPeer, ...]:
    running: list[tuple[Lab, Relay, list[Watch]]] = []
    idle_s = (IDLE_BEATS + random.Random(seed).random()) * interval_s
    try:
        for lab, first in ((beating, "down"), (silent, "up")):
            relay, watches = _relay(lab), list[Watch]()
            running.append((lab, relay, watches))
            await relay.start()
            root = f"http://127.0.0.1:{relay.port}"
            watches += [watch(root, interval_s) for watch in WATCHES if watch.first == first]
            for watch in watches:  # one after the other: the relay numbers its connections
                await watch.start()
        begun_ns = clock.now_ns()
        await asyncio.sleep(idle_s)
        hole_ns = clock.now_ns()
        for _, relay, _ in running:
            await relay.apply(BlackHole())
        gone_ns = await _gone(running, hole_ns + round(WATCHED * interval_s * 1e9))
        return tuple(
            _found(watch, relay, number, (begun_ns, hole_ns), gone_ns.get(watch), seed)
            for _, relay, watches in running
            for number, watch in enumerate(watches)
        )
    finally:
        try:
            everybody = (watch.finish() for _, _, watches in running for watch in watches)
            await asyncio.gather(*everybody, return_exceptions=True)
        finally:  # an interrupt may come just now
            await asyncio.gather(*(relay.stop() for _, relay, _ in running))


def _relay(lab: Lab) -> Relay:
    address = Address.parse(lab.http_url, ("http",))
    return Relay(address.host, address.port)


async def _gone(running: Sequence[tuple[Lab, Relay, list[Watch]]], until_ns: int) -> dict[Watch, int]:
    """Look until the time is over which connections the labs have let go, and when."""
    gone_ns: dict[Watch, int] = {}
    while clock.now_ns() < until_ns:
        for lab, _, watches in running:
            listed = {(each.transport, each.channel) for each in await lab.connections_soon()}
            for watch in watches:
                if watch.listed not in listed:
                    gone_ns.setdefault(watch, clock.now_ns())
        await asyncio.sleep(_LOOK_S)
    return gone_ns


def _found(
    watch: Watch, relay: Relay, number: int, idle_ns: tuple[int, int], gone_ns: int | None, seed: int
) -> DeadPeer:
    begun_ns, hole_ns = idle_ns
    beats = [chunk for chunk in relay.chunks if chunk.connection_id == number and begun_ns <= chunk.at_ns < hole_ns]
    count = sum(chunk.direction == watch.first for chunk in beats)
    noticed_ns = watch.noticed_ns(gone_ns)
    if noticed_ns is not None and noticed_ns < hole_ns:
        noticed_ns = None  # a false alarm
    return DeadPeer(
        watch.strategy,
        watch.noticed_by,
        watch.interval_s,
        seed,
        count,
        sum(len(chunk.data) for chunk in beats) / max(1, count),
        None if noticed_ns is None else (noticed_ns - hole_ns) / 1e9,
        None if gone_ns is None else (gone_ns - hole_ns) / 1e9,
        WATCHED * watch.interval_s,
    )
