"""What does it take to carry a picture, a sound or a large file to the server and back?

Over WebSocket bytes travel as they are, whole, in fragments or compressed. Beside an event stream they must become
text: a POST takes base64 up, and an event brings it back. Text needs neither. Each load is compared by its SHA-256
when it is back.
"""

from __future__ import annotations

import base64
import gc
import hashlib
import secrets
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from statistics import median, median_low

from rtlab import clock
from rtlab.clients.event_source import EventSource
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError
from rtlab.experiments.loads import MAX_NOISE_BYTES, make_load
from rtlab.experiments.raw_websocket import echo_frames, fragments_with_pings
from rtlab.findings.messages import Carried
from rtlab.servers.lab import Lab

WAYS = ("sse+post", "websocket", "websocket, fragments", "websocket, compressed")
PLAIN_WAYS = WAYS[:3]
"""The ways that need nothing of the lab; the last one needs ``start_lab(compression=True)``."""
FRAGMENTS = 8
_EACH_ALONE = DeflateOptions(server_no_context_takeover=True, client_no_context_takeover=True)
"""The same load goes several times: with what was sent before to refer to, all but the first would be tiny."""
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class _Trip:
    """One load there and back, with what it cost."""

    came_back: str | bytes | None
    up_bytes: int
    down_bytes: int
    frames_up: int
    coding_ns: int
    round_trip_ns: int
    refused: str = ""


_Travel = Callable[[str | bytes], _Trip]


def carry_loads(
    lab: Lab,
    loads: Sequence[str | int] = ("picture", "sound"),
    ways: Sequence[str] = PLAIN_WAYS,
    *,
    repeats: int = 3,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[Carried, ...]:
    """Carry each load over each way, to the server and back.

    Args:
        lab: The running lab; its guards limit what it accepts.
        loads: Names of :data:`rtlab.experiments.loads.LOADS`, or numbers of bytes of noise.
        ways: Any of :data:`WAYS`.
        repeats: How often each goes for its time, 1 to 20; once more for its memory.
        progress: Called with trips done, trips in all and what is on.

    Returns:
        One row a load and way, load by load.

    Raises:
        InputError: A load or a way is unknown, a setting is out of its range, or the lab does not compress.
    """
    if not loads or not ways or not set(ways) <= set(WAYS) or not 1 <= repeats <= 20:
        raise InputError(f"loads: at least one; ways: any of {', '.join(WAYS)}; repeats: 1 to 20.")
    tell = progress or (lambda done, total, text: None)
    made = [make_load(load) for load in loads]
    plan = [(name, load, way) for name, load in made for way in ways]
    found = []
    for done, (name, load, way) in enumerate(plan):
        tell(done, len(plan), f"{name}, {way}")
        with _TRAVELS[way](lab) as travel:
            trips = [travel(load)]
            if not trips[0].refused:
                trips += [travel(load) for _ in range(repeats - 1)]
        with _TRAVELS[way](lab) as travel:
            memory_bytes = _most_memory(lambda travel=travel, load=load: travel(load))  # type: ignore[misc]
        found.append(_row(name, load, way, trips, memory_bytes))
    tell(len(plan), len(plan), "done")
    return tuple(found)


def _row(name: str, load: str | bytes, way: str, trips: Sequence[_Trip], memory_bytes: int) -> Carried:
    first = trips[0]
    coded = way == "sse+post" and isinstance(load, bytes)
    payload = load.encode() if isinstance(load, str) else load
    return Carried(
        load=name,
        way=way,
        form="text" if isinstance(load, str) else "base64" if coded else "binary",
        payload_bytes=len(payload),
        form_bytes=len(base64.b64encode(payload)) if coded else len(payload),
        # A heartbeat of the lab may fall into one of them; the middle one is free of it.
        up_bytes=median_low(trip.up_bytes for trip in trips),
        down_bytes=median_low(trip.down_bytes for trip in trips),
        frames_up=first.frames_up,
        intact=all(_digest(trip.came_back) == _digest(load) for trip in trips),
        refused=first.refused,
        coding_ms=median(trip.coding_ns for trip in trips) / 1e6,
        round_trip_ms=None if first.refused else median(trip.round_trip_ns for trip in trips) / 1e6,
        memory_bytes=memory_bytes,
    )


def _digest(load: str | bytes | None) -> bytes:
    data = load.encode() if isinstance(load, str) else load or b""
    return hashlib.sha256(data).digest()


def _most_memory(work: Callable[[], object]) -> int:
    """Run work and give the most memory that it took beyond what was there; all threads count."""
    gc.collect()
    traced_before = tracemalloc.is_tracing()
    tracemalloc.start()
    tracemalloc.reset_peak()
    there_bytes, _ = tracemalloc.get_traced_memory()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] - there_bytes
    finally:
        if not traced_before:
            tracemalloc.stop()


