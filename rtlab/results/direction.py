"""``exchange()``, ``crossover()`` and ``outage()``: who may speak, what it costs, and what a cut line costs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments import outage as outages
from rtlab.experiments.crossover import reply_costs
from rtlab.experiments.exchange import WAYS, converse
from rtlab.figures.lanes import figure_lanes
from rtlab.figures.outages import figure_outages
from rtlab.figures.replies import figure_replies
from rtlab.findings.direction import Conversation, Outage, ReplyCost
from rtlab.results.html_table import html_table
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import Lab
from rtlab.tables.conversations import conversations_table, marks_table, outages_table, replies_table
from rtlab.widgets.predict import Predict

NOTICEABLE = {"bytes_per_s": 10_000.0, "round_trip_ms": 20.0, "cpu_ms_per_s": 20.0}
"""A difference between two ways matters from here on: 10 kB a second, 20 ms, or 2 % of a processor core."""


class Finding(ABC):
    """A result that shows its table, with one sentence under it."""

    @property
    @abstractmethod
    def table(self) -> pd.DataFrame:
        """The numbers."""

    @property
    @abstractmethod
    def text(self) -> str:
        """What they say, as one sentence."""

    @property
    def dull(self) -> list[str]:
        """Columns that say nothing here and would push others out of sight."""
        return []

    def __repr__(self) -> str:
        return f"{self.table.round(2).to_string(index=False)}\n{self.text}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        table = self.table.drop(columns=self.dull).round(2)
        for name in table:
            if table[name].dtype in ("string", "Int64"):  # na_rep does not reach these
                table[name] = table[name].astype("object").fillna("–")
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__).lower()
        html = html_table(table, f"Table: {name}")
        return {"text/plain": repr(self), "text/html": f"{html}<p>{escape(self.text)}</p>"}


class Exchange(Finding):
    """The same conversation over several ways.

    Args:
        conversations: One for each way.
    """

    def __init__(self, conversations: Sequence[Conversation]) -> None:
        self.conversations = tuple(conversations)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way (``describe("conversations")``)."""
        return conversations_table(self.conversations)

    @property
    def dull(self) -> list[str]:
        """The counts of what was sent, if all of it arrived."""
        pairs = (("down_sent", "down_arrived"), ("up_sent", "up_returned"))
        return [sent for sent, arrived in pairs if (self.table[sent] == self.table[arrived]).all()]

    @property
    def text(self) -> str:
        """What each way needed, as one sentence."""
        parts = (
            f"{talk.way}: {talk.connections} connection{'s' * (talk.connections != 1)}, {talk.requests} requests"
            for talk in self.conversations
        )
        return f"{'; '.join(parts)}."

    def figure(self) -> go.Figure:
        """Draw who spoke when, one lane a way."""
        return figure_lanes(marks_table(self.conversations))


class Crossover(Finding):
    """What the client's messages cost at rising rates.

    Args:
        costs: One for each way and rate.
    """

    def __init__(self, costs: Sequence[ReplyCost]) -> None:
        self.costs = tuple(costs)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way and rate (``describe("replies")``)."""
        return replies_table(self.costs)

    @property
    def rate_per_s(self) -> float | None:
        """The lowest rate tried at which WebSocket saves what people notice; None if there is none."""
        rows = {(row["way"], row["rate_per_s"]): row for row in self.table.to_dict("records")}
        matters = [
            rate
            for rate in sorted({cost.rate_per_s for cost in self.costs})
            if any(
                rows["sse+post", rate][name] - rows["websocket", rate][name] >= limit
                for name, limit in NOTICEABLE.items()
            )
        ]
        return matters[0] if matters else None

    @property
    def text(self) -> str:
        """Where the crossover lies, as one sentence."""
        limits = "10 kB a second, 20 ms a message or 2 % of a core"
        if self.rate_per_s is None:
            return f"At none of these rates does WebSocket save as much as {limits}."
        return f"From {self.rate_per_s:g} replies a second on, WebSocket saves at least {limits}."

    def figure(self, *, guess: Predict | float | None = None) -> go.Figure:
        """Draw the costs against the rate.

        Args:
            guess: The rate that the learner expects the crossover at; an unanswered one is not drawn.
        """
        value = guess.value if isinstance(guess, Predict) else guess
        drawn = float(value) if isinstance(value, int | float) and value > 0 else None
        return figure_replies(self.table, crossover_per_s=self.rate_per_s, guess_per_s=drawn)


class Outages(Finding):
    """What each client design lost when its line was cut.

    Args:
        found: One for each design.
    """

    def __init__(self, found: Sequence[Outage]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a design (``describe("outages")``)."""
        return outages_table(self.found)

    @property
    def text(self) -> str:
        """The losses as one sentence."""
        return f"Lost: {'; '.join(f'{each.way}: {each.lost} of {each.sent}' for each in self.found)}."

    def figure(self) -> go.Figure:
        """Draw what arrived and what was lost."""
        return figure_outages(self.table)


