"""The protocol vectors: bytes as they come over the wire, and what a correct receiver makes of them.

Each vector names the clause that it tries. Clauses are put together into a few groups, such as "line ends", so
that a result can be read at a glance.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from rtlab.codecs.websocket_frames import encode_frame, parse_header
from rtlab.conformance.outcomes import Content, Message, ReceivedEvent
from rtlab.resources import data_path

Protocol = Literal["sse", "websocket"]
Role = Literal["server", "client"]

PIECE_BYTES = 65_536
"""A stream of more bytes than this is cut into pieces of this size, not into single bytes."""

AS_GIVEN, FRAME_BY_FRAME, ONE_CHUNK = "as given", "frame by frame", "one chunk"

_PERMESSAGE_DEFLATE, _LIMITS, _CLOSING = "compression", "limits", "closing"
GROUPS: dict[Protocol, dict[str, str]] = {
    "sse": {
        "HTML 9.2.5 parsing: end-of-line": "line ends",
        "HTML 9.2.5 parsing: BOM": "byte order mark",
        "HTML 9.2.5 parsing: UTF-8 decode": "UTF-8",
        "HTML 9.2.6 interpreting: field data": "data",
        "HTML 9.2.6 interpreting: field event": "event",
        "HTML 9.2.6 interpreting: field id": "id",
        "HTML 9.2.6 interpreting: field retry": "retry",
        "HTML 9.2.6 interpreting: comment line": "comments",
        "HTML 9.2.6 interpreting: unknown field": "unknown fields",
        "HTML 9.2.6 interpreting: dispatch": "dispatch",
        "HTML 9.2.6 interpreting: end of stream": "end of stream",
    },
    "websocket": {
        "RFC 6455 5.1 masking": "masking",
        "RFC 6455 5.2 payload length": "length",
        "RFC 6455 5.2 RSV": "reserved bits",
        "RFC 6455 5.2 opcode": "opcodes",
        "RFC 6455 5.4 fragmentation": "fragments",
        "RFC 6455 5.7": "fragments",
        "RFC 6455 5.4, 5.5.1": "fragments",
        "RFC 6455 5.5 control frames": "control frames",
        "RFC 6455 5.5.2": "control frames",
        "RFC 6455 5.5.3": "control frames",
        "RFC 6455 8.1": "UTF-8",
        "RFC 6455 5.5.1": _CLOSING,
        "RFC 6455 5.5.1, 8.1": _CLOSING,
        "RFC 6455 7.1.5": _CLOSING,
        "RFC 6455 7.4": _CLOSING,
        "IANA WebSocket close code registry": _CLOSING,
        "RFC 7692 6": _PERMESSAGE_DEFLATE,
        "RFC 7692 6.1": _PERMESSAGE_DEFLATE,
        "RFC 7692 7.2.2": _PERMESSAGE_DEFLATE,
        "RFC 7692 7.2.3.1": _PERMESSAGE_DEFLATE,
        "RFC 7692 7.2.3.2": _PERMESSAGE_DEFLATE,
        "RFC 7692 7.2.3.3": _PERMESSAGE_DEFLATE,
        "RFC 7692 7.2.3.4": _PERMESSAGE_DEFLATE,
        "RFC 7692 7.2.3.6": _PERMESSAGE_DEFLATE,
        "RFC 6455 8.1; RFC 7692": _PERMESSAGE_DEFLATE,
        "RFC 6455 10.4": _LIMITS,
        "RFC 7692 8 security": _LIMITS,
    },
}
"""The group of each clause, by protocol, in the order in which tables and figures show them."""

# How many bytes show that the rule is broken, where the vector goes on after them. In all others a receiver has
# nothing left to read when it may notice.
_DUE_FRAMES = {"utf8-bad-first-fragment-s": 1}


@dataclass(frozen=True, slots=True)
class SseVector:
    """An event stream, and what an EventSource makes of it.

    Attributes:
        id: Its name, such as ``"eol-lf"``.
        clause: What it tries, such as ``"HTML 9.2.5 parsing: end-of-line"``.
        chunks: The bytes of the stream, cut as they were written.
        events: The events to deliver, in order.
        last_event_id: What a reconnection would send; empty for none.
        retry_ms: The reconnection time that the stream gave, or None.
    """

    id: str
    clause: str
    chunks: tuple[bytes, ...]
    events: tuple[ReceivedEvent, ...]
    last_event_id: str
    retry_ms: int | None

    @property
    def group(self) -> str:
        """The group of its clause."""
        return GROUPS["sse"][self.clause]


@dataclass(frozen=True, slots=True)
class WebSocketVector:
    """Frames from the peer, and what a receiver makes of them.

    Attributes:
        id: Its name, such as ``"len-0-c"``.
        clause: What it tries, such as ``"RFC 6455 5.2 RSV"``.
        receiver: The role that reads them.
        chunks: The bytes, one frame a chunk.
        messages: The messages to deliver before any error, in order.
        pings: The payloads of the pings to notice, in order.
        pongs: The payloads of the pongs to notice, in order.
        close_code: The code of the peer's close frame, 1005 for none in it; None if no good close frame comes.
        error: The code to fail the connection with, or None.
        acceptable: Further codes that will do.
        may_accept: Whether taking the frames as good will do too.
        needs_deflate: Whether permessage-deflate was agreed on, with default parameters.
        max_message_bytes: The limit that the receiver is given, or None for its own.
        due_bytes: After so many bytes a strict receiver has failed the connection; None where there is no choice.
    """

    id: str
    clause: str
    receiver: Role
    chunks: tuple[bytes, ...]
    messages: tuple[Message, ...]
    pings: tuple[bytes, ...]
    pongs: tuple[bytes, ...]
    close_code: int | None
    error: int | None
    acceptable: frozenset[int]
    may_accept: bool
    needs_deflate: bool
    max_message_bytes: int | None
    due_bytes: int | None

    @property
    def group(self) -> str:
        """The group of its clause."""
        return GROUPS["websocket"][self.clause]


@cache
def sse_vectors() -> tuple[SseVector, ...]:
    """Give the vectors for event streams, group by group."""
    vectors = map(_sse_vector, _read("sse.json")["stream_vectors"])
    return tuple(sorted(vectors, key=lambda vector: _place("sse", vector.group)))


@cache
def websocket_vectors() -> tuple[WebSocketVector, ...]:
    """Give the vectors for WebSocket frames, to a server and to a client, group by group."""
    files = ("websocket.json", "websocket_supplement.json")
    vectors = (_websocket_vector(entry) for file in files for entry in _read(file)["vectors"])
    return tuple(sorted(vectors, key=lambda vector: _place("websocket", vector.group)))


def feedings(vector: SseVector | WebSocketVector) -> dict[str, tuple[bytes, ...]]:
    """Cut a vector's bytes in three ways; the result must not depend on it.

    Args:
        vector: Any vector.

    Returns:
        Chunks by the name of the way: as they were written, all at once, and byte by byte. More than 64 KiB come
        in pieces of 64 KiB rather than in bytes.
    """
    stream = b"".join(vector.chunks)
    size, name = (1, "byte by byte") if len(stream) <= PIECE_BYTES else (PIECE_BYTES, "in pieces of 64 KiB")
    return {
        AS_GIVEN if isinstance(vector, SseVector) else FRAME_BY_FRAME: vector.chunks,
        ONE_CHUNK: (stream,),
        name: tuple(stream[at : at + size] for at in range(0, len(stream), size)),
    }


def _place(protocol: Protocol, group: str) -> int:
    return list(GROUPS[protocol].values()).index(group)


def _read(file: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(data_path("vectors", file).read_text(encoding="utf-8"))
    return content


def _sse_vector(entry: dict[str, Any]) -> SseVector:
    texts = [chunk if isinstance(chunk, str) else chunk[0] * chunk[1] for chunk in entry["chunks"]]
    events = (
        ReceivedEvent(event["type"], _content(event, "data", "data_len", "data_sha256"), event["lastEventId"])
        for event in entry["events"]
    )
    return SseVector(
        id=entry["id"],
        clause=entry["clause"],
        chunks=tuple(text.encode("latin-1") for text in texts),
        events=tuple(events),
        last_event_id=entry["last_event_id"],
        retry_ms=entry["retry"],
    )


def _websocket_vector(entry: dict[str, Any]) -> WebSocketVector:
    hexadecimal = entry["hex"]
    chunks = _frames(bytes.fromhex(hexadecimal)) if hexadecimal is not None else map(_generated, entry["gen"])
    chunks = tuple(chunks)
    messages = (
        Message(message["type"], _content(message, "text", "len", "sha256")) for message in entry["messages"]
    )
    choices = entry.get("also_acceptable", [])
    due_frames = _DUE_FRAMES.get(entry["id"])
    return WebSocketVector(
        id=entry["id"],
        clause=entry["clause"],
        receiver=entry["receiver"],
        chunks=chunks,
        messages=tuple(messages),
        pings=tuple(bytes.fromhex(payload) for name, payload in entry["control"] if name == "ping"),
        pongs=tuple(bytes.fromhex(payload) for name, payload in entry["control"] if name == "pong"),
        close_code=entry["close_code"],
        error=entry["error"],
        acceptable=frozenset() if choices == "accept" else frozenset(choices),
        may_accept=choices == "accept",
        needs_deflate="extension" in entry,
        max_message_bytes=entry.get("max_message_size"),
        due_bytes=None if due_frames is None else len(b"".join(chunks[:due_frames])),
    )


def _content(entry: dict[str, Any], text: str, length: str, sha256: str) -> Content:
    if text in entry:
        return Content.of(entry[text])
    if "hex" in entry:
        return Content.of(bytes.fromhex(entry["hex"]))
    return Content(entry[length], entry[sha256])


def _frames(wire: bytes) -> Sequence[bytes]:
    """Cut the bytes of frames between the frames; what is no whole frame stays together."""
    frames = []
    while wire:
        header = parse_header(wire)
        end = len(wire) if header is None else header.header_bytes + header.payload_bytes
        frames.append(wire[:end])
        wire = wire[end:]
    return frames


def _generated(rule: dict[str, Any]) -> bytes:
    payload = bytes.fromhex(rule["hex"] or rule["byte"] * rule["count"])
    key = bytes.fromhex(rule["key"]) if rule["masked"] else None
    frame = encode_frame(rule["op"], payload, fin=bool(rule["fin"]), masking_key=key)
    return bytes([frame[0] | rule["rsv"] << 4]) + frame[1:]
