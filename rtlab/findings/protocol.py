"""What experiments on the underlying protocols found."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.records import Direction


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
        way: ``"sse"`` or ``"websocket"``; over HTTP/1.1 unless it says otherwise.
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


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """One frame of an HTTP/2 connection, or its preface.

    Attributes:
        direction: Which way it went.
        stream_id: Its stream; 0 is the connection itself.
        frame: Its type.
        flags: The names of its flags.
        header: Its nine bytes in hexadecimal: length, type, flags, stream.
        payload_bytes: How many bytes follow them.
        meaning: What it says.
        clause: Where the standard explains it.
    """

    direction: Direction
    stream_id: int
    frame: str
    flags: str
    header: str
    payload_bytes: int
    meaning: str
    clause: str


@dataclass(frozen=True, slots=True)
class Standstill:
    """What streams got while something on their connection stood still.

    Attributes:
        what: What stood still.
        connections: How many connections the streams shared; one of them was concerned.
        streams: How many streams were sent a message meanwhile.
        meanwhile: How many of them got it before it went on.
        afterwards: How many had it after that.
    """

    what: str
    connections: int
    streams: int
    meanwhile: int
    afterwards: int
