"""``security.hijack()``: cross-site WebSocket hijacking, really run."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.hijack import PLACES, try_hijacking, try_hijacking_from
from rtlab.figures.cross_site import figure_hijacks
from rtlab.findings.cross_site import OWN, HijackTry
from rtlab.pages.browsers import has_browser
from rtlab.pages.page import Page
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.cross_site import hijacks_table, outcomes_wide


class Hijacks(Finding):
    """What came of attempts to hijack a WebSocket.

    Args:
        tries: One for each place of the page, kind of cookie, and policy of the server.
    """

    def __init__(self, tries: Sequence[HijackTry]) -> None:
        self.tries = tuple(tries)

    @property
    def details(self) -> pd.DataFrame:
        """One row an attempt (``describe("hijacks")``)."""
        return hijacks_table(self.tries)

    @property
    def table(self) -> pd.DataFrame:
        """One row a place and cookie; a column a policy, with what came of the attempt."""
        return outcomes_wide(self.details, ("page", "cookie"), "policy")

    @property
    def text(self) -> str:
        """How many attacks succeeded against each policy."""
        foreign = [each for each in self.tries if each.page != OWN]
        parts = []
        for policy in dict.fromkeys(each.policy for each in foreign):
            tried = [each for each in foreign if each.policy == policy]
            parts.append(f"{policy}: {sum(each.read for each in tried)} of {len(tried)}")
        without = sum(not each.cookie_sent for each in foreign)
        senders = " and ".join(dict.fromkeys(each.by for each in self.tries))
        return (
            f"Pages of other origins read the victim's data: {'; '.join(parts)}. In {without} of {len(foreign)} "
            f"attempts the browser kept the cookie back. Sent by {senders}."
        )

    def figure(self) -> go.Figure:
        """Draw what came of each attempt, with a sign and words."""
        return figure_hijacks(self.details)

    def handshake(self, page: str, cookie: str, policy: str) -> bytes:
        """Give the request's head of one attempt, as the server received it.

        Args:
            page: Where the page stood, as in the table.
            cookie: The kind of cookie.
            policy: What the server checked.

        Raises:
            InputError: There was no such attempt.
        """
        for each in self.tries:
            if (each.page, each.cookie, each.policy) == (page, cookie, policy):
                return each.handshake
        tried = dict.fromkeys(each.page for each in self.tries)
        raise InputError(f"That was not tried; the pages were {', '.join(tried)}, and the rest as in the table.")


def hijack(page: Page | None = None, *, third_party_cookies: bool = True, progress: bool = True) -> Hijacks:
    """Hijack the WebSocket of a server with sessions from pages of other origins, as a foreign page would.

    All of it is on this machine. A Chromium of the kernel's own is the victim's browser; where there is none, a
    program sends what a browser would send.

    Args:
        page: The page at hand instead, from ``rtlab.browser_lab()``: it stands at another port. The victim's
            cookies stay in its browser for five minutes.
        third_party_cookies: Whether the victim's browser allows third-party cookies, as Chrome does unless its
            user says otherwise; with a page of your own the browser's setting rules.
        progress: Show a progress bar.

    Returns:
        For each place of the page, kind of cookie and policy: whether the socket opened, whether the cookie was
        sent, and whether the page read the victim's data.

    Raises:
        InputError: The page is not of this machine.
        WaitTimeout: The page does not answer.
    """
    if page:
        return Hijacks(try_hijacking_from(page))
    with ProgressBar(progress, unit="page") as bar:
        in_browser = has_browser("chromium")
        settings = {"in_browser": in_browser, "third_party_cookies": third_party_cookies}
        return Hijacks(try_hijacking(tuple(PLACES), **settings, tell=bar.tell))
