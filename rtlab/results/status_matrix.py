"""``status_matrix()``: what each client does when a server refuses, redirects, breaks off, or is not there."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.conformance.browser_records import status_records
from rtlab.experiments.status_matrix import watch_clients
from rtlab.experiments.status_trials import recorded_cells
from rtlab.figures.status_matrix import figure_status_matrix
from rtlab.findings.reconnection import StatusCell
from rtlab.loop_thread import shared
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.status_matrix import status_table, status_wide

BREAKS = ("opens, then ends", "opens, then is reset")
"""The situations in which a client is left by a server that it had."""


class StatusMatrix(Finding):
    """What each client does in each situation.

    Args:
        cells: One for each situation and client.
    """

    def __init__(self, cells: Sequence[StatusCell]) -> None:
        self.cells = tuple(cells)

    @property
    def details(self) -> pd.DataFrame:
        """One row a situation and client (``describe("status_matrix")``)."""
        return status_table(self.cells)

    @property
    def table(self) -> pd.DataFrame:
        """What was done: one row a situation, one column a client; ``✗`` marks what the standard does not want."""
        return status_wide(self.details)

    @property
    def text(self) -> str:
        """How many do what the standard wants, and who comes back to a server that broke off."""
        agreeing = sum(1 for cell in self.cells if cell.agrees)
        said = [f"In {agreeing} of {len(self.cells)} cells the client does what the standard wants."]
        if {cell.situation for cell in self.cells} >= set(BREAKS):
            said.append(f"After an end and after a reset alike, by themselves came back: {self._who_comes_back()}.")
        records = dict.fromkeys(cell.source for cell in self.cells if cell.source != "here")
        return " ".join([*said, *(f"{source}." for source in records)])

    def _who_comes_back(self) -> str:
        parts = []
        for protocol, name in (("sse", "clients of event streams"), ("websocket", "WebSocket clients")):
            clients = dict.fromkeys(cell.client for cell in self.cells if cell.protocol == protocol)
            back = [client for client in clients if self._comes_back(client)]
            named = f" ({', '.join(back)})" if back else ""
            if clients:
                parts.append(f"{len(back)} of {len(clients)} {name}{named}")
        return "; ".join(parts)

    def _comes_back(self, client: str) -> bool:
        outcomes = [cell.outcome for cell in self.cells if cell.client == client and cell.situation in BREAKS]
        return set(outcomes) == {"reconnects"}

    def figure(self) -> go.Figure:
        """Draw the matrix; red is what the standard does not want."""
        return figure_status_matrix(self.details)


def status_matrix(
    clients: Sequence[str] | None = None,
    situations: Sequence[str] | None = None,
    *,
    browsers: bool = True,
    progress: bool = True,
) -> StatusMatrix:
    """Put each client before servers that refuse, redirect, break off or cannot be trusted, and see what it does.

    Each client is used as its own manual shows it, and is watched for a second or a few. No situation leaves this
    machine: names that cannot be are looked up here.

    Args:
        clients: Such as ``"rtlab EventSource"``; None for all that are installed.
        situations: Such as ``"503 Service Unavailable"``; None for all.
        browsers: Show beside them what browsers did when they were recorded.
        progress: Show a progress bar.

    Returns:
        What each did, what the standard wants, and whether the two agree.

    Raises:
        InputError: There is no such client or situation, or a client is not installed.
    """
    with ProgressBar(progress) as bar:
        shared.hold()
        try:
            found = watch_clients(clients, situations, progress=bar.tell)
        finally:
            shared.release()
    met = {cell.situation for cell in found}
    recorded = [
        cell
        for record in (status_records() if browsers else ())
        for cell in recorded_cells(record.cells, record.source)
        if cell.situation in met
    ]
    cells = [*found, *recorded]
    order = {protocol: place for place, protocol in enumerate(("sse", "websocket"))}
    return StatusMatrix(sorted(cells, key=lambda cell: order[cell.protocol]))
