"""What the script of a page does to a server that is not its own: fetch, EventSource, WebSocket."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rtlab.errors import ConnectionEnded, InputError, WaitTimeout
from rtlab.pages.connection import PageConnection
from rtlab.pages.page import Page

PROGRAM = "a program"
"""Who sent the requests, where it was no browser."""
_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one attempt of a page's script.

    Attributes:
        opened: True if the script's connection opened, or its answer was readable.
        text: What the script could read; empty if nothing.
        seen: What it saw, in a few words.
        sent: The request's bytes, if a program sent it.
        received: The bytes that came back, if a program received them.
    """

    opened: bool
    text: str
    seen: str
    sent: bytes = b""
    received: bytes = b""


class AttackingPage(Protocol):
    """A page's script."""

    @property
    def by(self) -> str:
        """The browser, or :data:`PROGRAM`."""

    def fetch(self, url: str, *, with_credentials: bool) -> Look:
        """Fetch an address, and read as far as the first event, or to the end."""

    def event_source(self, url: str, *, with_credentials: bool) -> Look:
        """Open an EventSource, and read the first event."""

    def websocket(self, url: str, *, first: str = "", subprotocol: str = "") -> Look:
        """Open a WebSocket, send a first message if there is one, and read the first answer."""


class BrowserPage:
    """The script of a page in a browser.

    Args:
        page: The page.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self.by = page.facts.browser

    def fetch(self, url: str, *, with_credentials: bool) -> Look:
        """See :meth:`AttackingPage.fetch`."""
        return self._read(self._page.fetch(url=url, with_credentials=with_credentials), "chunk")

    def event_source(self, url: str, *, with_credentials: bool) -> Look:
        """See :meth:`AttackingPage.event_source`."""
        return self._read(self._page.event_source(url=url, with_credentials=with_credentials), "message")

    def websocket(self, url: str, *, first: str = "", subprotocol: str = "") -> Look:
        """See :meth:`AttackingPage.websocket`."""
        try:
            socket = self._page.websocket(url=url, protocols=(subprotocol,) if subprotocol else ())
        except InputError as error:
            return Look(False, "", f"throws: {error}")
        try:
            socket.wait("open", timeout_s=_TIMEOUT_S)
            if first:
                with suppress(ConnectionEnded):
                    socket.send(first).result()
        except (ConnectionEnded, WaitTimeout):
            pass  # _read() tells how it ended
        return self._read(socket, "message")

    def _read(self, connection: PageConnection, kind: str) -> Look:
        """Wait for the first thing that the script can read, and close."""
        try:
            message = connection.wait(kind, timeout_s=_TIMEOUT_S)[0]
            return Look(True, str(message.data), "opens")
        except WaitTimeout:
            return Look(any(event.kind == "open" for event in connection.events), "", "waits")
        except ConnectionEnded:
            if not connection.events:
                raise  # the page itself has gone
            opened, last = any(event.kind == "open" for event in connection.events), connection.events[-1]
            closed = f"closed with {last.code}" if last.code else "nothing to read"
            return Look(opened, "", f"opens, {closed}" if opened else "fails")
        finally:
            connection.close()
