"""What crosses an HTTP/2 connection that carries an event stream and a WebSocket, frame by frame?

Both share one TCP connection, each on a stream of its own. The event stream is an ordinary answer. The WebSocket is
opened by an extended CONNECT, and its frames travel inside DATA frames.

Spec: RFC 9113; RFC 8441
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from rtlab.clients.http2 import Http2End
from rtlab.codecs.http1 import encode_chunk
from rtlab.codecs.http2_frames import (
    DATA,
    FRAME_HEADER_BYTES,
    HEADERS,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Http2Frame,
    Http2FrameDecoder,
    encode_http2_frame,
)
from rtlab.codecs.sse import EventStreamDecoder, encode_event
from rtlab.codecs.websocket_frames import CLOSE, TEXT, FrameDecoder, encode_frame
from rtlab.errors import InputError
from rtlab.experiments.http2_client import Http2Client
from rtlab.experiments.http2_server import Http2Server, deliver, open_event_stream, open_websocket
from rtlab.experiments.raw_websocket import client_frame
from rtlab.findings.messages import MessageCost
from rtlab.findings.protocol import FrameSeen
from rtlab.loop_thread import shared
from rtlab.records import Direction
from rtlab.servers.lab import Lab

EVENT_IN_CHUNK, EVENT_IN_DATA = "SSE event, HTTP/1.1 chunk", "SSE event, HTTP/2 DATA frame"
FRAME_ALONE, FRAME_IN_DATA = "WebSocket frame, HTTP/1.1", "WebSocket frame, HTTP/2 DATA frame"
MAX_TEXTS = 100
MAX_TEXT_BYTES = 16_000
_TIMEOUT_S = 30.0
_NORMAL_CLOSURE = (1000).to_bytes(2)
_SHOWN_CHARACTERS = 40
_EVENT_ENDS = b"\n\n"


@dataclass(frozen=True, slots=True)
class Http2Exchange:
    """What crossed one HTTP/2 connection.

    Attributes:
        frames: The frames, in the order in which the client wrote or read them.
        costs: What each text cost from server to client, over HTTP/1.1 and HTTP/2.
        events: The texts that a reader found in the event stream.
    """

    frames: tuple[FrameSeen, ...]
    costs: tuple[MessageCost, ...]
    events: tuple[str, ...]


_Crossed = tuple[Direction, Http2Frame]


def exchange_with_lab(lab: Lab, texts: Sequence[str] = ("Hello",)) -> Http2Exchange:
    """Receive texts from a lab as an event stream and over a WebSocket, both on one HTTP/2 connection.

    Args:
        lab: A running lab that speaks HTTP/2.
        texts: At most 100, each from 1 to 16,000 bytes, without line ends.

    Returns:
        Every frame, what each text cost, and the events that were read.

    Raises:
        InputError: There are too many texts, one does not fit, or the lab speaks HTTP/1.1 only.
    """
    _require(texts)
    if any(sign in text for text in texts for sign in "\r\n"):
        raise InputError("texts: each in one line.")
    return shared.call(lambda: _exchange_with(lab, texts), _TIMEOUT_S)


def exchange_over_http2(texts: Sequence[str] = ("Hello",)) -> Http2Exchange:
    """Send texts as an event stream and over a WebSocket, both on one HTTP/2 connection of two bare ends.

    Args:
        texts: At most 100, each from 1 to 16,000 bytes.

    Returns:
        Every frame, what each text cost, and the events that were read.

    Raises:
        InputError: There are too many texts, or one is empty or too long.
    """
    _require(texts)
    shared.hold()
    try:
        return shared.call(lambda: _exchange(texts), _TIMEOUT_S)
    finally:
        shared.release()


def _require(texts: Sequence[str]) -> None:
    if len(texts) > MAX_TEXTS or not all(1 <= len(text.encode()) <= MAX_TEXT_BYTES for text in texts):
        raise InputError(f"texts: at most {MAX_TEXTS}, each from 1 to {MAX_TEXT_BYTES:,} bytes.")


async def _exchange(texts: Sequence[str]) -> Http2Exchange:
    events = [encode_event(text) for text in texts]
    echoes = [encode_frame(TEXT, text.encode()) for text in texts]
    async with Http2Server() as listening:
        client, server = await listening.connect()

        stream = await open_event_stream(client, server)
        for event in events:
            await deliver(server, client, stream, event)

        socket = await open_websocket(client, server)
        for text, echo in zip(texts, echoes, strict=True):
            await deliver(client, server, socket, client_frame(TEXT, text.encode()))
            await deliver(server, client, socket, echo)
        await deliver(client, server, socket, client_frame(CLOSE, _NORMAL_CLOSURE))
        await deliver(server, client, socket, encode_frame(CLOSE, _NORMAL_CLOSURE))
        server.end(socket)
        await client.until(lambda: socket in client.ended)
        client.end(socket)
        client.cancel(stream)
    return _report(client, stream, socket, texts, events)


async def _exchange_with(lab: Lab, texts: Sequence[str]) -> Http2Exchange:
    channel = f"frames.{secrets.token_hex(3)}"
    async with Http2Client(lab) as connections:
        client = await connections.connect()
        stream = await client.ask(f"/sse/{channel}")
        await client.until(lambda: client.data[stream])
        for number, text in enumerate(texts, start=1):
            await lab.publish_soon(text, channel)
            await client.until(partial(_has_events, client, stream, number + 1))

        socket = await client.open_websocket("/echo")
        await client.until(lambda: socket in client.heads)
        for text in texts:
            there = len(client.data[socket]) + len(encode_frame(TEXT, text.encode()))
            client.send(socket, client_frame(TEXT, text.encode()))
            await client.until(partial(_has_bytes, client, socket, there))
        client.send(socket, client_frame(CLOSE, _NORMAL_CLOSURE))
        await client.until(lambda: socket in client.ended)
        client.end(socket)
        client.cancel(stream)
    pieces = bytes(client.data[stream]).split(_EVENT_ENDS)[:-1]
    return _report(client, stream, socket, texts, [piece + _EVENT_ENDS for piece in pieces])


def _has_events(client: Http2End, stream: int, count: int) -> bool:
    return client.data[stream].count(_EVENT_ENDS) == count


def _has_bytes(client: Http2End, stream: int, count: int) -> bool:
    return len(client.data[stream]) == count


def _report(
    client: Http2End, stream: int, socket: int, texts: Sequence[str], sent: Sequence[bytes]
) -> Http2Exchange:
    """Name the frames, and count what each text cost; what was sent before the first text counts for none."""
    crossed = _frames(client.wire)
    seen = tuple(_seen(direction, frame, client, socket) for direction, frame in crossed)
    first = len(sent) - len(texts)
    events, echoes = sent[first:], [encode_frame(TEXT, text.encode()) for text in texts]
    costs = (
        *_costs(EVENT_IN_CHUNK, texts, [len(encode_chunk(event)) for event in events]),
        *_costs(FRAME_ALONE, texts, [len(echo) for echo in echoes]),
        *_costs(EVENT_IN_DATA, texts, list(_carried(crossed, stream, sent))[first:]),
        *_costs(FRAME_IN_DATA, texts, _carried(crossed, socket, echoes)),
    )
    read = EventStreamDecoder().feed(bytes(client.data[stream]))
    return Http2Exchange((_preface(), *seen), costs, tuple(event.data for event in read))


def _frames(wire: Sequence[tuple[Direction, bytes]]) -> list[_Crossed]:
    """Cut what crossed into frames; the client's preface, which comes first, is none."""
    decoders: dict[Direction, Http2FrameDecoder] = {"up": Http2FrameDecoder(), "down": Http2FrameDecoder()}
    (direction, first), *rest = wire
    pieces = chain([(direction, first.removeprefix(PREFACE))], rest)
    return [(direction, frame) for direction, data in pieces for frame in decoders[direction].feed(data)]


