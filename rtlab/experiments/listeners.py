"""Client designs that differ in one thing: what they do when the line breaks.

===================== ======== ================================
design                returns  names the last id when it returns
===================== ======== ================================
EventSource           itself   itself
sseclient-py          no       no
WebSocket             no       no
WebSocket, reopened   by code  no
WebSocket, resumed    by code  by code
===================== ======== ================================
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.peers import SseclientPeer
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.resume import SUBPROTOCOL
from rtlab.errors import ConnectionEnded, ConnectionFailed, ProtocolError, WaitTimeout
from rtlab.servers.lab import Lab
from rtlab.workload import read_seq

OPEN_TIMEOUT_S = 10.0
_LONG_S = 3_600.0
_ROUND_S = 0.5
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listener finds its channel.

    Attributes:
        http_url: The root of the lab's paths, or of a relay before it.
        channel: The channel.
        ca_pem: The authority to trust.
        wait_s: How long a program waits before it opens a WebSocket again; an EventSource waits as the lab says.
    """

    http_url: str
    channel: str
    ca_pem: str
    wait_s: float

    @property
    def sse_url(self) -> str:
        """The channel as an event stream."""
        return f"{self.http_url}/sse/{self.channel}"

    @property
    def ws_url(self) -> str:
        """The channel over WebSocket."""
        return f"{self.http_url.replace('http', 'ws', 1)}/ws/{self.channel}"


class Listener:
    """A client that hears a channel, with notes of what came when; runs on the loop.

    Args:
        make: Makes the client with a callback for what it receives, and the id to resume at.
        wait_s: How long to wait before a new client takes over from one that has ended; None leaves it ended.

    Attributes:
        heard: ``(seq, received_ns)`` of each message of a workload, in the order of arrival.
        broken_ns: When it noticed that its line was down, each time; what it heard later came over a new one.
        mark: The last text that came and is no message of a workload.
        over: True once nothing more will come.
    """

    def __init__(
        self, make: Callable[[Callable[[Received], None], str], Client], wait_s: float | None = None
    ) -> None:
        self.heard: list[tuple[int, int]] = []
        self.mark = ""
        self.over = False
        self._make = make
        self._wait_s = wait_s
        self._client = make(self._note, "")
        self._is_open = False
        self._broken_ns: list[int] = []
        self._life: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """True while its line is up, as far as it knows."""
        return self._is_open

    @property
    def broken_ns(self) -> list[int]:
        """See the class."""
        return self._broken_ns

    async def start(self) -> None:
        """Open the line for the first time, and keep it open in the background as the design can."""
        await self._client.start(OPEN_TIMEOUT_S)
        self._is_open = True
        self._life = asyncio.create_task(self._live())

    async def finish(self) -> None:
        """Close for good."""
        await end_task(self._life)
        await self._client.finish(2.0)

    async def _live(self) -> None:
        while not self.over:
            try:
                await self._client.receive_soon(_LONG_S)  # all that comes goes to _note, so this waits for the end
            except WaitTimeout:
                continue
            except ConnectionEnded:
                self._is_open = False
                self._broken_ns.append(clock.now_ns())
            if self._wait_s is None:
                self.over = True
            else:
                await self._come_back(self._wait_s)

    async def _come_back(self, wait_s: float) -> None:
        last_id = self._client.last_event_id if isinstance(self._client, WebSocket) else ""
        while True:
            await self._client.finish(1.0)
            await asyncio.sleep(wait_s)
            self._client = self._make(self._note, last_id)
            try:
                await self._client.start(OPEN_TIMEOUT_S)
            except (ConnectionFailed, ProtocolError, WaitTimeout):
                continue
            self._is_open = True
            return

    def _note(self, message: Received) -> None:
        text = str(message.data)
        seq = read_seq(text.encode())
        if seq is None:
            self.mark = text
        else:
            self.heard.append((seq, message.received_ns))


class EventSourceListener(Listener):
    """An EventSource: it comes back by itself, so its own history tells when its line was down.

    Args:
        place: Where it finds its channel.
    """

    def __init__(self, place: Place) -> None:
        self._source = EventSource(place.sse_url, ca_pem=place.ca_pem, on_received=self._note)
        super().__init__(lambda note, last_id: self._source)

    @property
    def is_open(self) -> bool:
        """See :attr:`Listener.is_open`."""
        return self._source.state == "open"

    @property
    def broken_ns(self) -> list[int]:
        """See :class:`Listener`."""
        return [at_ns for (_, before), (at_ns, _) in pairwise(self._source.history) if before == "open"]


def _sseclient(place: Place) -> Listener:
    return Listener(lambda note, last_id: SseclientPeer(place.sse_url, ca_pem=place.ca_pem, on_received=note))


def _websocket(place: Place, *, returns: bool = False, resumes: bool = False) -> Listener:
    def make(note: Callable[[Received], None], last_id: str) -> WebSocket:
        offered = (SUBPROTOCOL,) if resumes else ()
        return WebSocket(
            place.ws_url, subprotocols=offered, last_event_id=last_id, ca_pem=place.ca_pem, on_received=note
        )

    return Listener(make, place.wait_s if returns else None)


DESIGNS: dict[str, Callable[[Place], Listener]] = {
    "EventSource": EventSourceListener,
    "sseclient-py": _sseclient,
    "WebSocket": _websocket,
    "WebSocket, reopened": lambda place: _websocket(place, returns=True),
    "WebSocket, resumed": lambda place: _websocket(place, returns=True, resumes=True),
}
"""The client designs by name, in the order in which tables and figures show them."""


async def all_hear(lab: Lab, channel: str, listeners: Sequence[Listener], word: str) -> None:
    """Wait until nothing is on its way: all who can come back are back, and have heard a mark sent after that.

    Args:
        lab: The lab that they hear.
        channel: Its channel.
        listeners: The listeners; those that are over count no more.
        word: What the mark starts with; use each one once.

    Raises:
        WaitTimeout: Somebody did not come back.
    """
    for number in range(_ROUNDS):
        mark = f"{word} {number}"
        if await _within(_ROUND_S, lambda: all(listener.over or listener.is_open for listener in listeners)):
            await lab.publish_soon(mark, channel)
            if await _within(_ROUND_S, partial(_have_heard, listeners, mark)):
                return
    raise WaitTimeout(
        f"Not every client was back within {_ROUNDS * _ROUND_S:g} s; a lab that is started "
        "with a shorter retry_ms has them back sooner."
    )


def _have_heard(listeners: Sequence[Listener], mark: str) -> bool:
    return all(listener.over or listener.mark == mark for listener in listeners)


async def _within(timeout_s: float, holds: Callable[[], bool]) -> bool:
    deadline_ns = clock.now_ns() + round(timeout_s * 1e9)
    while not holds() and clock.now_ns() < deadline_ns:
        await asyncio.sleep(0.005)
    return holds()