@contextmanager
def _by_post(lab: Lab) -> Iterator[_Travel]:
    channel = f"carry.{secrets.token_hex(6)}"
    with (
        EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem) as source,
        Publisher(lab.publish_url(channel), ca_pem=lab.ca_pem) as publisher,
    ):
        publisher.send(".")
        source.receive()

        post = publisher.traffic

        def travel(load: str | bytes) -> _Trip:
            up, down = post.bytes_up + post.bytes_down, source.traffic.bytes_down
            start_ns = clock.now_ns()
            text = load if isinstance(load, str) else base64.b64encode(load).decode()
            coded_ns = clock.now_ns()
            try:
                publisher.send(text, timeout_s=_TIMEOUT_S)
            except ConnectionFailed as error:
                why = f"HTTP status {error.status}" if error.status else "connection closed"
                return _Trip(None, post.bytes_up + post.bytes_down - up, 0, 0, 0, 0, why)
            got = str(source.receive(_TIMEOUT_S).data)
            arrived_ns = clock.now_ns()
            back = got if isinstance(load, str) else base64.b64decode(got)
            end_ns = clock.now_ns()
            return _Trip(
                back,
                post.bytes_up + post.bytes_down - up,
                source.traffic.bytes_down - down,
                0,
                0 if isinstance(load, str) else coded_ns - start_ns + end_ns - arrived_ns,
                end_ns - start_ns,
            )

        yield travel


@contextmanager
def _by_socket(lab: Lab, compression: DeflateOptions | None = None) -> Iterator[_Travel]:
    with WebSocket(
        lab.echo_url(),
        compression=compression or False,
        ca_pem=lab.ca_pem,
        max_message_bytes=MAX_NOISE_BYTES,
    ) as socket:
        if compression and not socket.compression:
            raise InputError("This lab does not compress; start one with compression=True.")

        def travel(load: str | bytes) -> _Trip:
            up, down = socket.traffic.bytes_up, socket.traffic.bytes_down
            start_ns = clock.now_ns()
            back, refused = None, ""
            try:
                socket.send(load, _TIMEOUT_S)
                back = socket.receive(_TIMEOUT_S).data
            except ConnectionEnded as error:
                refused = f"close code {error.close_code}"
            spent_ns = clock.now_ns() - start_ns
            traffic = socket.traffic
            return _Trip(back, traffic.bytes_up - up, traffic.bytes_down - down, 1, 0, spent_ns, refused)

        yield travel


@contextmanager
def _by_fragments(lab: Lab) -> Iterator[_Travel]:
    def travel(load: str | bytes) -> _Trip:
        payload = load.encode() if isinstance(load, str) else load
        frames = fragments_with_pings(payload, FRAGMENTS)
        got = echo_frames(lab, frames, timeout_s=_TIMEOUT_S)
        refused = "" if got.close_code is None else f"close code {got.close_code}"
        return _Trip(got.message, got.bytes_up, got.bytes_down, len(frames), 0, got.round_trip_ns, refused)

    yield travel


_TRAVELS: dict[str, Callable[[Lab], AbstractContextManager[_Travel]]] = {
    "sse+post": _by_post,
    "websocket": _by_socket,
    "websocket, fragments": _by_fragments,
    "websocket, compressed": lambda lab: _by_socket(lab, _EACH_ALONE),
}
