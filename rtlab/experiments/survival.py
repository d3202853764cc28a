"""What survives? Tricky texts over each way, and tricky streams through two readers.

* ``lab``: the lab's encoder, which splits a text at its line ends into ``data`` lines.
* ``careless``: ``data:``, the text as it is and an empty line, as many programs write it.
* ``websocket``: one text message, sent back by the lab's echo.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.peers import SseclientPeer
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, LocalProtocolError
from rtlab.experiments.reading import READERS, read_by_hand
from rtlab.findings.messages import StreamEvent, Survival
from rtlab.servers.lab import Lab

WAYS = ("websocket", "lab, rtlab", "lab, sseclient-py", "careless, rtlab", "careless, sseclient-py")
MAX_TEXTS = 1_000
_TIMEOUT_S = 15.0

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "plain": "Hello",
        "empty": "",
        "emoji": "👩\u200d🚀 launches 🚀",
        "JSON on one line": '{"price": [101.5, 102.0]}',
        "JSON, indented": '{\n  "price": 12\n}',
        "space in front": " x",
        "space behind": "x ",
        "LF inside": "one\ntwo",
        "LF at the end": "one\n",
        "empty line inside": "one\n\ntwo",
        "CR inside": "one\rtwo",
        "CR LF inside": "one\r\ntwo",
        "looks like a field": "calm\nevent: alarm",
        "NUL": "a\0b",
        "byte order mark": "\ufeffx",
        "U+2028": "one\u2028two",
        "1 MiB on one line": "x" * 1_048_576,
        "half a surrogate pair": "\ud83d",
    }
)
"""Texts that are known to make trouble somewhere, by name."""

STREAMS: Mapping[str, tuple[bytes, tuple[StreamEvent, ...]]] = MappingProxyType(
    {
        "a named event": (b"event: tick\ndata: 1\n\n", (StreamEvent("tick", "", "1"),)),
        "the name does not stay": (
            b"event: tick\ndata: 1\n\ndata: 2\n\n",
            (StreamEvent("tick", "", "1"), StreamEvent("message", "", "2")),
        ),
        "the id stays": (
            b"id: 7\ndata: 1\n\ndata: 2\n\n",
            (StreamEvent("message", "7", "1"), StreamEvent("message", "7", "2")),
        ),
        "an id with NUL is ignored": (b"id: a\0b\ndata: 1\n\n", (StreamEvent("message", "", "1"),)),
        "no space after the colon": (b"data:1\n\n", (StreamEvent("message", "", "1"),)),
        "only one space is dropped": (b"data:  1\n\n", (StreamEvent("message", "", " 1"),)),
        "CR ends a line": (b"data: 1\rdata: 2\r\r", (StreamEvent("message", "", "1\n2"),)),
        "line ends may be mixed": (
            b"data: 1\r\n\ndata: 2\r\n\r\n",
            tuple(StreamEvent("message", "", x) for x in "12"),
        ),
        "a comment is not delivered": (b": still here\n\ndata: 1\n\n", (StreamEvent("message", "", "1"),)),
        "an unknown field is ignored": (b"color: red\ndata: 1\n\n", (StreamEvent("message", "", "1"),)),
        "no data, no event": (b"event: tick\n\ndata: 1\n\n", (StreamEvent("message", "", "1"),)),
        "a byte order mark in front": (b"\xef\xbb\xbfdata: 1\n\n", (StreamEvent("message", "", "1"),)),
        "a bad byte becomes U+FFFD": (b"data: caf\xe9\n\n", (StreamEvent("message", "", "caf\ufffd"),)),
        "an unfinished event is dropped": (b"data: 1\n\ndata: 2\n", (StreamEvent("message", "", "1"),)),
    }
)
"""Streams with what the standard makes of them (9.2.5 and 9.2.6), by rule."""


def survive(
    lab: Lab,
    texts: Mapping[str, str] = TEXTS,
    ways: Sequence[str] = WAYS,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[Survival, ...]:
    """Send each text over each way and look at what arrives.

    Args:
        lab: The running lab.
        texts: The texts by name, 1 to 1,000.
        ways: Any of :data:`WAYS`.
        progress: Called with ways done, ways in all and what is on.

    Returns:
        One row a way and text, way by way.

    Raises:
        InputError: A way is unknown, or the number of texts is out of range.
    """
    if not 1 <= len(texts) <= MAX_TEXTS or not ways or not set(ways) <= set(WAYS):
        raise InputError(f"texts: 1 to {MAX_TEXTS:,}; ways: any of {', '.join(WAYS)}.")
    tell = progress or (lambda done, total, text: None)
    found: list[Survival] = []
    for done, way in enumerate(ways):
        tell(done, len(ways), way)
        got = _arrivals(lab, way, texts)
        found += [
            Survival(name, way, _outcome(text, got[name]), text, got[name] or ()) for name, text in texts.items()
        ]
    tell(len(ways), len(ways), "done")
    return tuple(found)


def follow_rules() -> tuple[Survival, ...]:
    """Let each reader read the streams of :data:`STREAMS` and compare with what the standard says.

    Returns:
        One row a reader and rule; ``sent`` and ``got`` list the events as text.
    """
    found = []
    for name, (stream, expected) in STREAMS.items():
        for reading in read_by_hand(stream):
            outcome = "OK" if reading.events == expected else "changed" if reading.events else "lost"
            got = tuple(map(_in_words, reading.events))
            found.append(Survival(name, reading.reader, outcome, "; ".join(map(_in_words, expected)), got))
    return tuple(sorted(found, key=lambda each: READERS.index(each.way)))


def _arrivals(lab: Lab, way: str, texts: Mapping[str, str]) -> dict[str, tuple[str, ...] | None]:
    """Give what arrived for each text, and None for what could not be sent."""
    encoder, _, reader = way.partition(", ")
    if encoder == "careless":
        return {name: _careless(text, reader) for name, text in texts.items()}
    if encoder == "websocket":
        with WebSocket(lab.echo_url(), ca_pem=lab.ca_pem) as socket:
            return {name: _marked(socket, socket.send, text) for name, text in texts.items()}
    channel = f"survive.{secrets.token_hex(6)}"
    client = EventSource if reader == "rtlab" else SseclientPeer
    with client(lab.sse_url(channel), ca_pem=lab.ca_pem) as source:
        return {
            name: _marked(source, lambda text: lab.publish(text, channel=channel), text)
            for name, text in texts.items()
        }


def _marked(client: Client, send: Callable[[str], object], text: str) -> tuple[str, ...] | None:
    """Send a text and a mark behind it; what comes before the mark came for the text."""
    mark = f"mark {secrets.token_hex(8)}"
    try:
        send(text)
    except (InputError, LocalProtocolError):
        return None
    send(mark)
    got = []
    while (message := client.receive(_TIMEOUT_S)).data != mark:
        got.append(_with_name(message.event, str(message.data)))
    return tuple(got)


def _careless(text: str, reader: str) -> tuple[str, ...] | None:
    try:
        stream = f"data: {text}\n\n".encode()
    except UnicodeEncodeError:
        return None
    (reading,) = read_by_hand(stream, readers=(reader,))
    return tuple(_with_name(event.event, event.data) for event in reading.events)


def _with_name(event: str, data: str) -> str:
    """Show the name of an event that should have none: the text has forged it."""
    return data if event == "message" else f"event {event}: {data}"


def _outcome(text: str, got: tuple[str, ...] | None) -> str:
    if got is None:
        return "refused"
    return "OK" if got == (text,) else "changed" if got else "lost"


def _in_words(event: StreamEvent) -> str:
    return f"{event.event}{f' id {event.id}' if event.id else ''}: {event.data!r}"
