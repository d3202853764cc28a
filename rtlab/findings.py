"""What single experiments found, as small frozen records; the travelling ones are in :mod:`rtlab.records`."""

from __future__ import annotations

from dataclasses import dataclass, field

from rtlab.records import Direction


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that crossed between client and server, for a diagram of a conversation.

    Attributes:
        at_ms: When, from the start of the conversation.
        lane: Which way of talking it belongs to.
        direction: ``"up"`` from client to server, ``"down"`` from server to client.
        label: What it was.
    """

    at_ms: float
    lane: str
    direction: Direction
    label: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one way of talking cost, for the same conversation.

    Attributes:
        way: Such as ``"sse+post"``.
        connections: TCP connections that were opened.
        requests: HTTP requests, opening handshakes included.
        bytes_up: Bytes from client to server.
        bytes_down: Bytes from server to client.
        bytes_per_reply: Bytes both ways that one message of the client cost, set-up not counted; None if it
            sent none.
        down_sent: Messages that the server sent.
        up_sent: Messages that the client sent.
        down_ms: Age of each of the server's messages when it arrived.
        up_ms: Time from each of the client's messages to its return from the server.
        cpu_ms: Processor time of this process, client and in-kernel server together.
        marks: What crossed when.
    """

    way: str
    connections: int
    requests: int
    bytes_up: int
    bytes_down: int
    bytes_per_reply: float | None
    down_sent: int
    up_sent: int
    down_ms: tuple[float, ...]
    up_ms: tuple[float, ...]
    cpu_ms: float
    marks: tuple[Mark, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyCost:
    """What the client's messages cost over one way, at one rate.

    Attributes:
        way: ``"sse+post"`` or ``"websocket"``.
        rate_per_s: How many messages the client sent a second.
        replies: How many it sent in all.
        returned: How many came back.
        bytes_per_reply: Bytes both ways for each, set-up not counted.
        round_trip_ms: Median time until a message is back from the server; None if none came back.
        cpu_ms_per_s: Processor time for each second, client and in-kernel server together.
    """

    way: str
    rate_per_s: float
    replies: int
    returned: int
    bytes_per_reply: float
    round_trip_ms: float | None
    cpu_ms_per_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """What one client design lost when its line was cut.

    Attributes:
        way: Such as ``"sse"`` or ``"websocket, reopened"``.
        sent: Messages that the server sent.
        delivered: Different messages that arrived.
        lost: Messages that never arrived; ``delivered + lost == sent``.
        doubled: Arrivals of a message that was there already.
        cuts: How often the line was cut.
    """

    way: str
    sent: int
    delivered: int
    lost: int
    doubled: int
    cuts: int


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
class HandshakeTry:
    """What became of a handshake with one thing changed.

    Attributes:
        change: What was changed.
        status: The status of the answer.
        opened: Whether both sides now speak WebSocket.
        why: The refusal in words; empty if there was none.
    """

    change: str
    status: int
    opened: bool
    why: str


@dataclass(frozen=True, slots=True)
class SetUpPart:
    """The bytes of one layer and direction until the first message was there.

    Attributes:
        way: How client and server talked.
        secure: Whether TLS was below.
        direction: Which way the bytes went.
        layer: Whose bytes they are, such as ``"HTTP/1.1"``.
        wire_bytes: How many.
        first_byte: The first byte of this direction on the connection.
    """

    way: str
    secure: bool
    direction: Direction
    layer: str
    wire_bytes: int
    first_byte: int


@dataclass(frozen=True, slots=True)
class ConnectionCount:
    """How many connections and requests some clients needed.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        clients: How many clients were opened, all at the same time.
        cuts: How often each was cut and came back.
        connections: TCP connections that were accepted.
        requests: HTTP requests that the clients made.
    """

    way: str
    clients: int
    cuts: int
    connections: int
    requests: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What an intermediary that reads HTTP saw of one exchange.

    Attributes:
        intermediary: What it does with the headers of one hop.
        way: ``"sse"`` or ``"websocket"``.
        status: The status that the client got.
        arrived: Messages that arrived at the client.
        body_bytes: Bytes that it could read as the body of an HTTP answer.
        other_bytes: Bytes from the server that were no HTTP any more.
    """

    intermediary: str
    way: str
    status: int
    arrived: int
    body_bytes: int
    other_bytes: int


@dataclass(frozen=True, slots=True)
class RequestSpan:
    """When one request was wanted, sent and answered, in ms from the start of its situation.

    An answer begins with its first byte; a stream's answer ends when its connection is free again.
    """

    situation: str
    request: str
    wanted_ms: float
    sent_ms: float
    answered_ms: float
    ended_ms: float
