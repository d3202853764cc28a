"""Sends a swarm's messages when they are due: over its WebSockets, or by POST beside event streams.

The loop is open. A message that is late does not move the later ones, and its stamp says when it was due, not when
it went: the wait is part of its latency.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping

from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic
from rtlab.codecs.http1 import RequestHead
from rtlab.errors import RtlabError
from rtlab.load.client import LeanClient
from rtlab.load.plan import LoadPlan, Share
from rtlab.load.stamp import make_payload
from rtlab.load.tally import Tally

_AT_ONCE = 64
"""So many POSTs of a worker are on their way at the same time; more wait for a line."""
_MOST_WAITING = 10_000
_POST_TIMEOUT_S = 10.0
_TURN = 64
"""After so many messages without a wait, the loop may read."""

Send = Callable[[int, int, int], str]
"""Sends the message that is due then, from this connection, with this number; tells why not if it does not."""


async def send_all(share: Share, begin_ns: int, tally: Tally, send: Send) -> Counter[str]:
    """Send every message of a share when it is due.

    Args:
        share: Whose messages.
        begin_ns: The begin of measuring, on the swarm's clock.
        tally: Where it is counted how late they leave.
        send: Sends one.

    Returns:
        Why messages were not sent, and how many each time.
    """
    refusals = Counter[str]()
    for done, (offset_ns, connection, seq) in enumerate(share.schedule()):
        due_ns = begin_ns + offset_ns
        if done % _TURN == 0:
            await asyncio.sleep(0)
        while (wait_ns := due_ns - tally.now_ns()) > 0:
            await asyncio.sleep(wait_ns / 1e9)
        now_ns = tally.turn()  # this may begin a new list
        tally.lags_ns.append(now_ns - due_ns)
        if why := send(due_ns, connection, seq):
            refusals[why] += 1
    return refusals


def over_sockets(clients: Mapping[int, LeanClient]) -> Send:
    """Send each message over the WebSocket of its connection.

    Args:
        clients: The share's clients by their numbers.
    """
    return lambda due_ns, connection, seq: clients[connection].send(due_ns, seq)


class Posts:
    """Sends messages by POST on some kept lines.

    Args:
        plan: What the swarm does.
        tally: Where sent messages and their bytes are counted.
        clients: The share's clients by their numbers: each message is sent in the name of one.

    Attributes:
        refusals: Why messages were refused, and how many each time.
    """

    def __init__(self, plan: LoadPlan, tally: Tally, clients: Mapping[int, LeanClient]) -> None:
        self.refusals = Counter[str]()
        self._plan = plan
        self._tally = tally
        self._clients = clients
        self._address = Address.parse(plan.publish_url, ("http", "https"))
        self._traffic = Traffic()
        self._counted_bytes = 0, 0
        self._idle: list[HttpConnection] = []
        self._lines = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, due_ns: int, connection: int, seq: int) -> str:
        """Send one message as soon as a line is free; see :data:`Send`."""
        if len(self._tasks) >= _MOST_WAITING:
            return "too many POSTs waited for an answer"
        task = asyncio.create_task(self._post(due_ns, connection, seq))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return ""

    async def finish(self, timeout_s: float) -> None:
        """Wait for the answers that are still to come, and close the lines.

        Args:
            timeout_s: How long to wait; what is not answered then counts as refused.
        """
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=timeout_s)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for line in self._idle:
                line.close()

    async def _post(self, due_ns: int, connection: int, seq: int) -> None:
        tally, plan = self._tally, self._plan
        payload = make_payload(due_ns, connection, seq, plan.payload_bytes)
        fields = (("Content-Type", "text/plain; charset=utf-8"), *plan.headers)
        line: HttpConnection | None = None
        try:
            async with self._lines:
                line = self._idle.pop() if self._idle else self._new_line()
                head = await line.request(
                    RequestHead("POST", self._address.target, fields), payload, timeout_s=_POST_TIMEOUT_S
                )
                await line.read_all(_POST_TIMEOUT_S)
                self._idle.append(line)
                line = None
            tally.turn()
            self._count_bytes()
            if 200 <= head.status < 300:
                self._clients[connection].note_sent()
            else:
                self.refusals[f"HTTP {head.status}"] += 1
        except RtlabError as error:
            self.refusals[str(error)] += 1
        except asyncio.CancelledError:
            self.refusals["not answered in time"] += 1
            raise
        finally:
            if line is not None:
                line.close()

    def _count_bytes(self) -> None:
        traffic, (up, down) = self._traffic, self._counted_bytes
        self._tally.bytes_up += traffic.bytes_up - up
        self._tally.bytes_down += traffic.bytes_down - down
        self._counted_bytes = traffic.bytes_up, traffic.bytes_down

    def _new_line(self) -> HttpConnection:
        return HttpConnection(self._address, self._traffic, ca_pem=self._plan.ca_pem)
