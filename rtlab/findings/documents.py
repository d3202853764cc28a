"""What was seen on a lab's channels, and what a check of a contract found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

StreamKind = Literal["sse", "websocket"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One message as a client got it.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        channel: The lab's channel.
        event: The event's name; ``"message"`` where the wire carries none.
        id: The event's id; empty where the wire carries none.
        data: The text.
    """

    transport: StreamKind
    channel: str
    event: str
    id: str
    data: str


@dataclass(frozen=True, slots=True)
class MessageKind:
    """Messages of one name on one channel over one transport.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        channel: The lab's channel.
        event: The name; over a WebSocket it is the name that the same data had in the event stream.
        is_json: True if every one was a JSON object or array.
        schema: A JSON schema of the data that every one fulfils.
        example: The first one's data.
        count: How many were seen.
    """

    transport: StreamKind
    channel: str
    event: str
    is_json: bool
    schema: Mapping[str, Any] = field(repr=False)
    example: str
    count: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A lab's channels and the messages that were seen on them: what a document is made of.

    Attributes:
        http_url: The lab's address, without a slash at the end.
        kinds: The messages.
        ids: True if the lab gives its events ids.
        retry_ms: The reconnection time that its streams announce.
    """

    http_url: str
    kinds: tuple[MessageKind, ...]
    ids: bool
    retry_ms: int

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels, in the order in which they were first seen."""
        return tuple(dict.fromkeys(kind.channel for kind in self.kinds))

    def of(self, transport: StreamKind, channel: str) -> tuple[MessageKind, ...]:
        """Give the kinds of one channel over one transport."""
        return tuple(kind for kind in self.kinds if (kind.transport, kind.channel) == (transport, channel))


@dataclass(frozen=True, slots=True)
class Breach:
    """One message that is not what the document promises.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        channel: The channel, or the path.
        event: The event's name.
        where: Which part of the message, as a JSON path such as ``"$.eur"``.
        problem: What is wrong, in one sentence.
        data: The message's data; empty if the tool that found it does not tell.
    """

    transport: StreamKind
    channel: str
    event: str
    where: str
    problem: str
    data: str


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """What one checker found in one transport.

    Attributes:
        checker: Who checked, such as ``"rtlab"`` or ``"Schemathesis"``.
        document: Against what, such as ``"AsyncAPI 3.1.0"``.
        transport: ``"sse"`` or ``"websocket"``.
        checked: How many it checked; above 0, or nothing was proved.
        unit: What it counts: ``"messages"`` or ``"streams"``.
        breaches: What it found.
    """

    checker: str
    document: str
    transport: StreamKind
    checked: int
    unit: Literal["messages", "streams"]
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class PostmanStep:
    """What one of Postman's programs did with a collection.

    Attributes:
        collection: ``"HTTP and event streams"`` or ``"WebSocket"``.
        program: ``"postman"`` or ``"newman"``.
        step: ``"checked"`` or ``"run"``.
        files: Files that were checked.
        requests: Requests that were made.
        tests: Tests that ran.
        failed: Tests that failed.
        outcome: In a few words what came of it.
    """

    collection: str
    program: str
    step: Literal["checked", "run"]
    files: int
    requests: int
    tests: int
    failed: int
    outcome: str


@dataclass(frozen=True, slots=True)
class OwnTest:
    """What pytest said of one test.

    Attributes:
        test: Its name, as a sentence.
        outcome: ``"passed"``, ``"failed"`` or ``"skipped"``.
        seconds: How long it took.
        told: Why it failed or was skipped; empty if it passed.
    """

    test: str
    outcome: str
    seconds: float
    told: str
