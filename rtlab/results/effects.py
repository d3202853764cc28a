"""``factors()``: one change at a time, and how much each of them matters."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.effects import FACTORS, measure_effects
from rtlab.experiments.speeds import TRANSPORTS
from rtlab.figures.effects import figure_effects
from rtlab.findings.performance import FactorEffect
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.schema import TRANSPORT_NAMES
from rtlab.tables.speeds import effects_table


class Effects(Finding):
    """What single changes did to the time that a message takes.

    Args:
        effects: One for each change and transport.
    """

    def __init__(self, effects: Sequence[FactorEffect]) -> None:
        self.effects = tuple(effects)

    @property
    def table(self) -> pd.DataFrame:
        """One row a change and transport, the largest effect first (``describe("effects")``)."""
        return effects_table(self.effects)

    @property
    def clear(self) -> tuple[str, ...]:
        """The factors whose interval, for one transport at least, does not hold 1: their effect is no accident."""
        table = self.table
        sure = table[(table["ratio_low"] > 1) | (table["ratio_high"] < 1)]
        return tuple(dict.fromkeys(sure["factor"]))

    @property
    def text(self) -> str:
        """The largest effects, and where the client stands among them, as one sentence."""
        rows = self.table.to_dict("records")
        shown = ", ".join(
            f"{row['factor']} {_times(row['ratio'])} ({TRANSPORT_NAMES[row['transport']]})" for row in rows[:3]
        )
        sure = ", ".join(self.clear) or "none"
        return f"The largest effects: {shown}. Clear effects, with an interval that does not hold 1: {sure}."

    def figure(self) -> go.Figure:
        """Draw all effects on one scale."""
        return figure_effects(self.table)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:.2g} times"


def factors(
    names: Sequence[str] = FACTORS,
    transports: Sequence[str] = TRANSPORTS,
    *,
    seconds: float = 0.4,
    repeats: int = 3,
    progress: bool = True,
) -> Effects:
    """Change one thing at a time and measure what it does to the time that a message takes.

    The base case is rtlab's own server in a process of its own, 10 connections, 1 KiB, no TLS, no compression. For
    the proxy a relay in a third process stands between; on a machine with two cores it shares one of them. Text of
    one letter compresses well. The client's parser is timed alone, on a stream that lies in memory.

    Args:
        names: Any of ``"server library"``, ``"message size"``, ``"joining"``, ``"TLS"``, ``"proxy"``,
            ``"compression"``, ``"chunked coding"``, ``"client's parser"``, ``"Nagle's algorithm"``.
        transports: ``"sse"``, ``"websocket"`` or both.
        seconds: Length of each run, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Show a progress bar.

    Returns:
        For each change a ratio with its interval: how many times as long a message takes.

    Raises:
        InputError: A name is unknown, or a setting is out of its range.
        LabError: A process could not do its part.
    """
    with ProgressBar(progress) as bar:
        return Effects(measure_effects(names, transports, seconds=seconds, repeats=repeats, progress=bar.tell))
