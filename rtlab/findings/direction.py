"""What experiments on the direction of communication found."""

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
