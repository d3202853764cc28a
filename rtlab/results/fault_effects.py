"""``fault_effects()``: what a fault does to an event stream and to a WebSocket, before, while and after."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.fault_effect import RUNS, fault_effect
from rtlab.figures.fault_effects import figure_fault_effects
from rtlab.findings.faults import FaultEffect
from rtlab.network.faults.fault import Fault
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import Lab
from rtlab.tables.fault_effects import fault_arrivals_table, fault_effects_table
from rtlab.tables.schema import TRANSPORT_NAMES
from rtlab.workload import Workload


class FaultEffects(Finding):
    """What a fault did to each transport.

    Args:
        effects: One for each run and transport.
        faults: What happened on the line.
        on_s: When they came, from the start of the workload.
        off_s: When they went.
    """

    def __init__(self, effects: Sequence[FaultEffect], faults: Sequence[Fault], on_s: float, off_s: float) -> None:
        self.effects = tuple(effects)
        self.faults = tuple(faults)
        self.on_s, self.off_s = on_s, off_s

    @property
    def arrivals(self) -> pd.DataFrame:
        """One row a message, run and transport (``describe("fault_arrivals")``)."""
        return fault_arrivals_table(self.effects)

    @property
    def table(self) -> pd.DataFrame:
        """One row a transport and run (``describe("fault_effects")``)."""
        return fault_effects_table(self.arrivals)

    @property
    def text(self) -> str:
        """What was lost and how late the rest was, as one sentence."""
        rows = [row for row in self.table.to_dict("records") if row["run"] == "with"]
        parts = (
            f"{TRANSPORT_NAMES[row['transport']]} lost {row['lost']} of {row['sent']} messages"
            + (f", and the oldest was {row['oldest_ms']:,.0f} ms old" if row["lost"] < row["sent"] else "")
            for row in rows
        )
        return f"With {', '.join(map(repr, self.faults)) or 'no fault'}: {'; '.join(parts)}."

    def figure(self) -> go.Figure:
        """Draw what had arrived at each moment, with the fault and without."""
        names = " + ".join(type(fault).__name__ for fault in self.faults) or "No fault"
        title = f"{names}: what arrived when"
        return figure_fault_effects(self.arrivals, on_s=self.on_s, off_s=self.off_s, title=title)


def fault_effects(
    lab: Lab,
    *faults: Fault,
    workload: Workload | None = None,
    on_s: float = 1.0,
    off_s: float = 2.0,
    cuts: bool = False,
    seed: int = 0,
    progress: bool = True,
) -> FaultEffects:
    """Switch faults on and off while messages flow, and show what arrives when over both protocols.

    Args:
        lab: The running lab, without TLS.
        *faults: What happens on the line, such as ``Stall()``.
        workload: The messages; None means 60 in 3 s. It lasts 60 s at most.
        on_s: When the faults come, from the start of the workload.
        off_s: When they go.
        cuts: Whether the line is cut when the faults come: some show only to those who reconnect.
        seed: Chooses the random numbers of the faults.
        progress: Show a progress bar.

    Returns:
        Losses and ages of each transport with the fault and without, and a figure.

    Raises:
        InputError: A setting is out of its range, or the lab speaks TLS.
    """
    found: list[FaultEffect] = []
    with ProgressBar(progress) as bar:
        for done, run in enumerate(RUNS):
            bar.tell(done, len(RUNS), run)
            found += fault_effect(
                lab, faults, run=run, workload=workload, on_s=on_s, off_s=off_s, cuts=cuts, seed=seed
            )
    return FaultEffects(found, faults, on_s, off_s)
