"""What a receiver makes of one vector: what it delivers, and how the connection ends.

The adapters fill these in while they feed a peer; ``verdicts.py`` judges them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Self

_SHOWN_CHARACTERS, _SHOWN_BYTES = 24, 8

Ending = Literal["open", "closed", "failed", "dropped", "stalled", "raised"]
"""``open``: all is well, it reads on. ``closed``: it took the peer's close frame as good. ``failed``: it sent a
close frame of its own against a broken rule. ``dropped``: it gave up without a close frame. ``stalled``: it says
nothing and waits for more bytes. ``raised``: an exception came out that it does not document."""


@dataclass(frozen=True, slots=True)
class Content:
    """A text or binary payload by its size and hash, so that a large one is cheap to keep.

    Attributes:
        length: Characters of a text, bytes of a binary payload.
        sha256: Of the payload, a text in UTF-8; in hexadecimal.
        shown: How it begins, for people.
    """

    length: int
    sha256: str
    shown: str = field(default="", compare=False)

    @classmethod
    def of(cls, payload: str | bytes) -> Self:
        """Describe a payload."""
        # What a peer delivers as text may hold half a surrogate pair.
        data = payload.encode("utf-8", "surrogatepass") if isinstance(payload, str) else payload
        if isinstance(payload, str):
            shown, shown_length = repr(payload[:_SHOWN_CHARACTERS]), _SHOWN_CHARACTERS
        else:
            shown, shown_length = payload[:_SHOWN_BYTES].hex(" ") or "(empty)", _SHOWN_BYTES
        return cls(len(payload), hashlib.sha256(data).hexdigest(), shown + "…" * (len(payload) > shown_length))

    def __str__(self) -> str:
        is_whole = self.shown and not self.shown.endswith("…")
        return self.shown if is_whole else f"{self.shown} ({self.length:,})".lstrip()


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as a peer delivers it: the type, the data, and the last event ID by then."""

    type: str
    data: Content
    last_event_id: str

    def __str__(self) -> str:
        return f"{self.type} {self.data}"


@dataclass(frozen=True, slots=True)
class Message:
    """A WebSocket message as a peer delivers it."""

    type: Literal["text", "binary"]
    content: Content

    def __str__(self) -> str:
        return f"{self.type} {self.content}"


@dataclass(slots=True)
class SseOutcome:
    """What a parser makes of an event stream.

    Attributes:
        events: The events delivered so far.
        last_event_id: What a reconnection would send.
        retry_ms: The reconnection time it took over; a text if it hands over one that is no number.
        exception: The exception it raised, in words; empty for none.
    """

    events: list[ReceivedEvent] = field(default_factory=list)
    last_event_id: str = ""
    retry_ms: int | str | None = None
    exception: str = ""

    def deliver(self, type: str, data: str, last_event_id: str | None) -> None:
        """Note an event."""
        self.events.append(ReceivedEvent(type, Content.of(data), last_event_id or ""))


@dataclass(slots=True)
class WebSocketOutcome:
    """What a receiver makes of frames.

    Attributes:
        messages: The messages delivered so far.
        pings: The payloads of the pings it noticed.
        pongs: The payloads of the pongs it noticed; None if it tells nobody of them.
        ending: How the connection stands at the end.
        code: What the peer's close frame said (``closed``), or the close code it failed with (``failed``).
        answer: The code of the close frame it answered a close frame with; None for no answer.
        late: Whether it was asked for more bytes although the rule was broken already.
        exception: The exception that came out, in words; empty for none.
    """

    messages: list[Message] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    pongs: list[bytes] | None = field(default_factory=list)
    ending: Ending = "open"
    code: int | None = None
    answer: int | None = None
    late: bool = False
    exception: str = ""

    def deliver(self, payload: str | bytes) -> None:
        """Note a message: text if it is a str."""
        kind: Literal["text", "binary"] = "text" if isinstance(payload, str) else "binary"
        self.messages.append(Message(kind, Content.of(payload if isinstance(payload, str) else bytes(payload))))

    def while_open(self, chunks: Iterable[bytes], due_bytes: int | None) -> Iterator[bytes]:
        """Hand out chunks until the connection has ended, and note whether that was later than needed."""
        fed = 0
        for chunk in chunks:
            if self.ending != "open":
                return
            self.late = due_bytes is not None and fed >= due_bytes
            yield chunk
            fed += len(chunk)

    def close(self, code: int, answer: int | None) -> None:
        """Note that the peer's close frame was taken as good."""
        self.ending, self.code, self.answer = "closed", code, answer

    def fail(self, code: int) -> None:
        """Note that the connection was failed with a close frame."""
        self.ending, self.code = "failed", code

    def drop(self, exception: str = "") -> None:
        """Note that the connection was given up without a close frame."""
        self.ending, self.exception = "dropped", exception
