"""``browser.origins()``: where the page at hand may connect to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.origins import OPENS, try_origins
from rtlab.figures.origins import figure_reaches
from rtlab.findings.page_origins import Reach
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.servers.guards import LOOPBACK_HOSTS
from rtlab.servers.lab import Lab
from rtlab.tables.origins import reaches_table


class Origins(PageFinding):
    """What came of attempts to connect to other origins.

    Args:
        facts: What the page is.
        reaches: One for each attempt.
        permissions: The states of the browser's permissions for local addresses; None for one that it lacks.
    """

    def __init__(self, facts: PageFacts, reaches: Sequence[Reach], permissions: Mapping[str, str | None]) -> None:
        super().__init__(facts)
        self.reaches = tuple(reaches)
        self.permissions = dict(permissions)

    @property
    def table(self) -> pd.DataFrame:
        """One row an attempt (``describe("reaches")``)."""
        return reaches_table(self.reaches)

    @property
    def text(self) -> str:
        """How many attempts came through, and which rules hold for a page at this address."""
        opened = sum(1 for each in self.reaches if each.outcome == OPENS)
        unasked = sum(1 for each in self.reaches if not each.arrived)
        secure = "a secure context" if self.facts.secure else "no secure context"
        if self.facts.origin.startswith("https:"):
            mixed = "so ws and http to other machines are mixed content, which the browser stops"
        else:
            mixed = "so the rules on mixed content do not hold for it"
        is_local = urlsplit(self.facts.origin).hostname in LOOPBACK_HOSTS
        need = (
            "comes from this machine itself, and needs none"
            if is_local
            else "comes from elsewhere, and may need one"
        )
        known = ", ".join(f"{name}: {state}" for name, state in self.permissions.items() if state)
        return (
            f"{opened} of {len(self.reaches)} attempts came through; {unasked} never reached their server. "
            f"The page is at {self.facts.origin} ({secure}), {mixed}. "
            f"Permissions for local addresses: {known or 'this browser has none'}; this page {need}."
        )

    def figure(self) -> go.Figure:
        """Draw what the script saw of each attempt, and who stopped it."""
        return figure_reaches(self.table)


def origins(page: Page, *, trusted: Lab | None = None) -> Origins:
    """Try to connect from the page to servers of other origins: by WebSocket, EventSource and fetch.

    All servers are on this machine. They tell whether they were asked, so that the browser's rules can be
    told from a server's.

    Args:
        page: The page, from ``rtlab.browser_lab()``; it must reach the lab directly.
        trusted: A lab with TLS that the page's browser trusts (``browser_lab(trusted=...)``), to try that, too.

    Returns:
        What came of each attempt, and under which rule.

    Raises:
        InputError: The page reaches the lab through the notebook server.
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    return Origins(facts, try_origins(page, trusted=trusted), page.ask("facts").result()["permissions"])
