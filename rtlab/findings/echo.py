"""What an experiment on round trips found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Echo:
    """One window of round trips: a client says something, and waits until it has the answer.

    Attributes:
        library: The library that served.
        way: ``"websocket"``, or ``"sse+post"``: the question is a POST, the answer comes on an event stream.
        clients: How many asked at the same time, each one question at a time.
        seconds: Length of the window.
        round_trips: How many answers came in it, all of them checked.
        bytes_up: Bytes from client to server in it, those of TCP and IP not counted.
        bytes_down: Bytes from server to client in it, likewise.
        server_cpu_s: Processor time of the server in it.
        client_cpu_s: Processor time of the client in it.
    """

    library: str
    way: str
    clients: int
    seconds: float
    round_trips: int
    bytes_up: int
    bytes_down: int
    server_cpu_s: float
    client_cpu_s: float

    @property
    def round_trips_per_s(self) -> float:
        """Answers each second, of all clients together."""
        return self.round_trips / self.seconds

    @property
    def server_us_each(self) -> float:
        """Processor time of the server for each round trip, in microseconds."""
        return self.server_cpu_s * 1e6 / self.round_trips

    @property
    def client_busier(self) -> bool:
        """True if the client was busier than the server: then this is not the server's speed."""
        return self.client_cpu_s > self.server_cpu_s
