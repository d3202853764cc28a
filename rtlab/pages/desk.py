"""Where the pages of one widget report, and from which they get their commands."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rtlab.errors import ConnectionEnded, InputError, RtlabError, WaitTimeout
from rtlab.pages.records import PageEvent, PageFacts
from rtlab.servers.page import PagePeer

if TYPE_CHECKING:
    from rtlab.pages.connection import PageConnection

_NO_PAGE = (
    "No page has come within {} s. Show the widget that browser_lab() gave, in a browser; without one, "
    'browser_lab(browser="chromium") starts a browser of its own.'
)


class Desk:
    """The pages of one widget: two tabs are two pages; everything runs on the event loop's thread.

    A command goes to one page, the one that was in front last, and it goes once: after a reload or in another tab
    nothing is done again. What a page had promised when it went ends with an error.

    Attributes:
        token: The secret that lets a page in.
        proof: The secret that shows a page that this is its lab.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(16)
        self.proof = secrets.token_urlsafe(16)
        self._numbers = itertools.count(1)
        self._pages: dict[PagePeer, PageFacts] = {}
        self._asked: dict[int, tuple[PagePeer, asyncio.Future[dict[str, Any]]]] = {}
        self._connections: dict[int, tuple[PagePeer, PageConnection]] = {}
        self._came = asyncio.Event()

    @property
    def pages(self) -> tuple[PageFacts, ...]:
        """The pages that are there; the one that was in front last comes last."""
        return tuple(self._pages.values())

    async def ready(self, timeout_s: float) -> PageFacts:
        """Wait until a page is there.

        Raises:
            WaitTimeout: None came.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not self._pages:  # one that came may be gone again
                    await self._came.wait()
        except TimeoutError as error:
            raise WaitTimeout(_NO_PAGE.format(f"{timeout_s:g}")) from error
        return self.pages[-1]

    async def ask(
        self, verb: str, arguments: Mapping[str, Any], connection: PageConnection | None = None, *, ready_s: float
    ) -> dict[str, Any]:
        """Give a page a command and wait for its answer.

        Args:
            verb: What to do; ``static/page.js`` knows the verbs.
            arguments: With what.
            connection: The connection it is about; its page gets the command.
            ready_s: How long to wait for a page, if there is none, in seconds.

        Returns:
            The answer.

        Raises:
            InputError: The page cannot do that.
            ConnectionEnded: The page, or the connection, went away.
            WaitTimeout: There is no page.
        """
        if connection and connection.ended:
            raise ConnectionEnded(connection.ended)
        if connection and connection.number in self._connections:
            page = self._connections[connection.number][0]
        else:
            await self.ready(ready_s)
            page = next(reversed(self._pages))
        number = next(self._numbers)
        if connection:
            self._connections[connection.number] = page, connection
            arguments = {"connection": connection.number, **arguments}
        answer = asyncio.get_running_loop().create_future()
        self._asked[number] = page, answer
        page.say({"ask": number, "verb": verb, **arguments})
        try:
            result: dict[str, Any] = await answer
            return result
        finally:
            self._asked.pop(number, None)

    def number(self) -> int:
        """Give a number for a new connection."""
        return next(self._numbers)

    def route_of(self, connection: PageConnection) -> str:
        """Tell by which route the page of a connection reaches the lab; empty if the page has gone."""
        known = self._connections.get(connection.number)
        return self._pages[known[0]].route if known and known[0] in self._pages else ""

    def forget(self, connection: PageConnection) -> None:
        """Take a connection that has ended out of the books."""
        self._connections.pop(connection.number, None)

    def said(self, page: PagePeer, message: Mapping[str, Any]) -> None:
        """Take a report; see :class:`rtlab.servers.page.Desk`."""
        if "connection" in message:
            event, known = PageEvent.read(message), self._connections.get(message["connection"])
            if known and known[0] is page:
                known[1].heard(event)
            elif event.kind == "open":  # whoever wanted it has given up
                page.say({"ask": 0, "verb": "close", "connection": message["connection"], "code": None})
        elif "reply" in message:
            asked = self._asked.get(message["reply"])
            if asked and asked[0] is page and not asked[1].done():
                _answer(asked[1], message)
        elif "hello" in message:
            facts = PageFacts(**message["hello"])
            self._pages = {**self._pages, page: facts} if facts.visible else {page: facts, **self._pages}
            self._came.set()
        elif message["front"] and page in self._pages:
            self._pages[page] = self._pages.pop(page)

    def left(self, page: PagePeer) -> None:
        """Take note that a page is gone; see :class:`rtlab.servers.page.Desk`."""
        self._pages.pop(page, None)
        if not self._pages:
            self._came.clear()
        why = "The page was closed, reloaded or cut off; what it was doing is over."
        for owner, answer in tuple(self._asked.values()):
            if owner is page and not answer.done():
                answer.set_exception(ConnectionEnded(why))
        for number, (owner, connection) in tuple(self._connections.items()):
            if owner is page:
                del self._connections[number]
                connection.end(why)

    def leave(self) -> None:
        """Send all pages away: the widget is closed."""
        for page in tuple(self._pages):
            page.goodbye()


def exception_of(refusal: InputError) -> str:
    """Give the name of the browser's exception behind a page's refusal, such as ``"SyntaxError"``."""
    return str(refusal).removeprefix("The page: ").partition(":")[0]


def _answer(future: asyncio.Future[dict[str, Any]], message: Mapping[str, Any]) -> None:
    if "error" not in message:
        future.set_result(dict(message["result"]))
        return
    kind = str(message.get("kind", ""))
    name = f"{kind}: " if kind.endswith("Error") and kind != "Error" else ""  # of an exception of the browser
    error: RtlabError = InputError(f"The page: {name}{message['error']}")
    if kind == "gone":
        error = ConnectionEnded(message["error"])
    future.set_exception(error)
