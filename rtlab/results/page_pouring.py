"""``browser.buffered_amount()``: a script sends faster than the other side reads."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.pouring import pour
from rtlab.figures.page_sockets import figure_poured
from rtlab.findings.page_sockets import Pouring
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.tables.page_sockets import poured_table, pourings_table

_MB = 1e6


class Pourings(PageFinding):
    """How far a script came before the other side read.

    Args:
        facts: What the page is.
        found: One for each way.
    """

    def __init__(self, facts: PageFacts, found: Sequence[Pouring]) -> None:
        super().__init__(facts)
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way (``describe("pourings")``)."""
        return pourings_table(self.found)

    @property
    def details(self) -> pd.DataFrame:
        """One row a moment: what was handed over and held back (``describe("poured")``)."""
        return poured_table(self.found)

    @property
    def text(self) -> str:
        """What the script could do while nobody read."""
        rows = {row["way"]: row for row in self.table.to_dict("records")}
        socket, stream = rows["WebSocket"], rows.get("WebSocketStream")
        total_bytes = socket["messages"] * socket["size_bytes"]
        said = [
            f"WebSocket has no backpressure: send() never waited. {socket['messages']} messages, "
            f"{total_bytes / _MB:.1f} MB, were handed over in {socket['handed_ms']:.0f} ms; bufferedAmount rose to "
            f"{socket['most_held_bytes'] / _MB:.1f} MB.",
        ]
        if stream is None:
            said.append("This browser has no WebSocketStream, in which a script can wait.")
        elif stream["early_bytes"] < total_bytes:
            said.append(
                f"A WebSocketStream let the script wait: {stream['early_bytes'] / _MB:.1f} MB were handed over "
                f"before the other side read, and the last message after {stream['handed_ms']:.0f} ms."
            )
        else:
            said.append("A WebSocketStream lets a script wait, but here all was taken before the other side read.")
        if self.route == "proxy":
            said.append("The notebook server's proxy reads on for the server, so the page does not notice.")
        for way, row in rows.items():
            if row["arrived"] < row["messages"]:
                said.append(
                    f"{way}: {row['arrived']} of {row['messages']} messages arrived; the close lost the rest."
                )
        return " ".join(said)

    def figure(self) -> go.Figure:
        """Draw what was handed over and held back, over the page's time."""
        return figure_poured(self.details, self.table)


def buffered_amount(page: Page, *, size_bytes: int = 65_536, messages: int = 256, pause_s: float = 1.5) -> Pourings:
    """Let a script send many messages at once to a server that does not read for a while.

    Args:
        page: The page, from ``rtlab.browser_lab()``.
        size_bytes: The size of each message, from 1 to 1,048,576.
        messages: How many, from 1 to 10,000; 64 MiB in all at most.
        pause_s: How long the server does not read, from 0 to 20 seconds.

    Returns:
        What the script handed over and the browser held back when, with WebSocket and, where the browser has it,
        with WebSocketStream.

    Raises:
        InputError: A number is out of its range.
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    return Pourings(facts, pour(page, size_bytes=size_bytes, messages=messages, pause_s=pause_s))
