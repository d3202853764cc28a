"""What the workers of a swarm found: each connection, each second, and which shares were lost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class LoadConnection:
    """One connection of a swarm.

    Attributes:
        number: Which one of the swarm, from 0.
        opened_ms: When it could receive, from the swarm's start; None if never.
        sent: Messages of the swarm that this connection sent.
        messages: Messages that arrived.
        own: Arrivals of what this connection sent itself.
        ours: Arrivals of what the swarm sent.
        bytes_down: Bytes received, HTTP heads included, until the swarm said goodbye.
        bytes_up: Bytes sent, likewise.
        error: Why it failed or ended too early; empty if it did not.
    """

    number: int
    opened_ms: float | None
    sent: int
    messages: int
    own: int
    ours: int
    bytes_down: int
    bytes_up: int
    error: str


@dataclass(frozen=True, slots=True)
class LoadSecond:
    """What happened within one second.

    Attributes:
        second: Which one, from 0 where measuring begins; those before are the ramp-up.
        opened: Connections opened.
        sent: Messages sent.
        messages: Messages that arrived.
        bytes_down: Bytes received.
        bytes_up: Bytes sent.
        latencies: The ages of the messages on arrival, as an encoded HDR histogram of microseconds; empty if none
            had a stamp.
    """

    second: int
    opened: int = 0
    sent: int = 0
    messages: int = 0
    bytes_down: int = 0
    bytes_up: int = 0
    latencies: str = ""


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """What the connections showed that were checked in full.

    Attributes:
        connections: How many these were.
        messages: How many messages they got.
        disagreements: How often the lean counter and the exact codec did not agree.
        damaged: Messages of the swarm that came back changed.
        out_of_order: Messages or ids that came behind a later one, or again.
        complaint: What was wrong first; empty if nothing was.
    """

    connections: int = 0
    messages: int = 0
    disagreements: int = 0
    damaged: int = 0
    out_of_order: int = 0
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class ShareReport:
    """What one worker found.

    Attributes:
        number: Which share this is, from 0.
        planned: Messages that it should have sent.
        sent: Messages that it sent; those that were POSTed and refused are not among them.
        refusals: Why messages could not be sent, and how many each time.
        connections: Its connections.
        seconds: Its seconds, in their order.
        lags: How late its messages left, as an encoded HDR histogram of microseconds.
        sample: What its connections in the sample showed.
        cpu_share: Which part of a core it used while measuring.
        stall_ms: For how long its loop was held up at most while measuring.
        from_future: Messages whose stamp was later than their arrival.
        clock_error_ms: By how much its clock may differ from the swarm's.
    """

    number: int
    planned: int
    sent: int
    refusals: dict[str, int]
    connections: tuple[LoadConnection, ...]
    seconds: tuple[LoadSecond, ...]
    lags: str
    sample: SampleCheck
    cpu_share: float
    stall_ms: float
    from_future: int
    clock_error_ms: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON has."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        rows = {
            "connections": tuple(LoadConnection(**row) for row in data["connections"]),
            "seconds": tuple(LoadSecond(**row) for row in data["seconds"]),
            "sample": SampleCheck(**data["sample"]),
        }
        return cls(**{**data, **rows})


@dataclass(frozen=True, slots=True)
class ShareFailure:
    """A share without a report: its worker died, or was not done in time.

    Attributes:
        number: Which share, from 0.
        connections: How many connections it should have had.
        planned: How many messages it should have sent.
        reason: What is known of the end.
    """

    number: int
    connections: int
    planned: int
    reason: str


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far a worker, or the swarm, has come.

    Attributes:
        opened: Connections opened so far.
        failed: Connections that failed or ended.
        sent: Messages sent.
        messages: Messages that arrived.
    """

    opened: int = 0
    failed: int = 0
    sent: int = 0
    messages: int = 0

    def __add__(self, other: LoadProgress) -> LoadProgress:
        return LoadProgress(
            self.opened + other.opened,
            self.failed + other.failed,
            self.sent + other.sent,
            self.messages + other.messages,
        )


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What the whole swarm found, worker by worker.

    Attributes:
        plan: The settings, without header fields and certificates.
        conditions: Machine, versions and date.
        shares: What the workers found.
        failures: The shares that have no report.
    """

    plan: dict[str, Any]
    conditions: dict[str, str | int | float | bool]
    shares: tuple[ShareReport, ...]
    failures: tuple[ShareFailure, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON has."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        shares = tuple(ShareReport.from_json(share) for share in data["shares"])
        failures = tuple(ShareFailure(**failure) for failure in data["failures"])
        return cls(data["plan"], data["conditions"], shares, failures)
