"""Event streams in a page: who waits for a connection, and what comes after a cut, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.page_resumption import PageMoment, PageResumption
from rtlab.findings.page_streams import SlotWait, StreamLane
from rtlab.tables.schema import rows_table

STATES = ("connecting", "open", "closed")
"""What the numbers of an EventSource's ``readyState`` mean."""


def stream_lanes_table(lanes: Sequence[StreamLane]) -> pd.DataFrame:
    """List when each EventSource of a page was made, opened and closed.

    Args:
        lanes: One for each.

    Returns:
        The ``stream_lanes`` table (``describe("stream_lanes")``), one row an EventSource.
    """
    rows = [
        asdict(lane) | {"state": STATES[lane.state], "waited_ms": _between(lane.made_ms, lane.opened_ms)}
        for lane in lanes
    ]
    return rows_table(rows, "stream_lanes")


def slot_waits_table(waits: Sequence[SlotWait]) -> pd.DataFrame:
    """List what each request waits if a page holds some streams.

    Args:
        waits: One for each number of streams and request.

    Returns:
        The ``slot_waits`` table (``describe("slot_waits")``), one row a number of streams and request.
    """
    rows = [asdict(wait) | {"waited_ms": _between(wait.wanted_ms, wait.sent_ms)} for wait in waits]
    return rows_table(rows, "slot_waits")


def stream_requests_table(found: PageResumption) -> pd.DataFrame:
    """List what the browser asked for, and what each answer brought.

    Args:
        found: What was seen.

    Returns:
        The ``stream_requests`` table (``describe("stream_requests")``), one row a request.
    """
    rows = []
    for asked in found.requests:
        brought = [each for each in found.moments if each.kind == "message" and each.request == asked.request]
        rows.append(
            {
                "request": asked.request,
                "last_event_id": asked.last_event_id,
                "messages": len(brought),
                "caught_up": sum(1 for each in brought if each.sent == "away"),
            }
        )
    return rows_table(rows, "stream_requests")


def page_moments_table(moments: Sequence[PageMoment]) -> pd.DataFrame:
    """List what the script of an EventSource saw.

    Args:
        moments: One for each event.

    Returns:
        The ``page_moments`` table (``describe("page_moments")``), one row an event, in order.
    """
    rows = [
        {
            "at_ms": moment.at_ms,
            "event": moment.kind,
            "state": STATES[moment.state],
            "request": moment.request,
            "id": moment.id or None,
            "sent": moment.sent or None,
        }
        for moment in moments
    ]
    return rows_table(rows, "page_moments")


def _between(begin_ms: float, end_ms: float | None) -> float | None:
    return None if end_ms is None else end_ms - begin_ms
