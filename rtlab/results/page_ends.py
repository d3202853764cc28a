"""``browser.close_codes()``: what both sides see when a WebSocket ends."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.socket_ends import end_sockets
from rtlab.figures.page_sockets import figure_socket_ends
from rtlab.findings.page_sockets import SocketEnd
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.tables.page_sockets import socket_ends_table


class SocketEnds(PageFinding):
    """What was said when a WebSocket ended, and what was seen.

    Args:
        facts: What the page is.
        ends: One for each way to end it.
    """

    def __init__(self, facts: PageFacts, ends: Sequence[SocketEnd]) -> None:
        super().__init__(facts)
        self.ends = tuple(ends)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way to end it (``describe("socket_ends")``)."""
        return socket_ends_table(self.ends)

    @property
    def dull(self) -> list[str]:
        """Whether the standards say so, if all ends are as they say: the sentence tells it."""
        return ["as_standards"] if self.table["as_standards"].all() else []

    @property
    def text(self) -> str:
        """How many ends were seen as they were said, and what the browser refused."""
        table = self.table
        done = table[table["refused"] == ""]
        agreeing = int(done["as_standards"].sum())
        said = [f"{agreeing} of {len(done)} ends were seen by both sides as the standards say."]
        if agreeing == len(done):
            said.append("A close without a code is seen as 1005, a cut line as 1006; neither is ever sent.")
        elif self.route == "proxy":
            said.append(
                "The proxy passes on no code and no reason: through it nobody can tell one end from another."
            )
        refused = "; ".join(table.loc[table["refused"] != "", "said"])
        if refused:
            said.append(f"close() threw an exception for {refused}: a script may say 1000, or 3000 to 4999.")
        return " ".join(said)

    def figure(self) -> go.Figure:
        """Draw what each side saw; red is what the standards do not say."""
        return figure_socket_ends(self.table)


def close_codes(page: Page) -> SocketEnds:
    """End WebSockets from both sides with codes that may be said, with none, by a cut, and with forbidden codes.

    Args:
        page: The page, from ``rtlab.browser_lab()``.

    Returns:
        What the page and the lab's side saw of each end.

    Raises:
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    return SocketEnds(facts, end_sockets(page))
