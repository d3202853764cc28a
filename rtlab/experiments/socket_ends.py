"""What does each side see when a WebSocket ends? Close codes as they are said, and as they arrive."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from rtlab.errors import InputError, WaitTimeout
from rtlab.experiments.page_exhibit import ExhibitLine, PageExhibit
from rtlab.findings.page_sockets import SocketEnd
from rtlab.pages.connection import PageWebSocket
from rtlab.pages.desk import exception_of
from rtlab.pages.page import Page
from rtlab.pages.records import PageEvent

_TIMEOUT_S = 8.0
_REFUSED_S = 0.5
"""A socket is watched for so long after a close that the browser refused."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end a WebSocket.

    Attributes:
        code: The close code that is said; None for a close without one.
        reason: The reason that is said.
        is_cut: No close frame at all: the line ends.
        is_allowed: Whether a script may say so (WebSockets Standard, ``close()``).
    """

    code: int | None
    reason: str = ""
    is_cut: bool = False
    is_allowed: bool = True

    @property
    def said(self) -> str:
        """What is said, in words."""
        if self.is_cut:
            return "nothing: the line is cut"
        if len(self.reason) > 30:
            return f"{self.code}, a reason of {len(self.reason)} bytes"
        return "no code" if self.code is None else shown(self.code, self.reason)

    @property
    def expected(self) -> str:
        """What the other side should see: 1005 and 1006 stand for what did not come."""
        return shown(1006 if self.is_cut else self.code or 1005, self.reason)


BY_LAB = (
    Ending(1000),
    Ending(1001, "the lab stops"),
    Ending(1008, "not allowed"),
    Ending(1011, "the server failed"),
    Ending(3000),
    Ending(4123, "a reason of our own"),
    Ending(None),
    Ending(None, is_cut=True),
)
BY_PAGE = (
    Ending(None),
    Ending(1000),
    Ending(3500, "bye"),
    Ending(4999, "é" * 61 + "!"),
    Ending(1001, is_allowed=False),
    Ending(1011, is_allowed=False),
    Ending(2999, is_allowed=False),
    Ending(5000, is_allowed=False),
    Ending(1000, "r" * 124, is_allowed=False),
)


def end_sockets(page: Page) -> tuple[SocketEnd, ...]:
    """End WebSockets in all these ways, from the lab's side and from the page's.

    Args:
        page: The page.

    Returns:
        One for each way.

    Raises:
        WaitTimeout: A connection did not open.
    """
    scripts = {f"lab.{number}": partial(_end, ending) for number, ending in enumerate(BY_LAB)}
    with PageExhibit({**scripts, **{f"page.{number}": _listen for number in range(len(BY_PAGE))}}) as exhibit:
        by_lab = [_by_lab(page, exhibit, f"lab.{number}", ending) for number, ending in enumerate(BY_LAB)]
        by_page = [_by_page(page, exhibit, f"page.{number}", ending) for number, ending in enumerate(BY_PAGE)]
    return (*by_lab, *by_page)


def shown(code: int | None, reason: str) -> str:
    """Write a code and its reason."""
    if len(reason) > 30:
        reason = f"{reason[:12]}…{reason[-1]}"
    return "" if code is None else f"{code} {reason}".rstrip()


async def _end(ending: Ending, line: ExhibitLine) -> None:
    await line.open()
    # The page says that it is open; before that, an end would be one of the opening handshake.
    await line.read()
    if ending.is_cut:
        line.cut()
        line.session.end()
    else:
        await line.close(ending.code, ending.reason)


async def _listen(line: ExhibitLine) -> None:
    await line.open()
    await line.wait_closed()


def _by_lab(page: Page, exhibit: PageExhibit, path: str, ending: Ending) -> SocketEnd:
    socket = _open(page, exhibit, path)
    socket.send("open")
    seen = _page_saw(socket, _TIMEOUT_S)
    answered = "1006" if ending.is_cut else shown(ending.code or 1005, "")
    return SocketEnd("lab", ending.said, *_told(exhibit, path, seen), ending.expected, answered, "")


def _by_page(page: Page, exhibit: PageExhibit, path: str, ending: Ending) -> SocketEnd:
    socket = _open(page, exhibit, path)
    refused = ""
    try:
        # Not socket.close(): without a code and without a reason are two different things there.
        page.ask("close", {"code": ending.code, "reason": ending.reason}, connection=socket).result()
    except InputError as error:
        refused = exception_of(error)
    seen = _page_saw(socket, _REFUSED_S if refused else _TIMEOUT_S)
    if seen is None:
        socket.close()
        return SocketEnd("page", ending.said, "", "", None, "", "", refused)
    answered = shown(ending.code or 1005, "")
    return SocketEnd("page", ending.said, *_told(exhibit, path, seen), answered, ending.expected, "")


def _open(page: Page, exhibit: PageExhibit, path: str) -> PageWebSocket:
    socket = page.websocket(url=exhibit.url(path))
    socket.wait("open", timeout_s=_TIMEOUT_S)
    return socket


def _page_saw(socket: PageWebSocket, timeout_s: float) -> PageEvent | None:
    try:
        return socket.wait("close", timeout_s=timeout_s)[0]
    except WaitTimeout:
        return None


def _told(exhibit: PageExhibit, path: str, event: PageEvent | None) -> tuple[str, str, bool | None]:
    """Say what the page saw, what the server saw, and whether the page took it for a clean end."""
    session = exhibit.ended(path, _TIMEOUT_S).session
    page_saw = shown(event.code, event.reason or "") if event else ""
    return page_saw, shown(session.close_code, session.close_reason), event.was_clean if event else None
