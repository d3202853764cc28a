"""What experiments on the structure of messages found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageCost:
    """What one message of one size cost on the wire.

    Attributes:
        carrier: What carried it, such as ``"SSE event"``.
        kind: ``"text"`` or ``"binary"``: what the payload was.
        payload_bytes: Size of the message itself.
        wire_bytes: Bytes that crossed for it; for a POST the answer too.
    """

    carrier: str
    kind: str
    payload_bytes: int
    wire_bytes: int


@dataclass(frozen=True, slots=True)
class Survival:
    """What became of one text on one way.

    Attributes:
        text: The text's name, such as ``"CR LF"``.
        way: Encoder and reader, such as ``"careless, rtlab"``.
        outcome: ``"OK"``, ``"changed"``, ``"lost"`` or ``"refused"`` by the sender.
        sent: The text.
        got: What arrived for it, message by message.
    """

    text: str
    way: str
    outcome: str
    sent: str
    got: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event that a reader made of a stream written by hand.

    Attributes:
        event: Its name.
        id: The last event ID after it; empty for none.
        data: Its text.
    """

    event: str
    id: str
    data: str


@dataclass(frozen=True, slots=True)
class StreamReading:
    """What one reader made of a stream written by hand.

    Attributes:
        reader: The client library.
        events: The events, in order.
        trouble: Why it refused the stream or stopped reading; empty if it read to the end.
        reconnection_ms: How long it waits before it comes back; None for a reader that does not.
    """

    reader: str
    events: tuple[StreamEvent, ...]
    trouble: str
    reconnection_ms: int | None


@dataclass(frozen=True, slots=True)
class Carried:
    """One load on its way from a client to the server and back.

    Attributes:
        load: What was carried, such as ``"picture"``.
        way: ``"sse+post"``, ``"websocket"``, ``"websocket, fragments"`` or ``"websocket, compressed"``.
        form: How it travelled: ``"text"``, ``"base64"`` or ``"binary"``.
        payload_bytes: Size of the load.
        form_bytes: Size of what the message carried; base64 makes a third more.
        up_bytes: Bytes that the way up cost, set-up not counted; a POST counts with its answer.
        down_bytes: Bytes that the way down cost; pongs that come on it count.
        frames_up: WebSocket frames that the client sent, pings included; 0 for other ways.
        intact: Whether what came back has the same SHA-256.
        refused: How the server refused it, such as ``"close code 1009"``; empty if it did not.
        coding_ms: Median time to write it as base64 and to read it back; 0 for other forms.
        round_trip_ms: Median time until it was back, coding included; None if it did not come.
        memory_bytes: The most memory that it took in this process, client and in-kernel server together.
    """

    load: str
    way: str
    form: str
    payload_bytes: int
    form_bytes: int
    up_bytes: int
    down_bytes: int
    frames_up: int
    intact: bool
    refused: str
    coding_ms: float
    round_trip_ms: float | None
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Compressed:
    """What came back of a row of messages over a WebSocket.

    Attributes:
        load: What the row is made of.
        setting: ``"off"``, ``"each by itself"`` or ``"with context"``.
        payload_bytes: Size of the first message.
        first_bytes: Bytes from the server for the first message, its frame header included.
        last_bytes: The same for the last message of the row.
    """

    load: str
    setting: str
    payload_bytes: int
    first_bytes: int
    last_bytes: int
