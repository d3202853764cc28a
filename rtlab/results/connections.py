"""What connections are needed, what waits for them, and what those who share one have in common."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.request_spans import figure_request_spans
from rtlab.findings.protocol import ConnectionCount, RequestSpan, Standstill
from rtlab.results.direction import Finding
from rtlab.tables.protocol import connection_counts_table, request_spans_table, standstills_table


class Counts(Finding):
    """How many connections and requests clients needed.

    Args:
        counts: One for each trial.
    """

    def __init__(self, counts: Sequence[ConnectionCount]) -> None:
        self.counts = tuple(counts)

    @property
    def table(self) -> pd.DataFrame:
        """One row a trial (``describe("connection_counts")``)."""
        return connection_counts_table(self.counts)

    @property
    def text(self) -> str:
        """The trials in words, as one sentence."""
        parts = (
            f"{each.way}, clients {each.clients}, cuts {each.cuts}, connections {each.connections}"
            for each in self.counts
        )
        return f"{'; '.join(parts)}."


class Waits(Finding):
    """When requests were wanted, sent and answered.

    Args:
        spans: One for each request.
    """

    def __init__(self, spans: Sequence[RequestSpan]) -> None:
        self.spans = tuple(spans)

    @property
    def table(self) -> pd.DataFrame:
        """One row a request (``describe("request_spans")``)."""
        return request_spans_table(self.spans)

    @property
    def text(self) -> str:
        """Who waited for a connection, as one sentence."""
        late = [each.request for each in self.spans if each.sent_ms - each.wanted_ms > 10]
        return f"Waited for a connection: {', '.join(late) or 'none'}."

    def figure(self) -> go.Figure:
        """Draw a bar a request."""
        return figure_request_spans(self.table)


class Standstills(Finding):
    """What streams got while something on their HTTP/2 connection stood still.

    Args:
        found: One for each trial.
    """

    def __init__(self, found: Sequence[Standstill]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a trial (``describe("standstills")``)."""
        return standstills_table(self.found)

    @property
    def text(self) -> str:
        """Who got messages meanwhile, as one sentence."""
        parts = (
            f"{each.what}, connections {each.connections}: {each.meanwhile} of {each.streams}"
            for each in self.found
        )
        return f"Got their message while something stood still: {'; '.join(parts)}."
