"""``programs()``: how much has to be written for each protocol, and which faults it survives."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.program_sizes import LEVELS, program_sizes
from rtlab.experiments.programs import FAULTS, try_fault
from rtlab.figures.programs import figure_programs
from rtlab.findings.programs import ProgramSize, Trial
from rtlab.resources import data_path
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.programs import program_sizes_table, program_trials_table, programs_table

_NAMES = {"sse": "SSE", "websocket": "WebSocket"}


class Programs(Finding):
    """What was written, and what it survived.

    Args:
        sizes: One for each part of a program.
        trials: One for each pair of programs and fault.
    """

    def __init__(self, sizes: Sequence[ProgramSize], trials: Sequence[Trial]) -> None:
        self._sizes = tuple(sizes)
        self._trials = tuple(trials)

    @property
    def table(self) -> pd.DataFrame:
        """One row a pair of server and client, with an outcome for each fault (``describe("programs")``)."""
        return programs_table(self._sizes, self._trials)

    @property
    def dull(self) -> list[str]:
        """The columns of faults that were not tried."""
        table = self.table
        return [name for name in map(str, table) if table[name].isna().all()]

    @property
    def sizes(self) -> pd.DataFrame:
        """One row a server or client (``describe("program_sizes")``)."""
        return program_sizes_table(self._sizes)

    @property
    def trials(self) -> pd.DataFrame:
        """One row a fault and pair, with what was lost and what else was seen (``describe("program_trials")``)."""
        return program_trials_table(self._trials)

    @property
    def text(self) -> str:
        """Lines and survived faults in a sentence, and what it does not tell."""
        rows = self.table.to_dict("records")
        parts = [
            f"{level} "
            + " and ".join(
                f"{row['passed']} ({_NAMES[row['protocol']]}, {row['lines']} lines)"
                for row in rows
                if row["level"] == level
            )
            for level in dict.fromkeys(row["level"] for row in rows)
        ]
        return (
            f"Of {rows[0]['tried']} faults the programs survived: {', '.join(parts)}. These are Python programs: a "
            "browser's EventSource reconnects and resumes without a line."
        )

    def figure(self) -> go.Figure:
        """Draw lines, branches and survived faults side by side."""
        return figure_programs(self.table)


def programs(faults: Sequence[str] | None = None, *, progress: bool = True) -> Programs:
    """Count what has to be written for SSE and for WebSocket, and do harm to it.

    There is a pair of programs for each protocol, server and client, at two levels: ``bare``, the least that works,
    and ``robust``, with reconnecting, resuming, heartbeat, login and bounded memory. :func:`source` shows them. All
    go through the same faults, each pair as two processes with a relay between them. The clients are Python
    programs, with the libraries that are used most: neither sseclient-py nor a plain websocket-client comes back by
    itself, while a browser's EventSource does.

    Args:
        faults: Any of ``"cut line"``, ``"half-open line"``, ``"server restart"``, ``"slow readers"``,
            ``"wrong token"``, ``"server exception"``; all if None.
        progress: Show a progress bar.

    Returns:
        Lines, branches and what became of each fault.

    Raises:
        InputError: There is no such fault.
        LabError: A program did not start.
    """
    folder, chosen = data_path("reference_programs"), tuple(FAULTS if faults is None else faults)
    if not chosen or not set(chosen) <= FAULTS.keys():
        raise InputError(f"faults: a list of some of {', '.join(map(repr, FAULTS))}; not {faults!r}.")
    sizes = program_sizes(folder)
    pairs = tuple(dict.fromkeys((size.protocol, size.level) for size in sizes))
    trials: list[Trial] = []
    with ProgressBar(progress) as bar:
        for done, fault in enumerate(chosen):
            bar.tell(done, len(chosen), fault)
            trials += try_fault(folder, fault, pairs)
    return Programs(sizes, trials)


def source(protocol: str, level: str, part: str) -> str:
    """Show the text of one reference program.

    Args:
        protocol: ``"sse"`` or ``"websocket"``.
        level: ``"bare"`` or ``"robust"``.
        part: ``"server"`` or ``"client"``.

    Returns:
        The program.

    Raises:
        InputError: There is no such program.
    """
    if protocol not in _NAMES or level not in LEVELS or part not in ("server", "client"):
        raise InputError("A program is sse or websocket, bare or robust, and server or client.")
    return data_path("reference_programs", protocol, level, f"{part}.py").read_text(encoding="utf-8")
