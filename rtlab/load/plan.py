"""What a swarm does, and which part of it each worker does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

from rtlab.clients.wire import Address, trusting
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.errors import InputError, LocalProtocolError
from rtlab.load.stamp import STAMP_BYTES

MOST_CONNECTIONS = 1_000_000
MOST_SECONDS = 86_400.0
SETTLE_S = 0.5
"""So long after the last connection was asked for, measuring begins."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What the whole swarm does.

    Args:
        url: An event stream (http, https) or a WebSocket (ws, wss).
        connections: How many clients, 1 to 1,000,000.
        seconds: How long is measured, above 0 to 86,400.
        rate_per_s: Messages that the swarm sends a second in all; None to listen only.
        payload_bytes: Size of each message sent, from 36 to 1,048,576.
        ramp_up_s: Over how many seconds the connections open, 0 to 3,600; measuring begins half a second later.
        publish_url: Where messages are POSTed; empty to send them over the WebSockets.
        sample: The share of the connections that are checked in full, above 0 to 1; at least one a worker is.
        headers: Further header fields of the opening requests and the POSTs.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.

    Raises:
        InputError: A setting cannot work.
    """

    url: str
    connections: int = 100
    seconds: float = 10.0
    rate_per_s: float | None = None
    payload_bytes: int = 64
    ramp_up_s: float = 1.0
    publish_url: str = ""
    sample: float = 0.01
    headers: tuple[tuple[str, str], ...] = ()
    ca_pem: str = ""

    def __post_init__(self) -> None:
        checks = (
            ("connections", 1 <= self.connections <= MOST_CONNECTIONS, f"from 1 to {MOST_CONNECTIONS:,}"),
            ("seconds", 0 < self.seconds <= MOST_SECONDS, f"above 0 and at most {MOST_SECONDS:,.0f}"),
            ("ramp_up_s", 0 <= self.ramp_up_s <= 3_600, "from 0 to 3,600"),
            ("sample", 0 < self.sample <= 1, "above 0 and at most 1"),
            (
                "payload_bytes",
                STAMP_BYTES <= self.payload_bytes <= 1_048_576,
                f"from {STAMP_BYTES}, which the stamp needs, to 1,048,576",
            ),
            ("rate_per_s", self.rate_per_s is None or 0 < self.rate_per_s <= 10_000_000, "above 0, or None"),
        )
        for name, fits, range_text in checks:
            if not fits:
                raise InputError(f"{name} is {getattr(self, name)!r}; it must be {range_text}.")
        for name, whole in (("connections", self.connections), ("payload_bytes", self.payload_bytes)):
            if not isinstance(whole, int) or isinstance(whole, bool):
                raise InputError(f"{name} is {whole!r}; give a whole number.")
        try:
            encode_request_head(RequestHead("GET", self.address.target, self.headers))
        except LocalProtocolError as error:
            raise InputError(f"headers cannot be sent: {error}") from error
        if self.ca_pem:
            trusting(self.ca_pem)
        if self.publish_url:
            Address.parse(self.publish_url, ("http", "https"))
            if self.rate_per_s is None:
                raise InputError("publish_url needs rate_per_s: how many messages shall be sent a second?")
        elif self.rate_per_s is not None and self.transport == "sse":
            raise InputError(
                "An event stream carries nothing to the server; give publish_url, too, or no rate_per_s."
            )

    @property
    def address(self) -> Address:
        """Where the clients connect."""
        return Address.parse(self.url, ("http", "https", "ws", "wss"))

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """What the header fields offer of WebSocket's sub-protocols."""
        offers = ",".join(value for name, value in self.headers if name.lower() == "sec-websocket-protocol")
        return tuple(name.strip() for name in offers.split(",") if name.strip())

    @property
    def transport(self) -> str:
        """``"sse"`` or ``"websocket"``, as the URL says."""
        return "websocket" if self.address.scheme in ("ws", "wss") else "sse"

    @property
    def begin_s(self) -> float:
        """When measuring begins, in seconds from the swarm's start."""
        return self.ramp_up_s + SETTLE_S

    @property
    def planned(self) -> int:
        """How many messages the swarm sends in all; 0 if it only listens."""
        return 0 if self.rate_per_s is None else max(1, round(self.rate_per_s * self.seconds))

    def shares(self, workers: int) -> list[Share]:
        """Split the plan.

        Args:
            workers: Among how many, from 1; no more than there are connections get a share.

        Raises:
            InputError: There is no worker.
        """
        if workers < 1:
            raise InputError(f"workers is {workers}; give 1 or more.")
        count = min(workers, self.connections)
        return [Share(self, number, count) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker does: each ``workers``-th connection, and the messages that belong to these.

    Args:
        plan: The whole.
        number: Which share this is, from 0.
        workers: How many shares there are.
    """

    plan: LoadPlan
    number: int
    workers: int

    @property
    def connections(self) -> range:
        """The numbers of its connections among all."""
        return range(self.number, self.plan.connections, self.workers)

    @property
    def planned(self) -> int:
        """How many messages it sends."""
        rounds, rest = divmod(self.plan.planned, self.plan.connections)
        return rounds * len(self.connections) + len(range(self.number, rest, self.workers))

    def schedule(self) -> Iterator[tuple[int, int, int]]:
        """Give its messages in the order in which they are due.

        Yields:
            When it is due, in nanoseconds from the begin of measuring; the connection; its number there, from 0.
        """
        if self.plan.rate_per_s is None:
            return
        gap_ns = 1e9 / self.plan.rate_per_s
        total, size = self.plan.planned, self.plan.connections
        for seq in range(-(-total // size)):
            first = seq * size
            for connection in self.connections:
                if first + connection >= total:
                    return
                yield round((first + connection) * gap_ns), connection, seq

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON has."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        plan = dict(data["plan"])
        plan["headers"] = tuple((name, value) for name, value in plan["headers"])
        return cls(LoadPlan(**plan), data["number"], data["workers"])
