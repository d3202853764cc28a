"""``peers()``: the same work with several libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.libraries import measure_libraries
from rtlab.experiments.peer_servers import LIBRARIES, installed
from rtlab.figures.peers import figure_peers
from rtlab.findings.performance import Drained
from rtlab.results.measured import Measured
from rtlab.results.progress import ProgressBar
from rtlab.results.speeds import client_note
from rtlab.tables.serving import peers_table


class Peers(Measured):
    """How fast several libraries did the same work.

    Args:
        found: One for each library, transport and repeat.
        missing: The libraries that were left out, with the packages that they lack.
    """

    def __init__(self, found: Sequence[Drained], missing: Mapping[str, tuple[str, ...]]) -> None:
        self.found = tuple(found)
        self.missing = dict(missing)

    @property
    def table(self) -> pd.DataFrame:
        """One row a library and transport (``describe("peers")``), the fastest library first."""
        return peers_table(self.found)

    @property
    def library_factor(self) -> float:
        """How far two libraries differ on the same transport: the geometric mean over all pairs."""
        return self._factor("transport", "library")

    @property
    def transport_factor(self) -> float:
        """How far the two transports differ within the same library: the geometric mean over the libraries."""
        return self._factor("library", "transport")

    def _factor(self, same: str, other: str) -> float:
        rates = self.table.pivot(index=same, columns=other, values="deliveries_per_s").to_numpy()
        ratios = [abs(np.log(a / b)) for row in rates for a, b in combinations(row[~np.isnan(row)], 2)]
        return float(np.exp(np.mean(ratios))) if ratios else np.nan

    @property
    def text(self) -> str:
        """What matters more, and who was left out, as one sentence."""
        return (
            f"Two libraries differ by a factor of {self.library_factor:.2f} on the same transport, the two "
            f"transports by {self.transport_factor:.2f} within the same library (geometric means over all pairs)"
            f"{left_out(self.missing)}.{client_note([self.found])}"
        )

    def figure(self) -> go.Figure:
        """Draw the rates with their intervals."""
        return figure_peers(self.table)


def left_out(missing: Mapping[str, tuple[str, ...]]) -> str:
    """Name the libraries that are not installed; empty if there is none."""
    lacking = "; ".join(f"{name}, for want of {' and '.join(packages)}" for name, packages in missing.items())
    return f"; left out: {lacking} (pip install 'rtlab[league]')" if lacking else ""


def peers(
    connections: int = 100,
    payload_bytes: int = 32,
    *,
    libraries: Sequence[str] = tuple(LIBRARIES),
    seconds: float = 0.6,
    repeats: int = 3,
    progress: bool = True,
) -> Peers:
    """Give several libraries the same work: to send as fast as all of their connections take it.

    Each is used the way its own documentation teaches it, and that is the point: what most published comparisons of
    the two protocols measure is this. Server and client are processes of their own, which take turns. rtlab writes
    each message once and sends the same bytes to all; its events have ids, those of the others have none.

    Args:
        connections: How many connections receive, 1 to 1,000.
        payload_bytes: Size of each payload, 11 to 65,536.
        libraries: Any of ``"rtlab"``, ``"tornado"``, ``"aiohttp"``, ``"websockets"`` and ``"starlette"``; those
            that are not installed are left out and named.
        seconds: How long each run counts, 0.1 to 30.
        repeats: How often each is measured, 1 to 100; three or more for an interval that says something.
        progress: Show a progress bar.

    Returns:
        Rates and processor time by library and transport, and whether the library or the transport matters more.

    Raises:
        InputError: A setting is out of its range.
        LabError: A server or the client failed.
    """
    there, missing = installed(libraries)
    with ProgressBar(progress) as bar:
        found = measure_libraries(
            there,
            connections=connections,
            payload_bytes=payload_bytes,
            seconds=seconds,
            repeats=repeats,
            progress=bar.tell,
        )
    return Peers(found, missing)
