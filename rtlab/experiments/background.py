"""What becomes of a page that nobody sees? Timers beside messages of an EventSource and a WebSocket.

A browser of the kernel's own covers its page with an empty tab. Whoever uses the page of a notebook changes to
another tab by hand.
"""

from __future__ import annotations

import asyncio
import secrets
from itertools import pairwise

from rtlab.errors import InputError
from rtlab.findings.page_background import PageLane, PageWatch
from rtlab.loop_thread import shared
from rtlab.pages.page import Page

EVERY_MS = 100
SLOW_MS = 1_000
_LATE_S = 15.0


def watch_page(page: Page, *, seconds: float = 12.0) -> PageWatch:
    """Watch timers and messages of a page for some time, in the middle of which it should be hidden.

    Args:
        page: The page; a browser of the kernel's own is hidden from a quarter of the time to three quarters.
        seconds: How long, from 4 to 300.

    Returns:
        What came when, and when the page was hidden.

    Raises:
        InputError: ``seconds`` is out of its range.
        WaitTimeout: The page does not answer.
    """
    if not 4 <= seconds <= 300:
        raise InputError(f"seconds: 4 to 300; not {seconds!r}.")
    channel = f"background.{secrets.token_hex(6)}"
    source, socket = page.event_source(channel), page.websocket(channel)
    try:
        source.wait("open")
        socket.wait("open")
        wanted = {"count": 1_000_000, "for_ms": seconds * 1e3}
        fast, slow = (
            page.ask("ticks", {"interval_ms": each, **wanted}, timeout_s=seconds + _LATE_S)
            for each in (EVERY_MS, SLOW_MS)
        )
        cover_s = seconds / 2 if is_own(page) else 0.0
        shared.call(lambda: _publish_soon(page, channel, seconds, cover_s), seconds + _LATE_S)
        quick, calm = fast.result(), slow.result()
    finally:
        source.close()
        socket.close()
    start_ms = quick["at_ms"]
    times = {
        f"timer, every {EVERY_MS} ms": (EVERY_MS, [at_ms for at_ms, _ in quick["ticks"]]),
        f"timer, every {SLOW_MS} ms": (SLOW_MS, [at_ms for at_ms, _ in calm["ticks"]]),
        f"EventSource, every {EVERY_MS} ms": (EVERY_MS, [event.at_ms for event in source.messages]),
        f"WebSocket, every {EVERY_MS} ms": (EVERY_MS, [event.at_ms for event in socket.messages]),
    }
    # Timers go on for a moment after the last message, which would make the messages look rare.
    ended_ms = max(event.at_ms for event in (*source.messages, *socket.messages)) - start_ms
    lanes = tuple(
        PageLane(name, wanted_ms, tuple(at_ms - start_ms for at_ms in came if at_ms - start_ms <= ended_ms))
        for name, (wanted_ms, came) in times.items()
    )
    shown = [(at_ms - start_ms, state == "visible") for at_ms, state in quick["shown"]]
    return PageWatch(lanes, hidden_spans(shown, ended_ms), ended_ms)


def is_own(page: Page) -> bool:
    """Tell whether a page stands in a browser that the kernel drives: then it shows nothing but itself."""
    return page.facts.origin == page.lab.http_url


async def _publish_soon(page: Page, channel: str, seconds: float, cover_s: float) -> None:
    """Send messages, and let the page cover itself from a quarter of the time on."""
    loop = asyncio.get_running_loop()
    start, count = loop.time(), round(seconds * 1e3 / EVERY_MS)
    for number in range(count):
        await asyncio.sleep(start + number * EVERY_MS / 1e3 - loop.time())
        await page.lab.publish_soon(str(number), channel)
        if cover_s and number == count // 4:
            page.ask("cover", {"cover_ms": cover_s * 1e3}, timeout_s=seconds + _LATE_S)


def hidden_spans(shown: list[tuple[float, bool]], ended_ms: float) -> tuple[tuple[float, float], ...]:
    """Give the times at which a page was hidden.

    Args:
        shown: When the page was looked at and whether it was visible then, from the start on and at each change.
        ended_ms: The end of the experiment.

    Returns:
        Pairs of beginning and end, none of them empty.
    """
    edges = [*shown, (ended_ms, True)]
    return tuple(
        (at_ms, min(next_ms, ended_ms))
        for (at_ms, is_visible), (next_ms, _) in pairwise(edges)
        if not is_visible and at_ms < min(next_ms, ended_ms)
    )
