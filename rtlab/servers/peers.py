"""What the server knows of one long-lived connection, whatever protocol it speaks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from rtlab import clock
from rtlab.servers.connection import Connection


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
    """

    transport = ""

    def __init__(self, connection: Connection, channel: str) -> None:
        self.connection = connection
        self.channel = channel
        self.opened_ns = clock.now_ns()

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
            line.buffered_bytes,
        )
