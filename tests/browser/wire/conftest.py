"""An origin that answers what a test writes down, and a blank page that Chromium shows from it.

The page lets a test run scripts as any page of that origin could. Answers are given byte for byte.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from rtlab import clock
from rtlab.loop_thread import shared

_PATIENCE_S = 60
_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!doctype html><title>blank</title>"
)
GONE = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request as its bytes came, with the instant at which they were there."""

    head: bytes
    at_ns: int

    @property
    def key(self) -> str:
        method, target, _ = self.head.split(b"\r\n")[0].decode().split(" ")
        return f"{method} {target}"

    def get(self, name: str) -> bytes | None:
        """Give a field's value without the spaces around it, which HTTP does not count (RFC 9110 5.5)."""
        for line in self.head.split(b"\r\n")[1:]:
            field, _, value = line.partition(b":")
            if field.lower() == name.lower().encode():
                return value.strip(b" \t")
        return None


Answer = bytes | Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Origin:
    """A server of one origin: a blank page at ``/``, elsewhere what is written down, and 204 when no more is.

    Attributes:
        answers: The answers in their order for each method and target, such as ``"GET /x"``.
        requests: What was asked, by the same keys.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: defaultdict[str, list[Request]] = defaultdict(list)
        self._work: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._server.close()
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._work.add(task)
        try:
            # A browser opens connections in advance, and breaks them off when its page is left.
            with suppress(asyncio.IncompleteReadError, OSError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self._answer(reader, writer)
        finally:
            self._work.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = Request(await reader.readuntil(b"\r\n\r\n"), clock.now_ns())
        earlier = self.requests[request.key]
        written = [_PAGE] if request.key == "GET /" else self.answers.get(request.key, [])[len(earlier) :]
        answer = written[0] if written else GONE
        earlier.append(request)
        if callable(answer):
            await answer(request, reader, writer)
        else:
            writer.write(answer)
        await writer.drain()


@pytest.fixture(scope="module")
def make_origin() -> Iterator[Callable[[], Origin]]:
    """Give a function that starts one more origin."""
    shared.hold()
    origins: list[Origin] = []

    def make() -> Origin:
        origins.append(Origin())
        shared.call(origins[-1].start, 30)
        return origins[-1]

    yield make
    for origin in origins:
        shared.call(origin.stop, 30)
    shared.release()


@pytest.fixture(scope="module")
def origin(make_origin: Callable[[], Origin]) -> Origin:
    """The origin of the page."""
    return make_origin()


@pytest.fixture(scope="module")
def page(origin: Origin, browser: Browser) -> Iterator[Page]:
    """A blank page in a context of its own."""
    page = browser.new_page()
    page.goto(origin.url)
    yield page
    page.context.close()
