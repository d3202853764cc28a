"""What a page reports."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

MAX_SHOWN_BYTES = 65_536
"""So much of a message's data a page reports; ``size_bytes`` tells how long it was."""

# Edge and Chromium call themselves Safari, too, and Edge calls itself Chrome: the first that fits is meant.
_BROWSERS = {
    "Edge": r"Edg/(\d+)",
    "Firefox": r"Firefox/(\d+)",
    "Chromium": r"Chrome/(\d+)",
    "Safari": r"Version/(\d+)",
}


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One event of one connection, as the page's script saw it.

    Attributes:
        kind: ``"open"``, ``"message"``, ``"chunk"``, ``"error"``, ``"close"``, ``"closed"`` (by the script) or
            ``"end"``.
        at_ms: When, by the page's clock, in milliseconds since 1970; never to be compared with the kernel's clock.
        state: ``readyState`` then; None for fetch.
        data: The text or the bytes, the first 65,536 of them; None for events that carry none.
        size_bytes: How long the data was, text as UTF-8.
        form: ``"text"``, ``"Blob"`` or ``"ArrayBuffer"``: what the script was given.
        type: An event stream's event type.
        id: An event stream's last event ID.
        code: A WebSocket's close code.
        reason: Its reason, or the words of a failed fetch.
        was_clean: True if the closing handshake was complete.
        buffered_bytes: A WebSocket's ``bufferedAmount`` then.
        protocol: The agreed sub-protocol, at ``"open"``.
        extensions: The agreed extensions, at ``"open"``.
        status: The status of a fetch, at ``"open"``.
        headers: The headers of its answer that the script may see.
    """

    kind: str
    at_ms: float
    state: int | None = None
    data: str | bytes | None = None
    size_bytes: int | None = None
    form: str | None = None
    type: str | None = None
    id: str | None = None
    code: int | None = None
    reason: str | None = None
    was_clean: bool | None = None
    buffered_bytes: int | None = None
    protocol: str | None = None
    extensions: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        told = ((field.name, getattr(self, field.name)) for field in fields(self))
        return f"PageEvent({', '.join(f'{name}={value!r}' for name, value in told if value not in (None, ()))})"

    @classmethod
    def read(cls, report: Mapping[str, Any]) -> Self:
        """Make an event of a report."""
        told = {name: value for name, value in report.items() if name not in ("connection", "base64", "headers")}
        if "base64" in report:
            told["data"] = base64.b64decode(report["base64"], validate=True)
        headers = tuple((str(name), str(value)) for name, value in report.get("headers", ()))
        return cls(**told, headers=headers)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What is known of a page.

    Attributes:
        agent: The browser, in its own words.
        origin: The page's origin.
        secure: True in a secure context.
        visible: True if the page was visible when it told.
        route: ``"direct"``, or ``"proxy"`` through the notebook server.
    """

    agent: str
    origin: str
    secure: bool
    visible: bool
    route: str

    @property
    def browser(self) -> str:
        """Its name and version for people, such as ``"Chromium 156"``; Chrome goes by that name, too."""
        for name, pattern in _BROWSERS.items():
            if found := re.search(pattern, self.agent):
                return f"{name} {found[1]}"
        return "an unknown browser"
