"""``upstream()``: what a client sends while it only receives."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.upstream import WAYS, push_only
from rtlab.figures.upstream import figure_upstream
from rtlab.findings.upstream import Upstream
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import start_lab
from rtlab.tables.schema import TRANSPORT_NAMES
from rtlab.tables.serving import upstream_table
from rtlab.widgets.predict import Predict

_NO_BEAT_S = 3_600.0
"""Beats of the lab would cross, too, and an answer to each."""


class BothWays(Finding):
    """Bytes in both directions while only the server spoke.

    Args:
        found: One for each transport.
    """

    def __init__(self, found: Sequence[Upstream]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a transport (``describe("upstream")``)."""
        return upstream_table(self.found)

    @property
    def text(self) -> str:
        """The bytes as one sentence."""
        parts = "; ".join(
            f"{TRANSPORT_NAMES[each.way]}: {each.bytes_up:,} bytes from client to server while {each.received:,} "
            f"of {each.sent:,} messages came down ({each.bytes_down:,} bytes)"
            for each in self.found
        )
        return f"{parts}; under both, TCP acknowledges what it gets, which is not counted here."

    def figure(self, *, guess: Predict | float | None = None) -> go.Figure:
        """Draw the bytes in each direction.

        Args:
            guess: How many bytes the learner expects from the client of the WebSocket; an unanswered one is not
                drawn.
        """
        value = guess.value if isinstance(guess, Predict) else guess
        return figure_upstream(self.table, guess_bytes=float(value) if isinstance(value, int | float) else None)


def upstream(messages: int = 50_000, *, payload_bytes: int = 32, progress: bool = True) -> BothWays:
    """Let the server push messages to a client that says nothing, and count the bytes in both directions.

    The count begins when the line is open, and the lab sends no heartbeat meanwhile: the only thing that a client
    has to answer is a ping (RFC 6455 5.5.2).

    Args:
        messages: How many, 1 to 1,000,000, at 20,000 a second over each transport.
        payload_bytes: Size of each, 11 to 65,536.
        progress: Show a progress bar.

    Returns:
        Bytes up and down for both transports. TCP's acknowledgements are not among them.

    Raises:
        InputError: A setting is out of its range.
    """
    found = []
    lab = start_lab("upstream", isolated=True, heartbeat_s=_NO_BEAT_S, backpressure="wait")
    with ProgressBar(progress) as bar, lab:
        for done, way in enumerate(WAYS):
            bar.tell(done, len(WAYS), TRANSPORT_NAMES[way])
            found.append(push_only(lab, way, messages, payload_bytes))
    return BothWays(found)
