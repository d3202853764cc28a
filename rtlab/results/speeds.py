"""``rate()``, ``latency()`` and ``joining()``: how fast, how late, and what joining brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.speeds import measure_ages, measure_joined, measure_speeds
from rtlab.figures.overheads import readable_size
from rtlab.figures.speeds import figure_ages, figure_joined, figure_speeds
from rtlab.findings.performance import Drained, JoinedSends
from rtlab.results.measured import Measured
from rtlab.results.progress import ProgressBar
from rtlab.tables.schema import TRANSPORT_NAMES
from rtlab.tables.speeds import ages_table, joined_table, speed_ratios_table, speeds_table
from rtlab.widgets.predict import Predict


class Rates(Measured):
    """How fast messages arrived over both transports, by size and number of connections.

    Args:
        cases: The repeats of each case.
    """

    def __init__(self, cases: Sequence[Sequence[Drained]]) -> None:
        self.cases = tuple(map(tuple, cases))

    @property
    def table(self) -> pd.DataFrame:
        """One row a transport, size and number of connections (``describe("speeds")``)."""
        return speeds_table(self.cases)

    @property
    def ratios(self) -> pd.DataFrame:
        """WebSocket by SSE, one row a size and number of connections (``describe("speed_ratios")``)."""
        return speed_ratios_table(self.cases)

    @property
    def text(self) -> str:
        """Who leads where, as one sentence."""
        parts = [
            f"{readable_size(row['payload_bytes'])} to {row['connections']:,}: {row['finding']}"
            for row in self.ratios.to_dict("records")
        ]
        return f"SSE and WebSocket at full speed – {'; '.join(parts)}.{client_note(self.cases)}"

    def figure(self, *, guess: Predict | float | None = None) -> go.Figure:
        """Draw deliveries a second against size.

        Args:
            guess: How many messages the learner expects over WebSocket for 100 over SSE; an unanswered one is not
                drawn.
        """
        value = guess.value if isinstance(guess, Predict) else guess
        drawn = value / 100 if isinstance(value, int | float) and value > 0 else None
        return figure_speeds(self.table, guess_ratio=drawn)


class Ages(Measured):
    """How old messages were on arrival, by their rate.

    Args:
        cases: For each case the rate, and the repeats.
    """

    def __init__(self, cases: Sequence[tuple[float, Sequence[Drained]]]) -> None:
        self.cases = tuple((rate, tuple(runs)) for rate, runs in cases)

    @property
    def table(self) -> pd.DataFrame:
        """One row a transport, rate and number of connections (``describe("ages")``)."""
        return ages_table(self.cases)

    @property
    def queueing(self) -> dict[tuple[str, int], float]:
        """The lowest rate at which messages queue, by transport and number of connections; none if they never do.

        They queue where one in a hundred is still under way when the next one is due.
        """
        table = self.table
        late = table[table["p99_us"].fillna(table["p50_us"]) > 1e6 / table["rate_per_s"]]
        found: dict[tuple[str, int], float] = {}
        for row in late.sort_values("rate_per_s").to_dict("records"):
            found.setdefault((row["transport"], row["connections"]), row["rate_per_s"])
        return found

    @property
    def text(self) -> str:
        """Where queueing begins, as one sentence."""
        begins = [
            f"{TRANSPORT_NAMES[transport]} to {count:,} from {rate:g} a second on"
            for (transport, count), rate in self.queueing.items()
        ]
        if not begins:
            return "At none of these rates do messages queue: 99 % have arrived when the next one is due."
        return f"More than 1 % are still under way when the next message is due: {'; '.join(begins)}."

    def figure(self) -> go.Figure:
        """Draw median and 99th percentile against the rate."""
        return figure_ages(self.table)


class Joined(Measured):
    """What it brought to join messages in one send.

    Args:
        found: One for each transport and number of messages.
    """

    def __init__(self, found: Sequence[JoinedSends]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a transport and number of messages in a send (``describe("joined")``)."""
        return joined_table(self.found)

    @property
    def text(self) -> str:
        """The gain of both, as one sentence."""
        last = self.table.groupby("transport", observed=True).tail(1).to_dict("records")
        parts = [f"{TRANSPORT_NAMES[row['transport']]} {row['gain']:.1f} times as many" for row in last]
        ages = [
            f"{TRANSPORT_NAMES[row['transport']]} {row['together_p50_us']:,.0f} instead of "
            f"{row['alone_p50_us']:,.0f} µs"
            for row in last
            if row["age_ratio"] > 0  # where it was measured
        ]
        most = max(each.join for each in self.found)
        in_bursts = (
            f" Median age in bursts of {most}, joined instead of one by one: {', '.join(ages)}." if ages else ""
        )
        return (
            f"With {most} messages in one send arrive: {', '.join(parts)}; so messages a second come from joining."
            f"{in_bursts}{client_note([each.runs for each in self.found])}"
        )

    def figure(self) -> go.Figure:
        """Draw deliveries a second against the number of messages in a send."""
        return figure_joined(self.table)


