"""``idle()``: what connections cost on which nothing happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.idle_connections import COMPRESSED, FILLING, WAYS, idle_cost
from rtlab.experiments.peer_servers import installed
from rtlab.figures.idle_connections import figure_idle
from rtlab.findings.idle_connections import IdleCost
from rtlab.results.measured import Measured
from rtlab.results.peers import left_out
from rtlab.results.progress import ProgressBar
from rtlab.tables.serving import idle_table

_MOST_COMPRESSED = 200


class IdleCosts(Measured):
    """What an idle connection costs with each library.

    Args:
        found: One for each library and way.
        missing: The libraries that were left out, with the packages that they lack.
    """

    def __init__(self, found: Sequence[IdleCost], missing: Mapping[str, tuple[str, ...]]) -> None:
        self.found = tuple(found)
        self.missing = dict(missing)

    @property
    def table(self) -> pd.DataFrame:
        """One row a library and way (``describe("idle")``)."""
        return idle_table(self.found)

    @property
    def text(self) -> str:
        """Memory and files of one, as one sentence."""
        parts = [
            f"{row['library']}, {row['way']}: {row['bytes_each'] / 1_000:,.1f} kB"
            for row in self.table.to_dict("records")
        ]
        files = [each.descriptors_each for each in self.found]
        told = (
            f"Of the server's memory one idle connection takes: {'; '.join(parts)}. What the system keeps for its "
            f"socket comes on top, and at most {max(files):.2f} open files{left_out(self.missing)}."
        )
        if all(each.connections[0] >= FILLING for each in self.found if each.way != COMPRESSED):
            return told
        return (
            f"{told} That is too little memory: the first {FILLING:,} connections live in what was free anyway, "
            "and there were fewer before the first weighing."
        )

    def figure(self) -> go.Figure:
        """Draw the memory of one connection."""
        return figure_idle(self.table)


def idle(
    most: int = 2 * FILLING,
    *,
    libraries: Sequence[str] = ("rtlab", "tornado"),
    ways: Sequence[str] = (*WAYS, COMPRESSED),
    progress: bool = True,
) -> IdleCosts:
    """Open more and more connections on which nothing happens, and weigh the server.

    permessage-deflate keeps a window for each direction of each connection (its context takeover, RFC 7692 7.1.1),
    so one message goes each way first.

    Args:
        most: How many connections at the end, from 100; fewer where the system allows fewer, and at most 200
            compressed ones, whose windows take much memory.
        libraries: Any of ``"rtlab"``, ``"tornado"``, ``"aiohttp"``, ``"websockets"`` and ``"starlette"``; those
            that are not installed are left out and named.
        ways: Any of ``"sse"``, ``"websocket"`` and ``"websocket, compressed"``.
        progress: Show a progress bar.

    Returns:
        Memory and open files for one connection, from the slope over five steps.

    Raises:
        InputError: A setting cannot work.
        LabError: Not all of the connections could be opened.
    """
    there, missing = installed(libraries)
    cases = [(library, way) for library in there for way in ways if way.partition(",")[0] in library.offers]
    found = []
    with ProgressBar(progress) as bar:
        for done, (library, way) in enumerate(cases):
            bar.tell(done, len(cases), f"{library.name}, {way}")
            found.append(idle_cost(way, min(most, _MOST_COMPRESSED) if way == COMPRESSED else most, library.name))
    return IdleCosts(found, missing)
