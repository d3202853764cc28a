"""What the server knows of one long-lived connection, whatever protocol it speaks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtlab import clock
from rtlab.servers.channel import Channel
from rtlab.servers.connection import Connection
from rtlab.servers.subscriber import Subscriber, WireForm

if TYPE_CHECKING:
    from rtlab.servers.server import LabServer


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """One line of ``lab.connections``.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        channel: The channel, or ``"echo"``.
        open_s: For how long it has been open, in seconds.
        bytes_up: Bytes received after the head.
        bytes_down: Bytes sent, the answer's head included.
        buffered_bytes: Bytes that the client has not taken yet.
    """

    transport: str
    channel: str
    open_s: float
    bytes_up: int
    bytes_down: int
    buffered_bytes: int


class Peer(ABC):
    """The other end of one long-lived connection.

    Args:
        connection: The connection.
        channel: The channel's name.
        server: The server, for its limits, its books and its log.

    Attributes:
        tag: What the client calls itself in the query ``tag``, so that it can be found again.
    """

    __slots__ = ("_taken_bytes", "_topic", "channel", "connection", "opened_ns", "server", "subscriber", "tag")

    transport = ""

    def __init__(self, connection: Connection, channel: str, server: LabServer) -> None:
        self.connection = connection
        self.channel = channel
        self.server = server
        self.opened_ns = clock.now_ns()
        self.tag = ""
        self.subscriber: Subscriber | None = None
        self._topic: Channel | None = None
        self._taken_bytes = 0

    def subscribe(self, topic: Channel, form: WireForm, last_id: str | None) -> None:
        """Listen to a channel from now on, after what was missed."""
        self._topic = topic
        self.subscriber = Subscriber(self.connection, form, self.drop)
        if topic.subscribe(self.subscriber, last_id):
            gone = f"{self.transport} {self.channel}: messages after {last_id} are gone from the history"
            self.server.log.add(gone, "warning")

    def leave(self) -> None:
        """Take the connection off its channel: nothing may follow a goodbye."""
        if self._topic and self.subscriber:
            self._topic.unsubscribe(self.subscriber)

    def drop(self, why: str) -> None:
        """Cut the connection, for it breaks a limit."""
        self.server.log.add(f"{self.transport} {self.channel}: cut, {why}", "warning")
        self.connection.abort()

    def is_stuck(self) -> bool:
        """Tell whether too much waits for the client, and it has taken nothing since this was asked last."""
        line, before_bytes = self.connection, self._taken_bytes
        self._taken_bytes = line.bytes_down - line.buffered_bytes
        return line.buffered_bytes > self.server.guards.max_buffered_bytes and self._taken_bytes == before_bytes

    def closed(self) -> None:
        """Take note that the line is down."""
        self.server.forget(self)
        self.leave()

    @abstractmethod
    def received(self, data: bytes) -> None:
        """Take what the client sends."""

    @abstractmethod
    def beat(self) -> None:
        """Show that the server lives, in the protocol's own way."""

    @abstractmethod
    def goodbye(self) -> None:
        """End the connection in the protocol's own way."""

    def described(self) -> OpenConnection:
        """Say how the connection stands now."""
        line = self.connection
        open_s = (clock.now_ns() - self.opened_ns) / 1e9
        return OpenConnection(
            self.transport,
            self.channel,
            round(open_s, 3),
            line.bytes_up,
            line.bytes_down,
            line.buffered_bytes + (self.subscriber.queue_bytes if self.subscriber else 0),
        )
