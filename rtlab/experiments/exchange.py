"""How do client and server talk to each other, and what does each way cost?

The same conversation is held over each way: the server says some things at random times, the client says some
things at other random times, and what the client says comes back to it. A push channel needs one request; polling
needs one for every question; beside an event stream each message of the client is a request of its own.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling, Polling
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Traffic
from rtlab.errors import InputError
from rtlab.findings.direction import Conversation, Mark
from rtlab.loop_thread import shared
from rtlab.records import Direction
from rtlab.servers.lab import Lab
from rtlab.workload import Workload, read_seq

WAYS = ("sse+post", "websocket", "long-polling+post", "polling+post")
GRACE_S = 2.0
LEAD_NS = 50_000_000
_MARK_OF_UP = "up "


@dataclass(slots=True)
class _Session:
    """One way's client while a conversation is on."""

    way: str
    arrived: list[Received] = field(default_factory=list)
    spoken_ns: dict[int, int] = field(default_factory=dict)
    """When each message of the client was due: a slow way that delays the next message has to answer for it."""
    client: Client = field(init=False)
    publisher: Publisher = field(init=False)
    traffics: list[Traffic] = field(init=False)
    speak: Callable[[str], Awaitable[object]] = field(init=False)

    def connect(self, lab: Lab, channel: str, polling_interval_s: float) -> None:
        """Make the clients, unopened."""
        ca_pem, got = lab.ca_pem, self.arrived.append
        self.publisher = Publisher(lab.publish_url(channel), ca_pem=ca_pem)
        self.speak = self.publisher.send_soon
        if self.way == "websocket":
            socket = WebSocket(lab.ws_url(channel), ca_pem=ca_pem, on_received=got)
            self.client, self.speak = socket, socket.send_soon
        elif self.way == "sse+post":
            self.client = EventSource(lab.sse_url(channel), ca_pem=ca_pem, on_received=got)
        elif self.way == "long-polling+post":
            self.client = LongPolling(lab.poll_url(channel), ca_pem=ca_pem, on_received=got)
        else:
            url = lab.poll_url(channel)
            self.client = Polling(url, interval_s=polling_interval_s, ca_pem=ca_pem, on_received=got)
        self.traffics = [self.client.traffic, self.publisher.traffic]

    def total_bytes(self) -> int:
        """Bytes both ways so far."""
        return sum(traffic.bytes_up + traffic.bytes_down for traffic in self.traffics)


def converse(
    lab: Lab,
    way: str,
    *,
    down: int = 10,
    up: int = 10,
    seconds: float = 2.0,
    payload_bytes: int = 32,
    polling_interval_s: float = 0.25,
    seed: int = 1,
) -> Conversation:
    """Hold a conversation over one way and write down what crossed.

    Args:
        lab: The running lab.
        way: One of :data:`WAYS`.
        down: How many messages the server sends, 0 to 1,000.
        up: How many messages the client sends, 0 to 1,000.
        seconds: How long the conversation lasts, 0.1 to 60.
        payload_bytes: Size of each message, 16 to 65,536.
        polling_interval_s: Pause between two requests of short polling.
        seed: Chooses the random times; the same for every way.

    Returns:
        The conversation's cost and its marks.

    Raises:
        InputError: A setting is out of its range.
    """
    if way not in WAYS:
        raise InputError(f"There is no way {way!r}; there are {', '.join(WAYS)}.")
    if not (0 <= down <= 1_000 and 0 <= up <= 1_000 and 0.1 <= seconds <= 60 and 16 <= payload_bytes <= 65_536):
        raise InputError("down and up: 0 to 1,000; seconds: 0.1 to 60; payload_bytes: 16 to 65,536.")
    work = partial(_converse, lab, way, down, up, seconds, payload_bytes, polling_interval_s, seed)
    return shared.call(work, 3 * seconds + 30.0)


