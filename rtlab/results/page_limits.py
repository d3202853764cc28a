"""``browser.connection_limit()``: how many event streams a page gets to one server, and what waits then."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.page_limits import MOST_PROXIED, open_streams, slot_waits
from rtlab.experiments.waiting import POOL_CONNECTIONS
from rtlab.figures.page_streams import figure_slot_waits, figure_stream_lanes
from rtlab.findings.page_streams import StreamLimit
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.direction import Finding
from rtlab.results.page_finding import PageFinding
from rtlab.servers.lab import Lab
from rtlab.tables.page_streams import slot_waits_table, stream_lanes_table

_WHY_FEW = (
    f"Through the notebook server the page opens {MOST_PROXIED} streams at most: they would take the connections "
    "that JupyterLab needs to save. beside_jupyter() computes it."
)


class ConnectionLimit(PageFinding):
    """Who of many EventSources got a connection, and who waited.

    Args:
        facts: What the page is.
        found: What was seen.
    """

    def __init__(self, facts: PageFacts, found: StreamLimit) -> None:
        super().__init__(facts)
        self.found = found

    @property
    def table(self) -> pd.DataFrame:
        """One row an EventSource (``describe("stream_lanes")``)."""
        return stream_lanes_table(self.found.lanes)

    @property
    def text(self) -> str:
        """How many were open together, and what became of the others."""
        lanes, together = self.found.lanes, self.found.together
        waiting = [lane for lane in lanes if lane.state == 0]
        said = (
            f"{together} of {len(lanes)} EventSources were open at the same time; the lab had {self.found.at_lab}."
        )
        if waiting:
            errors = sum(lane.errors for lane in waiting)
            said += f" The other {len(waiting)} stayed in state 0, connecting, with {errors} error events."
            if opened_ms := waiting[0].opened_ms:
                after_ms = opened_ms - self.found.closed_ms
                number = waiting[0].connection
                said += f" {after_ms:.0f} ms after the first was closed, EventSource {number} opened."
        return f"{said} {_WHY_FEW}" if self.route == "proxy" else said

    def figure(self) -> go.Figure:
        """Draw a lane an EventSource: connecting, then open."""
        return figure_stream_lanes(self.table, self.found.closed_ms)

    def beside_jupyter(self) -> SlotWaits:
        """Compute what JupyterLab's own requests would wait if the streams went to its server."""
        limited = self.route == "direct" and any(lane.state == 0 for lane in self.found.lanes)
        return SlotWaits(self.found.together if limited else POOL_CONNECTIONS, measured=limited)


class SlotWaits(Finding):
    """What the notebook server's page would wait, computed for each number of streams.

    Args:
        limit: Connections that a page has to one server.
        measured: Whether the limit was measured in a page; else it is the usual one.
    """

    def __init__(self, limit: int, *, measured: bool) -> None:
        self.limit = limit
        self.measured = measured
        self.waits = slot_waits(limit, tuple(range(limit + 1)))

    @property
    def details(self) -> pd.DataFrame:
        """One row a number of streams and request (``describe("slot_waits")``)."""
        return slot_waits_table(self.waits)

    @property
    def table(self) -> pd.DataFrame:
        """One row a number of streams: how many requests are sent, the longest wait, and how many never are."""
        by_streams = self.details.groupby("streams")
        return pd.DataFrame(
            {
                "sent": by_streams["sent_ms"].count(),
                "longest_wait_ms": by_streams["waited_ms"].max(),
                "never_sent": by_streams["sent_ms"].agg(lambda sent: int(sent.isna().sum())),
            }
        ).reset_index()

    @property
    def text(self) -> str:
        """From how many streams on nothing else is sent."""
        whence = "measured in the page" if self.measured else "the usual number in browsers"
        return (
            f"Computed, not tried: a page has {self.limit} connections to one server ({whence}). With {self.limit} "
            "streams through the notebook server JupyterLab could not even save, without any error: its requests "
            "would wait until a stream ends."
        )

    def figure(self) -> go.Figure:
        """Draw the wait of each request for each number of streams."""
        return figure_slot_waits(self.details)


def connection_limit(page: Page, lab: Lab | None = None, *, streams: int = 8) -> ConnectionLimit:
    """Open more event streams to one lab than a page gets; then close one and see who takes its place.

    Through the notebook server it opens at most 4, so that JupyterLab goes on working.

    Args:
        page: The page, from ``rtlab.browser_lab()``.
        lab: The lab; None for the one that the page reports to.
        streams: How many to open, from 1 to 40.

    Returns:
        When each was open, and a computation of what the same would do to JupyterLab: ``beside_jupyter()``.

    Raises:
        InputError: The number is out of its range, or the page has other streams open.
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    most = MOST_PROXIED if facts.route == "proxy" else streams
    return ConnectionLimit(facts, open_streams(page, lab or page.lab, streams=min(streams, most)))
