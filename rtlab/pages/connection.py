"""One EventSource, WebSocket or fetch of a page, seen from the kernel."""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rtlab.errors import ConnectionEnded, InputError, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.pages.answer import Answer
from rtlab.pages.records import PageEvent

if TYPE_CHECKING:
    from rtlab.pages.page import Page
    from rtlab.servers.lab import Lab

MAX_EVENTS = 100_000
"""So many events of a connection are kept, the newest."""


class PageConnection:
    """A connection in a page; ``Page.event_source()`` and its like make it.

    Args:
        page: The page.
        number: Its number there.
        url: What it was opened on, without secrets.
        lab: The lab that it was opened on; None for an address of somebody else.

    Attributes:
        route: ``"direct"``, or ``"proxy"`` through the notebook server.
        began_ms: When the page began to open it, by the page's clock.
        ended: Why nothing more will come; empty while something may.
    """

    what = ""
    _final: tuple[int | None, ...] = ()
    """States in which an error is the end."""

    def __init__(self, page: Page, number: int, url: str, lab: Lab | None) -> None:
        self.page = page
        self.number = number
        self.url = url
        self.lab = lab
        self.ended = ""
        self.route = ""
        self.began_ms = 0.0
        self._events: deque[PageEvent] = deque(maxlen=MAX_EVENTS)
        self._news = asyncio.Event()

    @property
    def events(self) -> tuple[PageEvent, ...]:
        """What happened so far, oldest first; the newest 100,000."""
        return tuple(self._events)

    @property
    def messages(self) -> tuple[PageEvent, ...]:
        """The messages, or a fetch's chunks, so far."""
        return tuple(event for event in self.events if event.kind in ("message", "chunk"))

    @property
    def state(self) -> int | None:
        """The newest ``readyState``; None if no event came yet, and for fetch."""
        return self._events[-1].state if self._events else None

    def wait(self, kind: str, count: int = 1, timeout_s: float = 10.0) -> tuple[PageEvent, ...]:
        """Wait until so many events of a kind have come.

        Args:
            kind: Their kind, such as ``"open"``, ``"message"``, ``"error"`` or ``"close"``.
            count: How many, those included that came before.
            timeout_s: How long to wait, in seconds.

        Returns:
            The events of that kind, all that there are.

        Raises:
            WaitTimeout: They did not come in time.
            ConnectionEnded: The page went away.
        """
        return shared.call(lambda: self.wait_soon(kind, count, timeout_s), timeout_s + 1.0)

    async def wait_soon(self, kind: str, count: int = 1, timeout_s: float = 10.0) -> tuple[PageEvent, ...]:
        """Wait for events; runs on the loop, for experiments."""

        def found() -> tuple[PageEvent, ...]:
            return tuple(event for event in self._events if event.kind == kind)

        try:
            async with asyncio.timeout(timeout_s):
                await self._until(lambda: len(found()) >= count)
        except TimeoutError as error:
            raise WaitTimeout(
                f"{self.what} {self.url}: {len(found())} of {count} {kind!r} within {timeout_s:g} s."
            ) from error
        return found()

    def look(self, timeout_s: float = 5.0) -> int | None:
        """Ask the page for ``readyState`` as it is now, whether an event has told it or not; None for fetch."""
        state: int | None = self._ask("look", {}, timeout_s).result()["state"]
        return state

    def close(self, timeout_s: float = 5.0) -> None:
        """Close the connection in the page; a connection that is gone is closed already.

        Raises:
            WaitTimeout: The page does not answer.
        """
        if not self.ended:
            with suppress(ConnectionEnded):  # it may end in this very moment
                self._ask("close", {"code": None, "reason": ""}, timeout_s).result()

    def heard(self, event: PageEvent) -> None:
        """Take an event; runs on the loop."""
        self._events.append(event)
        if event.kind in ("close", "closed", "end") or (event.kind == "error" and event.state in self._final):
            self.end(f"The {self.what} has ended ({event.kind}).")
        else:
            self._wake()

    def end(self, why: str) -> None:
        """Take note that nothing more will come; runs on the loop."""
        self.ended = why
        self._wake()
        self.page.forget(self)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _until(self, enough: Callable[[], bool]) -> None:
        while not enough():
            if self.ended:
                raise ConnectionEnded(self.ended)
            await self._news.wait()

    def _ask(self, verb: str, arguments: dict[str, Any], timeout_s: float) -> Answer[dict[str, Any]]:
        return self.page.ask(verb, arguments, connection=self, timeout_s=timeout_s)

    def __repr__(self) -> str:
        return f"<{self.what} in the page, {self.route or 'no route yet'}: {len(self._events)} events>"


class PageEventSource(PageConnection):
    """A native EventSource: ``state`` is 0 connecting, 1 open, 2 closed."""

    what = "EventSource"
    _final = (2,)


class PageFetch(PageConnection):
    """A ``fetch()`` whose body is read piece by piece."""

    what = "fetch"
    _final = (None,)


class PageWebSocket(PageConnection):
    """A native WebSocket: ``state`` is 0 connecting, 1 open, 2 closing, 3 closed."""

    what = "WebSocket"

    def send(self, data: str | bytes, timeout_s: float = 5.0) -> Answer[dict[str, Any]]:
        """Send a message.

        Args:
            data: Text, or bytes for a binary message.
            timeout_s: How long the page may take, in seconds.

        Returns:
            An answer on its way: ``buffered`` holds pairs of milliseconds and ``bufferedAmount`` in bytes.
        """
        text = data if isinstance(data, str) else None
        binary = None if isinstance(data, str) else base64.b64encode(data).decode()
        return self._ask(
            "send", {"text": text, "base64": binary, "size_bytes": 0, "count": 1, "watch_ms": 0}, timeout_s
        )

    def pour(self, size_bytes: int, count: int, watch_s: float = 5.0) -> Sequence[tuple[float, int]]:
        """Send many binary messages of zeros at once and watch how much the browser holds back.

        Args:
            size_bytes: The size of each, from 1 to 16 MiB.
            count: How many, from 1 to 10,000.
            watch_s: How long to watch until all is sent, in seconds.

        Returns:
            Pairs of milliseconds since the first and ``bufferedAmount`` in bytes: before, after each, then every
            10 ms until nothing is held back.

        Raises:
            InputError: A number is out of its range.
        """
        if not (1 <= size_bytes <= 1 << 24 and 1 <= count <= 10_000):
            raise InputError("pour() takes 1 to 10,000 messages of 1 to 16,777,216 bytes.")
        wanted = {"text": None, "base64": None, "size_bytes": size_bytes, "count": count, "watch_ms": watch_s * 1e3}
        answer = self._ask("send", wanted, watch_s + 10.0).result()
        return [(float(at_ms), int(held)) for at_ms, held in answer["buffered"]]

    def close(self, timeout_s: float = 5.0, *, code: int | None = None, reason: str = "") -> None:
        """Close the connection in the page, with a close code if the script gives one.

        Args:
            timeout_s: How long the page may take to begin, in seconds.
            code: 1000, or 3000 to 4999: a script may give no other.
            reason: Up to 123 bytes.

        Raises:
            InputError: The browser refuses the code or the reason.
        """
        if not self.ended:
            with suppress(ConnectionEnded):
                self._ask("close", {"code": code, "reason": reason}, timeout_s).result()
