"""``herd()``: what happens when all clients lose their server at once, and all come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError, RtlabError
from rtlab.experiments.herd import STRATEGIES, measure_herd
from rtlab.experiments.herd_simulation import HerdSimulation
from rtlab.figures.herd import figure_herd
from rtlab.findings.herd import HerdCosts, HerdReturn
from rtlab.resources import data_path
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.herd import herd_attempts_table, herd_table


class Herd(Finding):
    """How a herd of clients came back, measured and perhaps simulated.

    Args:
        measured: One for each strategy.
        costs: What coming back cost here, one for each strategy.
        simulated: The same strategies with more clients.
        trouble: Why nothing could be simulated; empty if it could, or was not tried.
    """

    def __init__(
        self,
        measured: Sequence[HerdReturn],
        costs: Sequence[HerdCosts],
        simulated: Sequence[HerdReturn] = (),
        trouble: str = "",
    ) -> None:
        self.measured = tuple(measured)
        self.costs = tuple(costs)
        self.simulated = tuple(simulated)
        self.trouble = trouble

    @property
    def table(self) -> pd.DataFrame:
        """One row a strategy and source (``describe("herd")``)."""
        return herd_table(self.measured + self.simulated)

    @property
    def attempts(self) -> pd.DataFrame:
        """One row a tenth of a second with attempts (``describe("herd_attempts")``)."""
        return herd_attempts_table(self.measured + self.simulated)

    @property
    def text(self) -> str:
        """Peaks and times as one sentence for each source, and what to bear in mind."""
        told = [_sentence(returns) for returns in (self.measured, self.simulated) if returns]
        if self.simulated:
            told.append("Clocks are exact in the simulation: who knocks together once does so for ever.")
        return " ".join((*told, self.trouble)).rstrip()

    def figure(self) -> go.Figure:
        """Draw when the clients knocked; what was simulated beside what was measured."""
        return figure_herd(self.attempts)

    def simulate(
        self,
        clients: int = 1_000_000,
        *,
        servers: int = 1,
        seed: int = 1,
        strict: bool = True,
        progress: bool = True,
    ) -> Self:
        """Simulate the same with more clients, from what was measured here.

        The simulation must first reproduce the measured herd: the peak within a factor of 2, and the time until
        95 % are back within 25 %. It knows no limit of open files, and its clocks are exact: clients that knock
        together once do so for ever, unless chance parts them.

        Args:
            clients: How many, 10 to 10,000,000.
            servers: How many servers share them, each as quick as the one measured.
            seed: For the clients' chance.
            strict: Raise if the simulation does not reproduce what was measured; otherwise nothing is simulated
                and the text says why.
            progress: Show a progress bar.

        Returns:
            The measured herd with the simulated one beside it.

        Raises:
            RtlabError: The simulation does not reproduce the measured herd, and ``strict`` is True.
            InputError: A setting is out of its range.
        """
        with ProgressBar(progress) as bar:
            bar.tell(0, len(self.measured) + 1, "checking the simulation")
            try:
                simulation = HerdSimulation.checked(self.measured, self.costs)
            except RtlabError as error:
                if strict:
                    raise
                return type(self)(self.measured, self.costs, trouble=str(error))
            simulated = []
            for done, each in enumerate(self.measured, start=1):
                bar.tell(done, len(self.measured) + 1, each.strategy)
                simulated.append(simulation.run(each.strategy, clients, servers=servers, seed=seed))
        return type(self)(self.measured, self.costs, simulated)


def herd(
    clients: int = 500, strategies: Sequence[str] | None = None, *, seed: int = 1, progress: bool = True
) -> Herd:
    """Cut many clients off at the same moment, and watch them come back.

    The server is away for 1.25 s and resets whoever comes meanwhile. Clients wait before each attempt: a fixed
    second; a time that doubles; a random time below one that doubles; or what the event stream said in ``retry:``,
    where the server gives each client a time of its own.

    Args:
        clients: How many, 10 to 2,000.
        strategies: Any of ``"fixed delay"``, ``"growing delay"``, ``"full jitter"``, ``"retry: from the server"``;
            all if None.
        seed: For the clients' chance.
        progress: Show a progress bar.

    Returns:
        Attempts over time, the peak, and how long it took; ``simulate()`` goes on from there.

    Raises:
        InputError: A setting cannot work; the system may not allow so many connections.
        LabError: The clients could not connect in the first place.
    """
    chosen = tuple(STRATEGIES if strategies is None else strategies)
    if not chosen or not set(chosen) <= STRATEGIES.keys():
        raise InputError(f"A herd needs a list of strategies: {', '.join(map(repr, STRATEGIES))}.")
    folder, found = data_path("reference_programs"), []
    with ProgressBar(progress) as bar:
        for done, strategy in enumerate(chosen):
            bar.tell(done, len(chosen), strategy)
            found.append(measure_herd(folder, strategy, clients, seed))
    return Herd([each for each, _ in found], [costs for _, costs in found])


def _sentence(returns: Sequence[HerdReturn]) -> str:
    parts = (
        f"{each.strategy}: {each.peak:,} "
        + (f"and {each.back_95_s:,.1f} s" if each.back_95_s is not None else "and not all came back")
        for each in returns
    )
    return (
        f"{returns[0].clients:,} clients, {returns[0].source}, most attempts in a tenth of a second and time until "
        f"95 % were back: {'; '.join(parts)}."
    )