async def _converse(
    lab: Lab,
    way: str,
    down: int,
    up: int,
    seconds: float,
    payload_bytes: int,
    polling_interval_s: float,
    seed: int,
) -> Conversation:
    session = _Session(way)
    channel = f"talk.{secrets.token_hex(6)}"
    session.connect(lab, channel, polling_interval_s)
    playing = None
    try:
        await session.client.start(10.0)
        await asyncio.sleep(LEAD_NS / 1e9)  # the answer's head and first bytes are in: set-up is over
        set_up_bytes = session.total_bytes()
        start_ns, cpu_ns = clock.now_ns() + LEAD_NS, clock.cpu_ns()
        down_load, up_load = (
            _schedule(count, seconds, payload_bytes, each) for count, each in ((down, seed), (up, seed + 1))
        )
        if down_load:
            playing = asyncio.create_task(lab.play(channel, down_load, start_ns))
        await _speak(session, up_load, start_ns)
        sent_ns = await playing if playing else []
        await _wait_for(session, down + up, GRACE_S + polling_interval_s)
        cpu_ns = clock.cpu_ns() - cpu_ns
        talk_bytes = session.total_bytes() - set_up_bytes
    finally:
        await end_task(playing)
        await asyncio.gather(session.client.finish(2.0), session.publisher.finish(), return_exceptions=True)
    down_ms, up_ms, marks = _read(session, start_ns, down_load)
    return Conversation(
        way=way,
        connections=sum(traffic.connections for traffic in session.traffics),
        requests=sum(traffic.requests for traffic in session.traffics),
        bytes_up=sum(traffic.bytes_up for traffic in session.traffics),
        bytes_down=sum(traffic.bytes_down for traffic in session.traffics),
        bytes_per_reply=talk_bytes / up if up and not down else None,
        down_sent=len(sent_ns),
        up_sent=up,
        down_ms=down_ms,
        up_ms=up_ms,
        cpu_ms=cpu_ns / 1e6,
        marks=marks,
    )


def _schedule(count: int, seconds: float, payload_bytes: int, seed: int) -> Workload | None:
    if count == 0:
        return None
    return Workload(count / seconds, count, payload_bytes - len(_MARK_OF_UP), "random", seed=seed)


async def _speak(session: _Session, load: Workload | None, start_ns: int) -> None:
    for message in load.messages() if load else ():
        # A timer may be a millisecond late; waiting more exactly would burn the processor time that we measure.
        await asyncio.sleep(max(0.0, (start_ns + message.scheduled_ns - clock.now_ns()) / 1e9))
        session.spoken_ns[message.seq] = start_ns + message.scheduled_ns
        await session.speak(_MARK_OF_UP + message.text)


async def _wait_for(session: _Session, expected: int, timeout_s: float) -> None:
    deadline_ns = clock.now_ns() + round(timeout_s * 1e9)
    while len(session.arrived) < expected and clock.now_ns() < deadline_ns:
        await asyncio.sleep(0.01)


def _read(
    session: _Session, start_ns: int, down_load: Workload | None
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[Mark, ...]]:
    due_ns = [message.scheduled_ns for message in down_load.messages()] if down_load else []
    down_ms, up_ms, marks = [], [], []

    def mark(at_ns: int, direction: Direction, label: str) -> None:
        marks.append(Mark((at_ns - start_ns) / 1e6, session.way, direction, label))

    for message in session.arrived:
        text = str(message.data)
        seq = read_seq(text.removeprefix(_MARK_OF_UP).encode())
        if seq is None:
            continue
        if text.startswith(_MARK_OF_UP):
            up_ms.append((message.received_ns - session.spoken_ns[seq]) / 1e6)
            mark(message.received_ns, "down", f"client's message {seq} comes back")
        else:
            down_ms.append((message.received_ns - start_ns - due_ns[seq]) / 1e6)
            mark(message.received_ns, "down", f"server's message {seq}")
    if session.way == "websocket":
        for seq, at_ns in session.spoken_ns.items():
            mark(at_ns, "up", f"client's message {seq}")
    for traffic, what in zip(session.traffics, ("request", "POST"), strict=True):
        for at_ns in traffic.request_times_ns:
            mark(at_ns, "up", what)
    return tuple(down_ms), tuple(up_ms), tuple(sorted(marks, key=lambda each: each.at_ms))
