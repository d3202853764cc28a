"""How many event streams does a page get to one server, and what becomes of the others?

The page opens more than it gets. Then it closes the first, and one that waited takes its place. What the same would
do to JupyterLab, whose requests go to one server too, is computed and not tried.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence

from rtlab.errors import InputError, WaitTimeout
from rtlab.findings.page_streams import SlotWait, StreamLane, StreamLimit
from rtlab.pages.connection import PageEventSource, PageFetch
from rtlab.pages.page import Page
from rtlab.servers.lab import Lab

MOST_PROXIED = 4
"""Streams that a page gets through the notebook server; ``static/page.js`` refuses more."""
MOST = 40
SETTLED_S = 0.8
"""The streams are taken to have settled if none opens for so long."""
OPEN_S = 10.0

JUPYTER_REQUESTS = (
    (0.0, "list the kernels"),
    (0.0, "list the sessions"),
    (2.0, "open a file"),
    (4.0, "save: compare the file"),
    (6.0, "save: write the file"),
    (8.0, "save: keep a checkpoint"),
)
"""What JupyterLab asks its server for when a notebook is saved and a file opened, and at which millisecond."""
REQUEST_MS = 12.0
"""How long its server takes for each: 8 to 17 ms were measured with JupyterLab 4.6.6."""


def open_streams(page: Page, lab: Lab, *, streams: int = 8) -> StreamLimit:
    """Open event streams to one lab until the page has no connection left, then close the first.

    Args:
        page: The page.
        lab: The lab.
        streams: How many, from 1 to 40; at most 4 through the notebook server.

    Returns:
        When each was made, opened and closed.

    Raises:
        InputError: The number is out of its range, or the page has other streams open, which would count too.
        WaitTimeout: The page does not answer.
    """
    most = MOST_PROXIED if page.route == "proxy" else MOST
    if not 1 <= streams <= most:
        raise InputError(f"streams: 1 to {most} on this route; not {streams!r}.")
    if others := [each for each in page.connections if isinstance(each, PageEventSource | PageFetch)]:
        raise InputError(f"Close what the page has open first, it counts too: {others}.")
    channel = f"limit.{secrets.token_hex(6)}"
    sources: list[PageEventSource] = []
    try:
        for _ in range(streams):
            sources.append(page.event_source(channel, lab=lab))
        _settle(sources)
        states = [source.look() for source in sources]
        at_lab = sum(1 for each in lab.connections if each.channel == channel)
        sources[0].close()
        closed = sources[0].wait("closed")[0]
        if waiting := [source for source, state in zip(sources, states, strict=True) if state == 0]:
            _settle(waiting)
    finally:
        for source in reversed(sources):  # who still waits shall not get a place now
            source.close()
    for source in sources:
        source.wait("closed")
    start_ms = sources[0].began_ms
    return StreamLimit(
        tuple(
            _lane(number, source, state, start_ms)
            for number, (source, state) in enumerate(zip(sources, states, strict=True), start=1)
        ),
        at_lab,
        closed.at_ms - start_ms,
    )


def slot_waits(limit: int = 6, streams: Sequence[int] = tuple(range(7))) -> tuple[SlotWait, ...]:
    """Compute what JupyterLab's requests wait if event streams hold connections to its server.

    The page has ``limit`` connections; each stream keeps one for good, each request one for 12 ms. Who comes first
    is served first.

    Args:
        limit: Connections that the page has to one server, from 1 to 100.
        streams: How many streams are held, one case after the other, each from 0.

    Returns:
        One for each case and request.

    Raises:
        InputError: A number is out of its range.
    """
    if not 1 <= limit <= 100 or min(streams, default=0) < 0:
        raise InputError("limit: 1 to 100; streams: from 0.")
    return tuple(wait for held in streams for wait in _serve(limit, held))


def _serve(limit: int, held: int) -> list[SlotWait]:
    free_at = deque([0.0] * max(0, limit - held))  # when each connection is free again, the first one first
    waits = []
    for wanted_ms, request in JUPYTER_REQUESTS:
        sent_ms = max(wanted_ms, free_at.popleft()) if free_at else None
        if sent_ms is not None:
            free_at.append(sent_ms + REQUEST_MS)
        waits.append(SlotWait(held, request, wanted_ms, sent_ms))
    return waits


def _settle(sources: Sequence[PageEventSource]) -> None:
    """Wait until all are open, or no further one opens."""
    for source in sources:
        try:
            # The first may take its time; then silence counts.
            source.wait("open", timeout_s=OPEN_S if source is sources[0] else SETTLED_S)
        except WaitTimeout:
            if source is sources[0]:
                raise
            return


def _lane(number: int, source: PageEventSource, state: int | None, start_ms: float) -> StreamLane:
    at_ms = {event.kind: event.at_ms - start_ms for event in source.events}
    errors = sum(1 for event in source.events if event.kind == "error")
    assert state is not None
    return StreamLane(number, source.began_ms - start_ms, at_ms.get("open"), at_ms["closed"], state, errors)
