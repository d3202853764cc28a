"""What do readers make of a stream that was written by hand?

The bytes go over a real socket to rtlab's EventSource, which follows the standard, and to sseclient-py, a popular
parser. Where the two part, one of them does not follow it.

Spec: HTML Living Standard, parsing (9.2.5) and interpreting (9.2.6) an event stream.
"""

from __future__ import annotations

import threading

from rtlab import clock
from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.peers import SseclientPeer
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError, WaitTimeout
from rtlab.experiments.raw_server import RawServer
from rtlab.findings.messages import StreamEvent, StreamReading

READERS = ("rtlab", "sseclient-py")
MAX_STREAM_BYTES = 8_388_608
_TIMEOUT_S = 10.0
_STREAM_ENDED = "sseclient-py: the stream ended"


def read_by_hand(
    *pieces: bytes, content_type: str = "text/event-stream", readers: tuple[str, ...] = READERS
) -> tuple[StreamReading, ...]:
    """Serve bytes as an event stream, once to each reader, and write down the events that come out.

    Args:
        pieces: The body, in pieces that become one chunk each; together at most 8 MiB.
        content_type: What the answer says it is.
        readers: Any of :data:`READERS`.

    Returns:
        One reading for each reader.

    Raises:
        InputError: A reader is unknown, or the stream is too long.
    """
    if not set(readers) <= set(READERS):
        raise InputError(f"readers: any of {', '.join(READERS)}.")
    if sum(map(len, pieces)) > MAX_STREAM_BYTES:
        raise InputError(f"A stream by hand has at most {MAX_STREAM_BYTES} bytes.")
    with RawServer(*pieces, content_type=content_type) as server:
        return tuple(_read(server.url(f"/{reader}"), reader) for reader in readers)


def served_bytes(*pieces: bytes) -> int:
    """Count the bytes from server to client that an event stream takes, its head and end included.

    Args:
        pieces: The body, in pieces that become one chunk each.
    """
    with RawServer(*pieces) as server, EventSource(server.url()) as source:
        _wait_for_the_end(source)
        return source.traffic.bytes_down


def _read(url: str, reader: str) -> StreamReading:
    source = EventSource(url) if reader == "rtlab" else SseclientPeer(url)
    try:
        source.open(_TIMEOUT_S)
    except ConnectionFailed as error:
        return StreamReading(reader, (), str(error), None)
    with source:
        if isinstance(source, EventSource):
            _wait_for_the_end(source)
        events, why = _take_all(source)
        waits = source.reconnection_ms if isinstance(source, EventSource) else None
    return StreamReading(reader, events, "" if waits is not None or why == _STREAM_ENDED else why, waits)


def _wait_for_the_end(source: EventSource) -> None:
    """Wait until the stream is read to its end: an EventSource does not stop there, it gets ready to come back."""
    deadline_ns = clock.now_ns() + round(_TIMEOUT_S * 1e9)
    while len(source.history) < 2 and clock.now_ns() < deadline_ns:
        threading.Event().wait(0.002)


def _take_all(source: Client) -> tuple[tuple[StreamEvent, ...], str]:
    events, why = [], ""
    try:
        while True:
            got = source.receive(0 if isinstance(source, EventSource) else _TIMEOUT_S)
            events.append(StreamEvent(got.event, got.id, str(got.data)))
    except ConnectionEnded as error:
        why = str(error)
    except WaitTimeout:
        pass  # nothing more is there
    return tuple(events), why
