"""``browser.reply_states()``: what a page's EventSource does on each status, and what its script sees of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.page_replies import meet_situations
from rtlab.figures.status_matrix import figure_status_matrix
from rtlab.findings.page_replies import PageReply
from rtlab.pages.page import Page
from rtlab.pages.records import PageFacts
from rtlab.results.page_finding import PageFinding
from rtlab.tables.page_replies import page_replies_table
from rtlab.tables.status_matrix import status_table


class ReplyStates(PageFinding):
    """What a page's EventSource did in each situation, beside rtlab's and the standard.

    Args:
        facts: What the page is.
        replies: One for each situation.
    """

    def __init__(self, facts: PageFacts, replies: Sequence[PageReply]) -> None:
        super().__init__(facts)
        self.replies = tuple(replies)

    @property
    def details(self) -> pd.DataFrame:
        """One row a situation and client (``describe("status_matrix")``)."""
        cells = [*(reply.ours for reply in self.replies), *(reply.page for reply in self.replies)]
        return status_table(cells)

    @property
    def table(self) -> pd.DataFrame:
        """One row a situation (``describe("page_replies")``)."""
        return page_replies_table(self.replies)

    @property
    def text(self) -> str:
        """How often it came back and gave up, and whether the standard wants it so."""
        outcomes = [reply.page.outcome for reply in self.replies]
        agreeing = sum(1 for reply in self.replies if reply.page.agrees)
        others = [reply.page.situation for reply in self.replies if _differs(reply)]
        return (
            f"In {len(outcomes)} situations the page's EventSource came back by itself in "
            f"{outcomes.count('reconnects')}, followed in {outcomes.count('follows')} and gave up for good in "
            f"{outcomes.count('closes')}. {agreeing} of {len(outcomes)} are as the standard wants. "
            f"rtlab's does otherwise in {len(others)}{': ' if others else ''}{', '.join(others)}."
        )

    def figure(self) -> go.Figure:
        """Draw the matrix; red is what the standard does not want."""
        return figure_status_matrix(self.details)


def reply_states(page: Page) -> ReplyStates:
    """Let a page's EventSource meet servers that refuse, redirect, break off or cannot be trusted.

    It takes 5 to 10 seconds: browsers begin with reconnection times of 3 and 5 s. No situation leaves this machine.
    Through the notebook server four meet them at a time, and what that does not pass on is left out.

    Args:
        page: The page, from ``rtlab.browser_lab()``.

    Returns:
        The events and states that its script saw, what rtlab's EventSource did, and what the standard wants.

    Raises:
        WaitTimeout: The page does not answer.
    """
    return ReplyStates(page.facts, meet_situations(page))


def _differs(reply: PageReply) -> bool:
    # A page gets an event where a program gets an error.
    return reply.page.outcome != reply.ours.outcome.replace("raises", "closes")
