"""``security.rebinding()``: a foreign name that comes to lead to the learner's own server."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.rebinding import try_rebinding
from rtlab.figures.cross_site import figure_rebindings
from rtlab.findings.cross_site import RebindingTry
from rtlab.pages.browsers import has_browser
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.cross_site import outcomes_wide, rebindings_table


class Rebindings(Finding):
    """What a page with a rebound name could read of three labs.

    Args:
        tries: One for each lab, sender and transport.
    """

    def __init__(self, tries: Sequence[RebindingTry]) -> None:
        self.tries = tuple(tries)

    @property
    def details(self) -> pd.DataFrame:
        """One row an attempt (``describe("rebindings")``)."""
        return rebindings_table(self.tries)

    @property
    def table(self) -> pd.DataFrame:
        """One row a lab and sender; a column a transport, with what came of the attempt."""
        return outcomes_wide(self.details, ("server", "by"), "transport")

    @property
    def text(self) -> str:
        """How many attempts read from which lab."""
        parts = []
        for server in dict.fromkeys(each.server for each in self.tries):
            tried = [each for each in self.tries if each.server == server]
            parts.append(f"{server}: {sum(each.read for each in tried)} of {len(tried)}")
        return (
            f"Read under a foreign name: {'; '.join(parts)}. The naive lab checks Origin, which does not help: the "
            "page's origin and Host name the same server. The check of Host does."
        )

    def figure(self) -> go.Figure:
        """Draw what could be read, with a sign and a word."""
        return figure_rebindings(self.details)

    def request(self, server: str, transport: str) -> bytes:
        """Give the request's head of one attempt, as it went to the lab; the last sender's.

        Args:
            server: ``"naive"``, ``"fixed"`` or ``"default lab"``.
            transport: ``"sse"`` or ``"websocket"``.

        Raises:
            InputError: There was no such attempt.
        """
        for each in reversed(self.tries):
            if (each.server, each.transport) == (server, transport):
                return each.request
        raise InputError(
            "That was not tried; the servers are naive, fixed and default lab, over sse and websocket."
        )


def rebinding(*, progress: bool = True) -> Rebindings:
    """Reach labs on this machine from a page of a foreign name that comes to lead here.

    A program plays the page, and after that a Chromium of the kernel's own, if there is one. No name server is
    asked: one port stands for the name, and passes the page's requests on to the attacker's server first and to the
    lab from then on.

    Args:
        progress: Show a progress bar.

    Returns:
        What the page could read of a lab without the check of ``Host``, with that check alone, and as
        ``start_lab()`` makes it.
    """
    tries = try_rebinding(in_browser=False)
    if has_browser("chromium"):
        with ProgressBar(progress, unit="lab") as bar:
            tries += try_rebinding(in_browser=True, tell=bar.tell)
    return Rebindings(tries)
