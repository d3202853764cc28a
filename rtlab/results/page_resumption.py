"""``browser.last_event_id()``: what a browser says when it comes back to a stream, byte by byte."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.codecs.dissect import Dissection, dissect
from rtlab.errors import InputError
from rtlab.experiments.page_resumption import resume
from rtlab.figures.page_resumption import figure_page_resumption
from rtlab.findings.page_resumption import PageResumption
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.servers.lab import Lab
from rtlab.tables.page_streams import page_moments_table, stream_requests_table
from rtlab.widgets.wire_view import WireView


class LastEventId(PageFinding):
    """What a page's EventSource lost when its line was cut, and what it said when it came back.

    Args:
        facts: What the page is.
        found: What was seen.
    """

    def __init__(self, facts: PageFacts, found: PageResumption) -> None:
        super().__init__(facts)
        self.found = found

    @property
    def table(self) -> pd.DataFrame:
        """One row a request of the browser (``describe("stream_requests")``)."""
        return stream_requests_table(self.found)

    @property
    def moments(self) -> pd.DataFrame:
        """One row an event that the script saw (``describe("page_moments")``)."""
        return page_moments_table(self.found.moments)

    @property
    def text(self) -> str:
        """How it came back, and what was lost."""
        found, back = self.found, self.found.requests[-1]
        said = f"with Last-Event-ID: {back.last_event_id}" if back.last_event_id else "without Last-Event-ID"
        caught_up = sum(1 for moment in found.moments if moment.sent == "away")
        return (
            f"{found.away_ms:.0f} ms after its error event the EventSource was open again, by itself; its request "
            f"came {said}. {caught_up} messages that were sent meanwhile came then. Of {len(found.ids)} messages "
            f"{found.lost} were lost, {found.doubled} doubled."
        )

    def dissection(self, request: int = 0) -> Dissection:
        """Name every byte of one request and its answer; secrets are taken out.

        Args:
            request: Which request, from 1; 0 for the last one.

        Raises:
            InputError: There is no such request.
        """
        if not 0 <= request <= len(self.found.requests):
            raise InputError(f"request: 1 to {len(self.found.requests)}; not {request!r}.")
        return dissect(self.found.requests[request - 1].chunks)

    def wire(self, request: int = 0) -> WireView:
        """Show every byte of one request and its answer.

        Args:
            request: Which request, from 1; 0 for the last one, with which the browser came back.

        Raises:
            InputError: There is no such request.
        """
        return WireView(self.dissection(request), title="The request with which the browser came back")

    def figure(self) -> go.Figure:
        """Draw when each message came, and when the page was away."""
        return figure_page_resumption(self.moments, self.table)


def last_event_id(
    page: Page, lab: Lab | None = None, *, before: int = 3, away: int = 2, after: int = 2
) -> LastEventId:
    """Cut the line of a page's EventSource, and read the request with which the browser comes back.

    A relay before the lab does both. Through the notebook server the lab ends the stream in good order instead: the
    proxy passes no reset on, and the page would wait for ever. Messages are sent before the cut, while the page is
    away, and after it.

    Args:
        page: The page, from ``rtlab.browser_lab()``.
        lab: The lab, of this kernel and without TLS; None for the one that the page reports to.
        before: How many messages are sent before the cut, from 1 to 100.
        away: How many while the page is away, from 0 to 100.
        after: How many when it is back, from 0 to 100.

    Returns:
        What each request brought, and its bytes: ``wire()``.

    Raises:
        InputError: A number is out of its range, or the lab speaks TLS.
        WaitTimeout: The page does not come back, or a message does not come.
    """
    return LastEventId(page.facts, resume(page, lab or page.lab, before=before, away=away, after=after))
