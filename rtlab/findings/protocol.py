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