def client_note(cases: Iterable[Sequence[Drained]]) -> str:
    """Say in how many runs the client was busier than the server; empty if in none.

    Args:
        cases: The repeats of each case.
    """
    busier = Counter(run.client_busier for runs in cases for run in runs)
    if not busier[True]:
        return ""
    return f" In {busier[True]} of {busier.total()} runs the client was busier than the server: it set the pace."


def rate(
    sizes: Sequence[int] = (32, 1_024, 16_384),
    connections: Sequence[int] = (1, 100),
    *,
    seconds: float = 1.0,
    repeats: int = 3,
    progress: bool = True,
) -> Rates:
    """Send the same messages to all connections as fast as they take them, over SSE and over WebSocket.

    The server and the client that receives are processes of their own; this kernel only waits. The runs of the two
    transports take turns.

    Args:
        sizes: Sizes of the payloads in bytes, each from 11 to 1,048,576.
        connections: Numbers of connections, each from 1 to 10,000.
        seconds: Length of each run, 0.1 to 30.
        repeats: How often each is measured, 1 to 100; with three the intervals are still wide.
        progress: Show a progress bar.

    Returns:
        Deliveries and megabytes a second with intervals, and who leads, if that can be told.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    with ProgressBar(progress) as bar:
        return Rates(measure_speeds(sizes, connections, seconds=seconds, repeats=repeats, progress=bar.tell))


def latency(
    rates_per_s: Sequence[float] = (10, 100, 1_000),
    connections: Sequence[int] = (1, 100),
    *,
    seconds: float = 1.0,
    repeats: int = 3,
    progress: bool = True,
) -> Ages:
    """Send messages on a schedule that waits for nobody, and take the age of each on arrival.

    The age counts from the moment when the message was due, so a server that falls behind cannot hide it. To many
    connections the age is mostly the place in the row: the last one gets its copy after all others.

    Args:
        rates_per_s: Messages a second on each connection.
        connections: Numbers of connections, each from 1 to 10,000.
        seconds: Length of each run, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Show a progress bar.

    Returns:
        Median and 99th percentile of both transports at each rate, and where messages begin to queue.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    with ProgressBar(progress) as bar:
        return Ages(measure_ages(rates_per_s, connections, seconds=seconds, repeats=repeats, progress=bar.tell))


def joining(
    pending: Sequence[int] = (1, 4, 16),
    *,
    connections: int = 100,
    payload_bytes: int = 32,
    seconds: float = 0.5,
    repeats: int = 3,
    progress: bool = True,
) -> Joined:
    """Let several messages leave in one send, and see rate and age change, for both transports.

    The rate is that at full speed. The age is that in bursts, 20 a second, whose messages are all due at once. It
    is lower where a burst leaves in one send: the last subscriber is reached after one round, and not after many.

    Args:
        pending: How many messages leave together, each from 1 to 10,000.
        connections: How many connections receive, 1 to 10,000.
        payload_bytes: Size of each payload, 20 to 1,048,576.
        seconds: Length of each run, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Show a progress bar.

    Returns:
        Deliveries a second with intervals, their gain over the first of ``pending``, and ages in bursts.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    with ProgressBar(progress) as bar:
        return Joined(
            measure_joined(
                pending,
                connections=connections,
                payload_bytes=payload_bytes,
                seconds=seconds,
                repeats=repeats,
                progress=bar.tell,
            )
        )
