"""What experiments on WebSockets in a page found; times are milliseconds of the page's own clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class MessageForm:
    """What became of one message on its way to a script.

    Attributes:
        way: Such as ``"WebSocket, arraybuffer"``.
        message: What was sent, in words.
        kind: ``"text"`` or ``"binary"``.
        sent_bytes: How long it was; text as UTF-8.
        carried_bytes: How long the text or the bytes were that the transport had to carry for it.
        form: What the script got: ``"text"``, ``"Blob"`` or ``"ArrayBuffer"``; empty if it got nothing.
        got_bytes: How long that was; None if it got nothing.
        same: True if it was the same as far as the page reports it, and in its place.
    """

    way: str
    message: str
    kind: Literal["text", "binary"]
    sent_bytes: int
    carried_bytes: int
    form: str
    got_bytes: int | None
    same: bool


@dataclass(frozen=True, slots=True)
class Pouring:
    """What a script could hand over while the other side did not read.

    Attributes:
        way: ``"WebSocket"`` or ``"WebSocketStream"``.
        messages: How many it had to send.
        size_bytes: The size of each.
        handed: Pairs of time and bytes handed over so far, from the first message on.
        held: Pairs of time and ``bufferedAmount``; empty for a WebSocketStream, which has none.
        reading_ms: When the page heard that the other side began to read; None if it did not hear.
        arrived: How many messages the other side read in the end.
    """

    way: str
    messages: int
    size_bytes: int
    handed: tuple[tuple[float, int], ...] = field(repr=False)
    held: tuple[tuple[float, int], ...] = field(repr=False)
    reading_ms: float | None
    arrived: int


@dataclass(frozen=True, slots=True)
class SocketEnd:
    """How one WebSocket ended, as it was said and as both sides saw it.

    Attributes:
        by: Who ended it: ``"lab"`` or ``"page"``.
        said: What was said: code and reason, or in words.
        page_saw: Code and reason of the page's close event; empty if there was none.
        lab_saw: Code and reason of the page's close frame; 1006 for none, empty if the socket never ended.
        clean: What ``wasClean`` was; None without a close event.
        expected_page: What the page should see by the standards.
        expected_lab: What the lab should see by them.
        refused: The exception with which the browser refused the call; empty if it did not.
    """

    by: Literal["lab", "page"]
    said: str
    page_saw: str
    lab_saw: str
    clean: bool | None
    expected_page: str
    expected_lab: str
    refused: str
