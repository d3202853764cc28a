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
        server_cpu_ns: Processor time that the server's process used; None if it is the same one, or if unknown.
        others_cpu_ns: Processor time that everybody else on the machine had; None if unknown.
        busy_wait_ns: How much of the server's time at most was waiting for the next message to be due, not work.
    """

    run_id: str
    transport: Transport
    client: str
    repeat: int
    started_ns: int
    ended_ns: int
    cpu_ns: int
    stall_ns: int
    server_cpu_ns: int | None = None
    others_cpu_ns: int | None = None
    busy_wait_ns: int = 0


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
