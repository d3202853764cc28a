"""What experiments on a lab's HTTP/2 found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CarriedStreams:
    """What some event streams needed on the wire.

    Attributes:
        version: The version of HTTP.
        streams: How many were open at the same time.
        connections: TCP connections that the server accepted.
        opening_bytes: Both ways, TLS included, until all were open.
        messages: How many were published while they were.
        message_bytes: Both ways, TLS included, for all of these to all streams.
        delivered: How many messages the streams got, all together.
    """

    version: str
    streams: int
    connections: int
    opening_bytes: int
    messages: int
    message_bytes: int
    delivered: int


@dataclass(frozen=True, slots=True)
class StreamFate:
    """What became of some of the streams that a client wanted on one connection.

    Attributes:
        client: How the client takes the server's limit.
        limit: How many streams the server allows at a time.
        fate: What became of these.
        streams: How many.
        frame: The frame of the server that decided it.
        says: What it says.
    """

    client: str
    limit: int
    fate: str
    streams: int
    frame: str
    says: str


@dataclass(frozen=True, slots=True)
class ReaderStep:
    """What one stream had after one more message was published.

    Attributes:
        window: Which window the reader that stopped has used up.
        stream: Which stream, in words.
        published: How many messages were published so far.
        delivered: How many of them the stream had.
        buffered_bytes: What the server kept for it.
    """

    window: str
    stream: str
    published: int
    delivered: int
    buffered_bytes: int
