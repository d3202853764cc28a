"""Clients that hear one channel through a relay, for as long as somebody plays with the line."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from rtlab import clock
from rtlab.clients.client import end_task
from rtlab.clients.wire import Address
from rtlab.experiments.listeners import DESIGNS, Listener, Place
from rtlab.findings.simplicity import Account, account
from rtlab.network.faults.fault import Fault
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab
from rtlab.workload import Workload

WAYS = {"sse": "EventSource", "websocket": "WebSocket", "WebSocket, resumed": "WebSocket, resumed"}
"""The clients by the names of their series, with the designs that they have."""
_LOOK_S = 0.05
_SETTLE_S = 3.0


class Bench:
    """A workload that plays in the background, and a line that can be broken meanwhile; runs on the loop.

    Args:
        lab: The running lab.
        workload: What it sends.
        on_heard: Called with a client, the time since the start in seconds and the message's number.

    Attributes:
        sent: How many messages are out.
    """

    def __init__(self, lab: Lab, workload: Workload, on_heard: Callable[[str, float, int], None]) -> None:
        self.sent = 0
        self._lab = lab
        self._workload = workload
        self._on_heard = on_heard
        self._channel = f"bench.{secrets.token_hex(6)}"
        address = Address.parse(lab.http_url, ("http", "https"))
        self._scheme = address.scheme
        self._relay = Relay(address.host, address.port, max_bytes=0)
        self._listeners: dict[str, Listener] = {}
        self._shown = dict.fromkeys(WAYS, 0)
        self._start_ns = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open every client through the relay, and begin to send."""
        await self._relay.start()
        root = f"{self._scheme}://127.0.0.1:{self._relay.port}"
        place = Place(root, self._channel, self._lab.ca_pem, self._lab.resumption.retry_ms / 1e3)
        self._listeners = {way: DESIGNS[design](place) for way, design in WAYS.items()}
        await asyncio.gather(*(listener.start() for listener in self._listeners.values()))
        self._start_ns = clock.now_ns()
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._look())]

    async def played(self) -> None:
        """Wait until the workload is out."""
        await self._tasks[0]

    async def apply(self, *faults: Fault) -> None:
        """Put these faults on the line, in place of those before."""
        await self._relay.apply(*faults)

    async def cut(self) -> int:
        """Reset every connection; give their number."""
        return self._relay.cut()

    async def stop(self) -> dict[str, Account]:
        """Stop sending, mend the line, give the clients a moment to catch up, and close everything.

        Returns:
            What became of the messages of each client.
        """
        try:
            for task in self._tasks[:1]:
                await end_task(task)
            await self._relay.apply()
            deadline_ns = clock.now_ns() + round(_SETTLE_S * 1e9)
            while clock.now_ns() < deadline_ns and not all(map(self._is_settled, self._listeners.values())):
                await asyncio.sleep(_LOOK_S)
        finally:  # an interrupt cancels the wait; the rest must be closed all the same
            for task in self._tasks:
                await end_task(task)
            self._show()
            await asyncio.gather(*(one.finish() for one in self._listeners.values()), return_exceptions=True)
            await self._relay.stop()
        return {
            way: account((seq for seq, _ in listener.heard), self.sent) for way, listener in self._listeners.items()
        }

    def _is_settled(self, listener: Listener) -> bool:
        return listener.over or (bool(listener.heard) and listener.heard[-1][0] == self.sent - 1)

    async def _send(self) -> None:
        for message in self._workload.messages():
            await asyncio.sleep(max(0.0, (self._start_ns + message.scheduled_ns - clock.now_ns()) / 1e9))
            await self._lab.publish_soon(message.payload.decode(), self._channel)
            self.sent += 1

    async def _look(self) -> None:
        while True:
            self._show()
            await asyncio.sleep(_LOOK_S)

    def _show(self) -> None:
        for way, listener in self._listeners.items():
            for seq, at_ns in listener.heard[self._shown[way] :]:
                self._on_heard(way, (at_ns - self._start_ns) / 1e9, seq)
            self._shown[way] = len(listener.heard)
