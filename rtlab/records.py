"""The small frozen records that travel from station to station.

::

    Message ─► (server, wire, client) ─► Delivery ─► table

A payload is always ``bytes``; times are nanoseconds of :func:`rtlab.clock.now_ns`. ``None`` in ``received_ns``
means: this message never arrived. Such rows are kept, or the survivors alone would tell the story.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Transport = Literal["sse", "websocket", "long-polling", "polling"]
Direction = Literal["up", "down"]
"""``up`` is client to server, ``down`` is server to client."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a workload: what shall be sent, and when.

    Attributes:
        seq: Position in the workload, from 0.
        scheduled_ns: When it shall be sent, from the start of the run.
        payload: The bytes to send; UTF-8 text that starts with ``seq`` as ten digits and a space.
    """

    seq: int
    scheduled_ns: int
    payload: bytes

    @property
    def text(self) -> str:
        """The payload as text."""
        return self.payload.decode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message at one client: arrived, or lost.

    Attributes:
        run_id: The run it belongs to, such as ``"sse-2"``.
        transport: How it travelled.
        client: Which client library received it, such as ``"rtlab"`` or ``"sseclient-py"``.
        connection_id: Which connection of the run, from 0.
        seq: Position in the workload, from 0.
        payload_bytes: Size of the payload.
        scheduled_ns: When the workload wanted it sent; latency counts from here.
        sent_ns: When the server handed it over, or None if it never did.
        received_ns: When the client had it, or None if it never came.
    """

    run_id: str
    transport: Transport
    client: str
    connection_id: int
    seq: int
    payload_bytes: int
    scheduled_ns: int
    sent_ns: int | None
    received_ns: int | None


@dataclass(frozen=True, slots=True)
class Connection:
    """What one client connection cost, counted on its socket.

    Attributes:
        run_id: The run it belongs to.
        transport: How the messages travelled.
        client: Which client library.
        connection_id: Number within the run, from 0.
        opened_ns: When it was ready to receive, or None if it never was.
        requests: HTTP requests made, the opening handshake included.
        bytes_up: Bytes from client to server, HTTP heads included; None where a library hides them.
        bytes_down: Bytes from server to client, likewise.
        error: Why it failed, empty if it did not.
    """

    run_id: str
    transport: Transport
    client: str
    connection_id: int
    opened_ns: int | None
    requests: int
    bytes_up: int | None
    bytes_down: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One pass of a workload over one transport.

    Attributes:
        run_id: Its name, unique in the recording: transport and repeat.
        transport: How the messages travelled.
        client: Which client library.
        repeat: Number of the pass, from 0; pass 0 of each transport comes before pass 1 of any.
        started_ns: The instant that ``scheduled_ns`` of the workload counts from.
        ended_ns: When the last delivery was in, or the wait was given up.
        cpu_ns: Processor time that the measuring process used.
        stall_ns: The longest time for which the measuring loop was held up.
    """

    run_id: str
    transport: Transport
    client: str
    repeat: int
    started_ns: int
    ended_ns: int
    cpu_ns: int
    stall_ns: int


@dataclass(frozen=True, slots=True)
class WireChunk:
    """Some bytes as they crossed a connection, in one piece.

    Attributes:
        run_id: The run it belongs to.
        connection_id: Which connection of the run, from 0.
        direction: Which way it went.
        at_ns: When it was seen.
        data: The bytes.
    """

    run_id: str
    connection_id: int
    direction: Direction
    at_ns: int
    data: bytes


@dataclass(frozen=True, slots=True)
class WireUnit:
    """One part of what was on the wire, with its name: the smallest piece that has a meaning of its own.

    Attributes:
        offset: Where it starts, in bytes from the start of its direction.
        length_bytes: How long it is, at least 1.
        layer: Whose part it is: ``"TLS"``, ``"HTTP/1.1"``, ``"opening handshake"``, ``"event stream"`` or
            ``"WebSocket"``.
        unit: What it is, such as ``"field name"``; ``"unfinished ..."`` if the bytes end inside it.
        text: What it means, in plain English. A broken rule stands first, after ``"Broken rule:"``; a secret is
            only counted, after ``"redacted,"``.
        spec: The clause that defines it, for example ``"RFC 6455 5.2"``.
    """

    offset: int
    length_bytes: int
    layer: str
    unit: str
    text: str
    spec: str


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
class Recording:
    """Everything that one experiment saw, before any arithmetic.

    Attributes:
        workload: The settings of the workload, as ``Workload.settings()`` gives them.
        conditions: Machine, versions, route and date, as plain values.
        runs: One row a run.
        deliveries: One row a message and connection, lost ones included.
        connections: One row a connection.
    """

    workload: dict[str, int | float | str]
    conditions: dict[str, str | int | float | bool]
    runs: tuple[Run, ...] = field(repr=False)
    deliveries: tuple[Delivery, ...] = field(repr=False)
    connections: tuple[Connection, ...] = field(repr=False)


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
        way: ``"sse+post"``, ``"websocket"`` or ``"websocket, fragments"``.
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
