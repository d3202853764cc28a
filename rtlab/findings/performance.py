"""What experiments on performance found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Drained:
    """One window of messages, from a server in one process to a client in another.

    Attributes:
        server: Which server, such as ``"rtlab"``.
        way: ``"sse"`` or ``"websocket"``.
        connections: How many connections received.
        payload_bytes: Size of each payload.
        seconds: Length of the window.
        deliveries: Messages that arrived in it, counted on every connection.
        bytes_down: Bytes from server to client in it, those of TLS, TCP and IP not counted.
        bytes_up: Bytes from client to server in it, likewise.
        server_cpu_s: Processor time of the server and its children in it.
        client_cpu_s: Processor time of the client in it.
        ages_us: Age of each message when it was read, from the time when it was due; empty at full speed.
    """

    server: str
    way: str
    connections: int
    payload_bytes: int
    seconds: float
    deliveries: int
    bytes_down: int
    bytes_up: int
    server_cpu_s: float
    client_cpu_s: float
    ages_us: tuple[float, ...] = field(default=(), repr=False)

    @property
    def deliveries_per_s(self) -> float:
        """Messages that arrived each second, over all connections."""
        return self.deliveries / self.seconds

    @property
    def payload_mb_per_s(self) -> float:
        """Megabytes of payload that arrived each second."""
        return self.deliveries * self.payload_bytes / self.seconds / 1e6

    @property
    def bytes_down_per_s(self) -> float:
        """Bytes from server to client each second."""
        return self.bytes_down / self.seconds

    @property
    def bytes_up_per_s(self) -> float:
        """Bytes from client to server each second."""
        return self.bytes_up / self.seconds

    @property
    def server_us_each(self) -> float:
        """Processor time of the server for each delivery, in microseconds; infinite if there was none."""
        return self.server_cpu_s * 1e6 / self.deliveries if self.deliveries else float("inf")

    @property
    def server_share(self) -> float:
        """Part of a core that the server used."""
        return self.server_cpu_s / self.seconds

    @property
    def client_share(self) -> float:
        """Part of a core that the client used."""
        return self.client_cpu_s / self.seconds

    @property
    def client_busier(self) -> bool:
        """True if the client was busier than the server: then this is not the server's speed."""
        return self.client_cpu_s > self.server_cpu_s

    def age_us(self, percent: float) -> float:
        """Give a percentile of the ages: the age that so many percent of the messages did not exceed.

        Args:
            percent: Above 0, to 100.

        Returns:
            An age that occurred (nearest rank), in microseconds; not a number if there is none.
        """
        ordered = sorted(self.ages_us)
        return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else float("nan")


@dataclass(frozen=True, slots=True)
class JoinedSends:
    """What it brought to join messages in one send.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        join: How many messages left in one send.
        runs: The repeats, at full speed.
        together: Bursts of so many on a schedule, each in one send, with the age of each message; may be empty.
        alone: The same bursts, each message in a send of its own; may be empty.
    """

    way: str
    join: int
    runs: tuple[Drained, ...]
    together: tuple[Drained, ...] = ()
    alone: tuple[Drained, ...] = ()


@dataclass(frozen=True, slots=True)
class FactorEffect:
    """What one change did to the time that a message takes.

    Attributes:
        factor: What was changed, such as ``"TLS"``.
        way: ``"sse"`` or ``"websocket"``.
        change: From what to what.
        measure: What was measured: ``"time per delivery"``, ``"time to decode"`` or ``"median age"``.
        base_us: Without the change, one value a repeat, in microseconds.
        changed_us: With it, likewise; the k-th values were taken one after the other.
    """

    factor: str
    way: str
    change: str
    measure: str
    base_us: tuple[float, ...]
    changed_us: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FileTransfer:
    """Files of one size from a server to a client.

    Attributes:
        way: ``"websocket"`` for binary messages, ``"sse"`` for base64 in events.
        size_bytes: Size of each file.
        wire_bytes: Bytes that crossed the wire for one file; 0 if it was refused.
        mb_per_s: Megabytes of files that arrived each second, decoded, one value a repeat; none if refused.
        memory_bytes: The most memory that Python's objects took in the receiver beyond what was there before.
        refused: Why it did not arrive; empty if it did.
    """

    way: str
    size_bytes: int
    wire_bytes: int
    mb_per_s: tuple[float, ...]
    memory_bytes: int
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """The largest message that one end accepts.

    Attributes:
        end: ``"server"`` or ``"client"``.
        largest_bytes: The size that just went through.
        close_code: What the connection was closed with for one byte more.
    """

    end: str
    largest_bytes: int
    close_code: int
