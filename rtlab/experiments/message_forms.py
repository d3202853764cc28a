"""What does a script get for text, for bytes, for an empty message? By WebSocket, and by EventSource beside it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator
from typing import Literal

from rtlab.errors import WaitTimeout
from rtlab.findings.page_sockets import MessageForm
from rtlab.pages.page import Page
from rtlab.pages.records import MAX_SHOWN_BYTES, PageEvent

LONG_BYTES = 200_000

SAMPLES: dict[str, str | bytes] = {
    "text": "hello",
    "text with an emoji": "one 😀, four bytes",
    "empty text": "",
    "long text": "0123456789" * (LONG_BYTES // 10),
    "bytes": bytes(range(256)),
    "empty bytes": b"",
    "long bytes": bytes(range(250)) * (LONG_BYTES // 250),
}
"""The messages, in the order in which they are sent."""
_TIMEOUT_S = 15.0


def send_forms(page: Page) -> tuple[MessageForm, ...]:
    """Send each sample over two WebSockets, one for each binary type, and over an event stream.

    A WebSocket's messages go from the page to the lab's echo and back; an event stream's come from the lab, bytes
    written as base64.

    Args:
        page: The page.

    Returns:
        One for each way and sample.

    Raises:
        WaitTimeout: A connection did not open.
    """
    types: tuple[Literal["blob", "arraybuffer"], ...] = ("blob", "arraybuffer")
    return (*(form for type_ in types for form in _by_socket(page, type_)), *_by_stream(page))


def _by_socket(page: Page, binary_type: Literal["blob", "arraybuffer"]) -> Iterator[MessageForm]:
    socket = page.websocket("echo", binary_type=binary_type)
    try:
        socket.wait("open")
        for answer in [socket.send(data) for data in SAMPLES.values()]:
            answer.result()
        came = _wait(socket.wait, len(SAMPLES))
    finally:
        socket.close()
    for number, (name, data) in enumerate(SAMPLES.items()):
        yield _form(f"WebSocket, {binary_type}", name, data, data, came[number] if number < len(came) else None)


def _by_stream(page: Page) -> Iterator[MessageForm]:
    channel = f"forms.{secrets.token_hex(6)}"
    texts = {
        name: data if isinstance(data, str) else base64.b64encode(data).decode() for name, data in SAMPLES.items()
    }
    source = page.event_source(channel)
    try:
        source.wait("open")
        for text in texts.values():
            page.lab.publish(text, channel=channel)
        came = _wait(source.wait, len(SAMPLES))
    finally:
        source.close()
    for number, (name, data) in enumerate(SAMPLES.items()):
        yield _form("EventSource", name, data, texts[name], came[number] if number < len(came) else None)


def _wait(wait: Callable[..., tuple[PageEvent, ...]], count: int) -> tuple[PageEvent, ...]:
    """Give the messages; none, if not all come: who knows then which is which."""
    try:
        return wait("message", count, _TIMEOUT_S)
    except WaitTimeout:
        return ()


def _form(way: str, name: str, data: str | bytes, carried: str | bytes, event: PageEvent | None) -> MessageForm:
    kind: Literal["text", "binary"] = "text" if isinstance(data, str) else "binary"
    sent, carried_bytes = _size(data), _size(carried)
    if event is None:
        return MessageForm(way, name, kind, sent, carried_bytes, "", None, False)
    # A page reports the beginning of what it got, and how long it was.
    same = event.data == carried[:MAX_SHOWN_BYTES] and event.size_bytes == carried_bytes
    return MessageForm(way, name, kind, sent, carried_bytes, event.form or "", event.size_bytes, same)


def _size(data: str | bytes) -> int:
    return len(data.encode() if isinstance(data, str) else data)
