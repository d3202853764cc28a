"""``losses()``: what each pair of a server and a client design loses while the line is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.listeners import DESIGNS
from rtlab.experiments.losses import SERVERS, count_losses
from rtlab.figures.losses import figure_losses
from rtlab.findings.simplicity import Loss
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import Lab, start_lab
from rtlab.tables.losses import losses_table


class Losses(Finding):
    """What became of every message, for each server and client design.

    Args:
        found: One for each pair.
    """

    def __init__(self, found: Sequence[Loss]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a pair (``describe("losses")``)."""
        return losses_table(self.found)

    @property
    def dull(self) -> list[str]:
        """The seed, if there was but one; and what happened nowhere."""
        table = self.table
        nothing = [name for name in ("doubled", "out_of_order") if not table[name].any()]
        return ["seed"] * (table["seed"].nunique() == 1) + nothing

    @property
    def text(self) -> str:
        """Who lost nothing, as one sentence."""
        whole = [loss for loss in self.found if loss.account.lost == 0]
        cuts = max((loss.cuts for loss in self.found), default=0)
        names = " and ".join(f"{loss.client} ({loss.server})" for loss in whole)
        doubled = sum(loss.account.doubled for loss in self.found)
        disorder = sum(loss.account.out_of_order for loss in self.found)
        return (
            f"With up to {cuts} cuts of an open line, {len(whole)} of {len(self.found)} pairs of client and server "
            f"lost nothing{f': {names}' if names else ''}. Came twice: {doubled}; came out of order: {disorder}."
        )

    def figure(self) -> go.Figure:
        """Draw what was delivered, lost and doubled."""
        return figure_losses(self.table)


def losses(
    lab: Lab | None = None,
    *,
    events: int = 1_000,
    cuts: int = 5,
    rate_per_s: float = 1_000.0,
    seed: int = 1,
    clients: Sequence[str] = tuple(DESIGNS),
    progress: bool = True,
) -> Losses:
    """Cut the line again and again while numbered messages flow, and account for every message.

    All clients hear the same messages through one relay and suffer the same cuts. Without a lab, four labs are
    tried in turn: without ids, with ids alone, with a history that is too short, and with one that is long enough.

    Args:
        lab: The running lab to try, as it was started (``ids``, ``history_messages``, ``retry_ms``), or None.
        events: How many messages, 10 to 100,000.
        cuts: How often all lines are cut, 0 to 1,000.
        rate_per_s: How many messages a second; one lab may take 300 s.
        seed: Chooses the moments of the cuts.
        clients: Any of ``"EventSource"``, ``"sseclient-py"``, ``"WebSocket"``, ``"WebSocket, reopened"`` and
            ``"WebSocket, resumed"``.
        progress: Show a progress bar.

    Returns:
        Messages delivered, lost, doubled and out of order, and the times to recover, for each pair.

    Raises:
        InputError: A setting is out of its range.
        LabNotRunning: The lab was stopped.
        WaitTimeout: A client that comes back did not.
    """

    def one(here: Lab, server: str) -> tuple[Loss, ...]:
        return count_losses(
            here, server, events=events, cuts=cuts, rate_per_s=rate_per_s, seed=seed, designs=clients
        )

    if lab is not None:
        return Losses(one(lab, lab.name))
    found: list[Loss] = []
    with ProgressBar(progress) as bar:
        for done, (server, resumption) in enumerate(SERVERS.items()):
            bar.tell(done, len(SERVERS), server)
            with start_lab(f"losses, {server}", **asdict(resumption)) as started:
                found += one(started, server)
    return Losses(found)