def exchange(
    lab: Lab,
    ways: Sequence[str] = WAYS,
    *,
    down: int = 10,
    up: int = 10,
    seconds: float = 2.0,
    seed: int = 1,
    progress: bool = True,
) -> Exchange:
    """Hold one conversation over several ways: both sides speak at random times of their own.

    What the client says comes back to it from the server. The times are the same for every way.

    Args:
        lab: The running lab.
        ways: Any of ``"sse+post"``, ``"websocket"``, ``"long-polling+post"``, ``"polling+post"``.
        down: How many messages the server sends, 0 to 1,000.
        up: How many messages the client sends, 0 to 1,000.
        seconds: How long the conversation lasts, 0.1 to 60.
        seed: Chooses the times.
        progress: Show a progress bar.

    Returns:
        Connections, requests, bytes and times of each way, and a diagram of who spoke when.

    Raises:
        InputError: A setting is out of its range.
    """
    talks = []
    with ProgressBar(progress) as bar:
        for done, way in enumerate(ways):
            bar.tell(done, len(ways), way)
            talks.append(converse(lab, way, down=down, up=up, seconds=seconds, seed=seed))
    return Exchange(talks)


def crossover(
    lab: Lab,
    rates_per_s: Sequence[float] = (1, 10, 50, 200),
    *,
    seconds: float = 1.5,
    seed: int = 1,
    progress: bool = True,
) -> Crossover:
    """Find the rate of replies from which a WebSocket pays off against POST beside an event stream.

    Args:
        lab: The running lab; one in this kernel, so that the processor time counts both sides.
        rates_per_s: The rates to try, each above 0 and at most 500.
        seconds: How long each lasts.
        seed: Chooses the moments.
        progress: Show a progress bar.

    Returns:
        Bytes, round trips and processor time at each rate, and where the difference begins to matter.

    Raises:
        InputError: A setting is out of its range.
    """
    with ProgressBar(progress) as bar:
        return Crossover(reply_costs(lab, rates_per_s, seconds=seconds, seed=seed, progress=bar.tell))


def outage(
    lab: Lab,
    ways: Sequence[str] = tuple(outages.WAYS),
    *,
    count: int = 60,
    seconds: float = 3.0,
    cuts: int = 2,
    seed: int = 1,
    progress: bool = True,
) -> Outages:
    """Cut the line while messages flow, and count what each client design loses.

    Args:
        lab: The running lab.
        ways: Any of ``"sse"``, ``"websocket"``, ``"websocket, reopened"``, ``"websocket, resumed"``.
        count: How many messages, 10 to 10,000.
        seconds: How long the sending lasts, 0.5 to 60.
        cuts: How often the line is cut, 0 to 20.
        seed: Chooses the moments.
        progress: Show a progress bar.

    Returns:
        Messages delivered, lost and doubled by each design.

    Raises:
        InputError: A setting is out of its range.
    """
    found = []
    with ProgressBar(progress) as bar:
        for done, way in enumerate(ways):
            bar.tell(done, len(ways), way)
            found.append(outages.cut_line(lab, way, count=count, seconds=seconds, cuts=cuts, seed=seed))
    return Outages(found)
