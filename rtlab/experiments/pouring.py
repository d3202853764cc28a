"""A script sends faster than the other side reads: what tells it to wait?

The other side is a server that does not read for a while. A WebSocket takes everything at once and holds it, and
only ``bufferedAmount`` tells; a WebSocketStream lets the script wait for the browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from rtlab.codecs.websocket_session import BinaryMessage
from rtlab.errors import InputError
from rtlab.experiments.page_exhibit import ExhibitLine, PageExhibit
from rtlab.findings.page_sockets import Pouring
from rtlab.pages.page import Page

MOST_BYTES = 64 * 1024 * 1024
"""What a page holds back lies in its memory."""
_SLACK_S = 15.0
_STEP_MS = 5.0


def pour(page: Page, *, size_bytes: int = 65_536, messages: int = 256, pause_s: float = 1.5) -> tuple[Pouring, ...]:
    """Send many messages at once to a server that does not read yet.

    Args:
        page: The page.
        size_bytes: The size of each message, from 1 to 1,048,576.
        messages: How many, from 1 to 10,000; 64 MiB in all at most.
        pause_s: How long the server does not read, from 0 to 20 seconds.

    Returns:
        One for a WebSocket, and one for a WebSocketStream if the browser has it.

    Raises:
        InputError: A number is out of its range.
        WaitTimeout: The page does not answer.
    """
    fits = 1 <= size_bytes <= 1 << 20 and 1 <= messages <= 10_000 and size_bytes * messages <= MOST_BYTES
    if not fits or not 0 <= pause_s <= 20:
        raise InputError("1 to 1,048,576 bytes, 1 to 10,000 messages, 64 MiB in all at most; pause_s: 0 to 20.")
    has_stream = "WebSocketStream" in page.ask("facts").result()["has"]
    poured = [_by_socket(page, size_bytes, messages, pause_s)]
    if has_stream:
        poured.append(_by_stream(page, size_bytes, messages, pause_s))
    return tuple(poured)


class _Reader:
    """A server's side that does not read at first, and says when it begins."""

    def __init__(self, messages: int, pause_s: float) -> None:
        self.messages = messages
        self.pause_s = pause_s
        self.arrived = 0

    async def serve(self, line: ExhibitLine) -> None:
        await line.open()
        await asyncio.sleep(self.pause_s)
        await line.write(line.session.send_text("reading"))
        while self.arrived < self.messages and (events := await line.read()):
            self.arrived += sum(1 for event in events if isinstance(event, BinaryMessage))
        await line.close(1000)


def _by_socket(page: Page, size_bytes: int, messages: int, pause_s: float) -> Pouring:
    reader = _Reader(messages, pause_s)
    watch_s = pause_s + _SLACK_S
    with PageExhibit({"pour": reader.serve}) as exhibit:
        socket = page.websocket(url=exhibit.url("pour"))
        try:
            socket.wait("open")
            data = {"text": None, "base64": None, "size_bytes": size_bytes}
            wanted = {**data, "count": messages, "watch_ms": watch_s * 1e3}
            answer = page.ask("send", wanted, connection=socket, timeout_s=watch_s + 5.0).result()
            heard = socket.wait("message", timeout_s=watch_s)
            exhibit.ended("pour", watch_s)
        finally:
            socket.close()
    held = [(float(at_ms), int(size)) for at_ms, size in answer["buffered"]]
    # One look before the first message and one after each; then the browser alone is at work.
    handed = [(at_ms, number * size_bytes) for number, (at_ms, _) in enumerate(held[: messages + 1])]
    reading_ms = heard[0].at_ms - answer["at_ms"]
    return Pouring("WebSocket", messages, size_bytes, thinned(handed), thinned(held), reading_ms, reader.arrived)


def _by_stream(page: Page, size_bytes: int, messages: int, pause_s: float) -> Pouring:
    reader = _Reader(messages, pause_s)
    watch_s = pause_s + _SLACK_S
    with PageExhibit({"pour": reader.serve}) as exhibit:
        url = exhibit.url("pour", "http")
        wanted = {"url": url, "size_bytes": size_bytes, "count": messages, "watch_ms": watch_s * 1e3}
        answer = page.ask("stream_writes", wanted, timeout_s=watch_s + 5.0).result()
        exhibit.ended("pour", watch_s)
    handed = [(float(at_ms), int(size)) for at_ms, size in answer["handed"]]
    reading_ms = answer["heard"][0] - answer["at_ms"] if answer["heard"] else None
    return Pouring("WebSocketStream", messages, size_bytes, thinned(handed), (), reading_ms, reader.arrived)


def thinned(points: Sequence[tuple[float, int]]) -> tuple[tuple[float, int], ...]:
    """Leave out points that a figure could not show.

    Args:
        points: Pairs of milliseconds and bytes, in the order of time.

    Returns:
        The first, the last, those at least 5 ms after the one kept before, and the last one before each such pause.
    """
    kept = list(points[:1])
    for before, point in pairwise(points[1:]):
        if max(before[0] - kept[-1][0], point[0] - before[0]) >= _STEP_MS:  # or the last one before a pause
            kept.append(before)
    return (*kept, *points[-1:])
