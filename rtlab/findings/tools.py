"""What load tools saw of the same messages, and what is known of each system that the article names."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One run of one tool against a lab.

    Attributes:
        tool: Its name, such as ``"k6"``.
        version: Its version as it tells it; empty if it tells none.
        transport: ``"sse"`` or ``"websocket"``.
        date: The day of the run, in UTC.
        command: What was run, without the way to the files.
        connections: How many connections it should open.
        sent: How many messages the lab sent, each connection counted.
        messages: How many messages the tool says arrived; None if it cannot tell.
        answers: How many finished answers it says it got; None if it does not tell.
        single: True if it saw each message when it came; False if only the whole body when it had ended.
        p50_ms: The median age of the messages on arrival, as the tool gives it; None if it cannot tell.
        p95_ms: 95 of 100 were younger.
        answer_ms: The median time of a whole answer; None if the tool does not tell.
        seconds: How long the run took, the tool's start included.
        problem: Why there is no result; empty if there is one.
        dated: True if the run was kept from that day and not made now.
    """

    tool: str
    version: str
    transport: str
    date: str
    command: str
    connections: int
    sent: int
    messages: int | None = None
    answers: int | None = None
    single: bool = False
    p50_ms: float | None = None
    p95_ms: float | None = None
    answer_ms: float | None = None
    seconds: float = 0.0
    problem: str = ""
    dated: bool = False

    @property
    def agrees(self) -> bool | None:
        """True if the tool counted what the lab sent; None if it counts no messages."""
        return None if self.messages is None else self.messages == self.sent

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON has."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Ability:
    """What a tool can see, and whether it is here.

    Attributes:
        tool: Its name.
        here: True if it is installed.
        sse: How it sees an event stream: ``"single events"``, ``"the whole body"`` or ``"no"``.
        websocket: How it sees a WebSocket: ``"single messages"`` or ``"no"``.
        latency: Where it tells how old messages are on arrival: ``"both"``, ``"sse"``, ``"websocket"`` or ``"no"``.
        install: The command that installs it.
    """

    tool: str
    here: bool
    sse: str
    websocket: str
    latency: str
    install: str


@dataclass(frozen=True, slots=True)
class Support:
    """What is known of one system that the article names.

    Attributes:
        system: Its name.
        ran: ``"ran"``, ``"partly"`` or ``"not run"``.
        command: What was run; empty if nothing was.
        printed: What it said, in short.
        why: Why it was not run, or what is missing; empty if nothing is.
        date: The day when this was seen, in UTC.
    """

    system: str
    ran: str
    command: str
    printed: str
    why: str
    date: str
