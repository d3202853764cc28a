"""``browser.background()``: what becomes of a page that nobody sees."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from IPython.display import HTML, display

from rtlab.experiments.background import is_own, watch_page
from rtlab.figures.background import figure_background
from rtlab.findings.page_background import PageWatch
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.tables.background import HIDDEN, background_table, beats_table

_ASK = "Change to another tab of this browser window now, and come back in {:.0f} seconds."


class Background(PageFinding):
    """What came in a page while it was shown and while it was hidden.

    Args:
        facts: What the page is.
        watch: What was seen.
    """

    def __init__(self, facts: PageFacts, watch: PageWatch) -> None:
        super().__init__(facts)
        self.watch = watch

    @property
    def table(self) -> pd.DataFrame:
        """One row a timer or connection, and state of the page (``describe("background")``)."""
        return background_table(self.watch)

    @property
    def details(self) -> pd.DataFrame:
        """One row for each tick and message (``describe("beats")``)."""
        return beats_table(self.watch)

    @property
    def text(self) -> str:
        """How often each came while the page was hidden."""
        rows = self.table
        hidden = rows[rows["page"] == HIDDEN]
        if not len(hidden):
            return "The page stayed visible, so nothing was slowed down: run it again and change to another tab."
        seconds = hidden["seconds"].iloc[0]
        rates = zip(hidden["lane"], hidden["per_s"], strict=True)
        said = "; ".join(f"{lane}: {per_s:.1f} a second" for lane, per_s in rates)
        return (
            f"While the page was hidden for {seconds:.1f} s: {said}. Messages keep coming, and timers "
            "are slowed down. Some browsers slow them down further after minutes; that was not measured."
        )

    def figure(self) -> go.Figure:
        """Draw each tick and each message; the time hidden is shaded."""
        return figure_background(self.details, self.table, self.watch.hidden_ms)


def background(page: Page, *, seconds: float = 12.0) -> Background:
    """Watch timers and messages of a page that is hidden for part of the time.

    A browser of the kernel's own hides its page by itself. In a notebook's page, change to another tab meanwhile.

    Args:
        page: The page, from ``rtlab.browser_lab()``.
        seconds: How long to watch, from 4 to 300.

    Returns:
        How often each came while the page was visible and while it was hidden.

    Raises:
        InputError: ``seconds`` is out of its range.
        WaitTimeout: The page does not answer.
    """
    facts = page.facts
    if not is_own(page):
        display(HTML(f'<p role="status">{_ASK.format(seconds / 2)}</p>'))  # type: ignore[no-untyped-call]
    return Background(facts, watch_page(page, seconds=seconds))
