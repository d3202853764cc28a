"""What does a page's EventSource do when the server refuses, redirects, breaks off, or cannot be trusted?

The page meets the situations of the status matrix, and two more; rtlab's EventSource meets them, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby

from rtlab.experiments.page_limits import MOST_PROXIED
from rtlab.experiments.situations import MORE_SITUATIONS, SITUATIONS, Situation
from rtlab.experiments.status_matrix import watch_clients
from rtlab.experiments.status_trials import Trial, end_trials, judge, prepare_trials
from rtlab.findings.page_replies import PageReply
from rtlab.findings.reconnection import StatusCell
from rtlab.loop_thread import shared
from rtlab.pages.connection import PageEventSource
from rtlab.pages.page import Page

OURS = "rtlab EventSource"
PATIENCE_S = 10.0
"""How long an EventSource may do nothing; browsers begin with reconnection times of 3 and 5 s."""
_LONGER_S = 0.4
_LOOK_S = 0.02
_CALL_S = 10.0
# What a proxy that opens a connection of its own does not pass on.
_NOT_PROXIED = ("opens, then is reset", "301 Moved Permanently", "307 Temporary Redirect")


def page_situations(route: str) -> tuple[Situation, ...]:
    """Give the situations that a page can meet.

    A name that cannot be is none of them: the browser would ask the name server of the machine for it.

    Args:
        route: ``"direct"``, or ``"proxy"``, which does not pass on all of them.
    """
    met = tuple(each for each in (*SITUATIONS, *MORE_SITUATIONS) if each.trouble != "unknown name")
    if route == "direct":
        return met
    return tuple(each for each in met if not each.trouble and each.name not in _NOT_PROXIED)


def meet_situations(page: Page) -> tuple[PageReply, ...]:
    """Put a page's EventSource into each situation and note what it does.

    Args:
        page: The page.

    Returns:
        One for each situation.

    Raises:
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    situations = page_situations(facts.route)
    at_once = len(situations) if facts.route == "direct" else MOST_PROXIED
    ours = {cell.situation: cell for cell in watch_clients([OURS], [each.name for each in situations])}
    replies: list[PageReply] = []
    for begin in range(0, len(situations), at_once):
        for trial, source in _meet(page, situations[begin : begin + at_once]):
            cell = judge(trial, f"{facts.browser} EventSource")
            replies.append(_reply(source, cell, ours[cell.situation]))
    return tuple(replies)


def _meet(page: Page, situations: Sequence[Situation]) -> list[tuple[Trial, PageEventSource]]:
    trials = shared.call(lambda: prepare_trials("sse", situations), _CALL_S)
    try:
        met = [(trial, page.event_source(url=trial.url)) for trial in trials]
        shared.call(lambda: _watch(met), PATIENCE_S + _CALL_S)
        for _, source in met:
            source.close()
        return met
    finally:
        shared.call(lambda: end_trials(trials), _CALL_S)


async def _watch(met: Sequence[tuple[Trial, PageEventSource]]) -> None:
    """Watch until each EventSource has done something, and a little longer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not all(trial.settled for trial, _ in met):
                await asyncio.sleep(_LOOK_S)
                _look(met)
    await asyncio.sleep(_LONGER_S)
    _look(met)


def _look(met: Sequence[tuple[Trial, PageEventSource]]) -> None:
    for trial, source in met:
        trial.got = [str(event.data) for event in source.messages]
        trial.state = "closed" if source.state == 2 else "reconnecting"
        # Without trust no request comes: the script's error events tell the attempts.
        trial.looked_up_ns = [int(event.at_ms * 1e6) for event in source.events if event.kind == "error"]


def _reply(source: PageEventSource, cell: StatusCell, ours: StatusCell) -> PageReply:
    events = [event for event in source.events if event.kind != "closed"]
    states = [0, *(event.state for event in events if event.state is not None)]
    changes = tuple(state for state, _ in groupby(states))
    return PageReply(tuple(event.kind for event in events), changes, cell, ours)
