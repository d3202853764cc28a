"""``browser.fetch_stream()``: what a page gets by ``fetch`` and a stream reader, and what it then does by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.page_fetch import try_features
from rtlab.figures.page_fetch import figure_abilities
from rtlab.findings.page_fetch import Ability
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.tables.page_fetch import abilities_table, abilities_wide


class FetchStream(PageFinding):
    """What EventSource and fetch can do in a page.

    Args:
        facts: What the page is.
        abilities: Two for each feature.
    """

    def __init__(self, facts: PageFacts, abilities: Sequence[Ability]) -> None:
        super().__init__(facts)
        self.abilities = tuple(abilities)

    @property
    def details(self) -> pd.DataFrame:
        """One row a feature and client (``describe("abilities")``)."""
        return abilities_table(self.abilities)

    @property
    def table(self) -> pd.DataFrame:
        """One row a feature: what EventSource does, and what fetch does."""
        return abilities_wide(self.details)

    @property
    def text(self) -> str:
        """What only one of them can do."""
        can: dict[tuple[str, str], bool] = {(each.feature, each.client): each.can for each in self.abilities}
        features = list(dict.fromkeys(each.feature for each in self.abilities))
        alone = {
            client: [name for name in features if can[name, client] and not can[name, other]]
            for client, other in (("EventSource", "fetch"), ("fetch", "EventSource"))
        }
        return " ".join(f"Only {client} can: {'; '.join(names) or 'nothing'}." for client, names in alone.items())

    def figure(self) -> go.Figure:
        """Draw the matrix of features."""
        return figure_abilities(self.details)


def fetch_stream(page: Page) -> FetchStream:
    """Read a stream by EventSource and by fetch, and try what each of them can do.

    A server of the kernel's own plays the other side, and notes what it is asked.

    Args:
        page: The page, from ``rtlab.browser_lab()``.

    Returns:
        Feature by feature, yes or no, and what was seen.

    Raises:
        WaitTimeout: The page does not answer.
    """
    return FetchStream(page.facts, try_features(page))