def _carried(crossed: Sequence[_Crossed], stream_id: int, messages: Sequence[bytes]) -> Iterator[int]:
    """Count the bytes of the DATA frames that brought each message to the client."""
    sizes = (
        len(frame.payload)
        for direction, frame in crossed
        if direction == "down" and frame.stream_id == stream_id and frame.type == DATA
    )
    for message in messages:
        left_bytes, wire_bytes = len(message), 0
        while left_bytes > 0:
            size = next(sizes)
            left_bytes -= size
            wire_bytes += FRAME_HEADER_BYTES + size
        yield wire_bytes


def _costs(carrier: str, texts: Sequence[str], wire_bytes: Iterable[int]) -> Iterator[MessageCost]:
    for text, size in zip(texts, wire_bytes, strict=True):
        yield MessageCost(carrier, "text", len(text.encode()), size)


def _preface() -> FrameSeen:
    return FrameSeen("up", 0, "preface", "", "", len(PREFACE), repr(PREFACE.decode()), "RFC 9113 3.4")


def _seen(direction: Direction, frame: Http2Frame, client: Http2End, socket: int) -> FrameSeen:
    head = encode_http2_frame(frame)[:FRAME_HEADER_BYTES]
    meaning, clause = "", frame.clause
    if frame.type == HEADERS:
        heads = client.asked if direction == "up" else client.heads
        meaning = ", ".join(f"{name} {value}" for name, value in heads[frame.stream_id])
        clause = "RFC 8441 4" if ":protocol" in meaning else clause
    elif frame.type == DATA:
        meaning = _frame_inside(frame.payload) if frame.stream_id == socket else _text(frame.payload)
        clause = f"{clause}, RFC 6455 5.2" if frame.stream_id == socket and frame.payload else clause
    elif frame.type == SETTINGS:
        meaning = ", ".join(f"{name} {value}" for name, value in frame.settings.items())
        clause = f"{clause}, RFC 8441 3" if "ENABLE_CONNECT_PROTOCOL 1" in meaning else clause
    elif frame.type == RST_STREAM:
        meaning = f"error code {int.from_bytes(frame.payload)}"
    elif frame.type == WINDOW_UPDATE:
        meaning = f"{int.from_bytes(frame.payload):,} bytes more"
    parts = (head[:3], head[3:4], head[4:5], head[5:])
    return FrameSeen(
        direction,
        frame.stream_id,
        frame.name,
        " ".join(frame.flag_names),
        " ".join(part.hex() for part in parts),
        len(frame.payload),
        meaning,
        clause,
    )


def _text(payload: bytes) -> str:
    text = payload.decode(errors="replace")
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…") if text else ""


def _frame_inside(payload: bytes) -> str:
    """Name the WebSocket frame in a DATA frame, as far as it is in this one."""
    for frame in FrameDecoder().feed(payload):
        masked = ", masked" if frame.masking_key else ""
        said = f"close code {int.from_bytes(frame.payload)}" if frame.opcode == CLOSE else _text(frame.payload)
        return f"WebSocket frame{masked}: {said}"
    return "part of a WebSocket frame" if payload else ""
