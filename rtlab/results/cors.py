"""``security.cors()``: event streams of another origin, with and without credentials."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.cross_origin_streams import try_cors
from rtlab.figures.cross_site import figure_cors
from rtlab.findings.cross_site import CorsTry
from rtlab.pages.browsers import has_browser
from rtlab.pages.page import Page
from rtlab.results.direction import Finding
from rtlab.tables.cross_site import cors_table, outcomes_wide


class CrossOriginStreams(Finding):
    """What a page could read of event streams of another origin.

    Args:
        tries: One for each server and client.
    """

    def __init__(self, tries: Sequence[CorsTry]) -> None:
        self.tries = tuple(tries)

    @property
    def details(self) -> pd.DataFrame:
        """One row an attempt (``describe("cors")``)."""
        return cors_table(self.tries)

    @property
    def table(self) -> pd.DataFrame:
        """One row a server; a column a client, with what came of the attempt."""
        return outcomes_wide(self.details, ("server",), "client")

    @property
    def text(self) -> str:
        """What arrived, what could be read, and what gives everything away."""
        arrived = sum(each.arrived for each in self.tries)
        stopped = [each for each in self.tries if not each.readable]
        with_cookie = sum(each.cookie_sent for each in stopped)
        open_to_all = dict.fromkeys(each.server for each in self.tries if each.private and each.anyone)
        given = f" Any site can read as the victim where the server allows: {', '.join(open_to_all)}." * bool(
            open_to_all
        )
        return (
            f"{arrived} of {len(self.tries)} requests reached their server. {len(stopped)} answers were kept from "
            f"the page's script, {with_cookie} of them to requests with the cookie.{given} "
            f"Sent by {' and '.join(dict.fromkeys(each.by for each in self.tries))}."
        )

    def figure(self) -> go.Figure:
        """Draw what could be read, with a sign and words."""
        return figure_cors(self.details)

    def exchange(self, server: str, client: str) -> bytes:
        """Give the request's head of one attempt, and what the answer said on CORS.

        Args:
            server: What the server allows, as in the table.
            client: What the page used.

        Raises:
            InputError: There was no such attempt.
        """
        for each in self.tries:
            if (each.server, each.client) == (server, client):
                return each.request + each.allowed
        tried = dict.fromkeys(each.server for each in self.tries)
        raise InputError(f"That was not tried; the servers were {'; '.join(tried)}.")


def cors(page: Page | None = None) -> CrossOriginStreams:
    """Read event streams of another origin, whose servers say different things on CORS.

    The page is at another port of this machine, and its user is signed in at the server. A Chromium of the kernel's
    own shows it; where there is none, a program sends what a browser would send, and judges as one.

    Args:
        page: The page at hand instead, from ``rtlab.browser_lab()``. The server's cookies stay in its browser for
            five minutes.

    Returns:
        For each server and client: whether the script could read, whether the cookie was sent, and whether the
        request reached the server.

    Raises:
        InputError: The page is not of this machine.
        WaitTimeout: The page does not answer.
    """
    return CrossOriginStreams(try_cors(page, in_browser=has_browser("chromium")))
