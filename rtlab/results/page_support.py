"""``browser.support()``: what this browser has, beside what is published."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.capabilities import look_for_capabilities
from rtlab.figures.origins import figure_browser_has
from rtlab.findings.page_origins import Capability
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.resources import data_path
from rtlab.results.page_finding import PageFinding
from rtlab.servers.lab import Lab
from rtlab.tables.browser_support import browser_support_table
from rtlab.tables.origins import browser_has_table


class Support(PageFinding):
    """What a browser has, measured and published.

    Args:
        facts: What the page is.
        found: One for each feature.
    """

    def __init__(self, facts: PageFacts, found: Sequence[Capability]) -> None:
        super().__init__(facts)
        self.found = tuple(found)

    @property
    def published(self) -> pd.DataFrame:
        """What is published on all browsers, with sources (``describe("browser_support")``)."""
        return browser_support_table(json.loads(data_path("browsers", "support.json").read_text("utf-8")))

    @property
    def table(self) -> pd.DataFrame:
        """One row a feature (``describe("browser_has")``)."""
        name = self.facts.browser.split()[0]
        return browser_has_table(self.found, self.published, "Chrome" if name == "Chromium" else name)

    @property
    def text(self) -> str:
        """What is there, what is not, and where the published data says something else."""
        table = self.table
        lacking = [each.feature for each in self.found if each.here is False]
        unseen = [each.feature for each in self.found if each.here is None]
        parted = list(table.loc[~table["agrees"].fillna(True), "feature"])
        there = sum(1 for each in self.found if each.here)
        said = [f"{self.facts.browser} has {there} of these {len(self.found)} features."]
        if lacking:
            said.append(f"It lacks: {', '.join(lacking)}.")
        if unseen:
            said.append(f"Not seen here: {', '.join(unseen)}.")
        said.append(
            f"The published data says something else of {', '.join(parted)}."
            if parted
            else "The published data says the same, where it says anything."
        )
        return " ".join(said)

    def figure(self) -> go.Figure:
        """Draw what is there beside what is published."""
        return figure_browser_has(self.table, self.facts.browser)


def support(page: Page, *, trusted: Lab | None = None) -> Support:
    """Ask this browser what it has, and hold it against published data.

    Args:
        page: The page, from ``rtlab.browser_lab()``.
        trusted: A lab with HTTP/2 that the page's browser trusts (``browser_lab(trusted=...)``), to see whether
            WebSockets use HTTP/2.

    Returns:
        Each feature, as measured here and as published, with the versions of other browsers beside it.

    Raises:
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    return Support(facts, look_for_capabilities(page, trusted=trusted))
