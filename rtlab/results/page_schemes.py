"""``browser.schemes()``: may an https page open ws, and an http page wss?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.page_schemes import OTHER_NAME, try_schemes
from rtlab.figures.page_schemes import figure_schemes
from rtlab.findings.page_schemes import SchemeTry
from rtlab.pages.records import PageFacts
from rtlab.results.browser_lab import browser_lab
from rtlab.results.page_finding import PageFinding
from rtlab.servers.lab import start_lab
from rtlab.tables.page_schemes import scheme_tries_table, schemes_wide

_LAB = "page schemes"


class Schemes(PageFinding):
    """What pages loaded over http and over https could open.

    Args:
        facts: What the page loaded over https was.
        tries: One for each page and target.
    """

    def __init__(self, facts: PageFacts, tries: Sequence[SchemeTry]) -> None:
        super().__init__(facts)
        self.tries = tuple(tries)

    @property
    def details(self) -> pd.DataFrame:
        """One row an attempt (``describe("scheme_tries")``)."""
        return scheme_tries_table(self.tries)

    @property
    def table(self) -> pd.DataFrame:
        """One row a target: what the script of each page saw."""
        return schemes_wide(self.details)

    @property
    def text(self) -> str:
        """What was stopped, and from where."""
        parts = []
        for page in dict.fromkeys(each.page for each in self.tries):
            own = [each for each in self.tries if each.page == page]
            stopped = [each.target for each in own if not each.opened]
            parts.append(f"From the {page} page {len(own) - len(stopped)} of {len(own)} opened")
            if stopped:
                parts[-1] += f"; stopped: {', '.join(stopped)}"
        return f"{'. '.join(parts)}. {OTHER_NAME} stands for any other host; here it leads to this machine."

    def figure(self) -> go.Figure:
        """Draw what each page's script saw; red is what was stopped."""
        return figure_schemes(self.details)


def schemes() -> Schemes:
    """Open plain and secured connections from a page loaded over http and from one loaded over https.

    Both pages are in a Chromium, Chrome or Edge of the kernel's own, which trusts a lab with TLS.

    Returns:
        What the script of each page saw of each target.

    Raises:
        MissingExtra: No such browser is installed.
    """
    tries: list[SchemeTry] = []
    with start_lab(_LAB) as plain, start_lab(f"{_LAB}, TLS", tls=True) as secured:
        for home in (plain, secured):
            page = browser_lab(home, browser="chromium", trusted=secured)
            try:
                facts = page.facts
                tries += try_schemes(page, plain, secured)
            finally:
                page.close()
    return Schemes(facts, tries)
