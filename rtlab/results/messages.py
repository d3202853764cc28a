"""``overhead()``, ``round_trip()``, ``read_stream()``, ``carry()``: what fits into a message, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.carrying import PLAIN_WAYS, carry_loads
from rtlab.experiments.message_overhead import SIZES_BYTES, message_costs
from rtlab.experiments.reading import read_by_hand
from rtlab.experiments.survival import TEXTS, WAYS, follow_rules, survive
from rtlab.figures.carried import figure_sizes, figure_wire
from rtlab.figures.outcomes import figure_outcomes
from rtlab.figures.overheads import figure_overheads
from rtlab.findings.messages import Carried, MessageCost, StreamReading, Survival
from rtlab.results.compression import compress as compress
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import Lab
from rtlab.tables.messages import (
    carried_table,
    outcomes_table,
    overheads_table,
    stream_events_table,
    survivals_table,
)
from rtlab.widgets.predict import Predict


class Overheads(Finding):
    """What a message costs beside itself, by carrier and size.

    Args:
        costs: One for each carrier and size.
    """

    def __init__(self, costs: Sequence[MessageCost]) -> None:
        self.costs = tuple(costs)

    @property
    def details(self) -> pd.DataFrame:
        """One row a carrier and size (``describe("overheads")``)."""
        return overheads_table(self.costs)

    @property
    def table(self) -> pd.DataFrame:
        """The overhead in bytes: one row a carrier, one column a size."""
        details = self.details
        wide = details.pivot(index="carrier", columns="payload_bytes", values="overhead_bytes")
        wide.columns = [f"{size:,} B" for size in wide.columns]
        return wide.loc[details["carrier"].unique()].reset_index()

    @property
    def text(self) -> str:
        """The overhead of the smallest message, as one sentence."""
        smallest = min(cost.payload_bytes for cost in self.costs)
        parts = [
            f"{cost.carrier} {cost.wire_bytes - cost.payload_bytes}"
            for cost in self.costs
            if cost.payload_bytes == smallest
        ]
        return f"Bytes beside a message of {smallest:,}: {', '.join(parts)}."

    def figure(self, kind: str = "text", *, guess: Predict | float | None = None) -> go.Figure:
        """Draw the overhead against the size, in bytes and in percent.

        Args:
            kind: ``"text"`` or ``"binary"`` messages.
            guess: The overhead that the learner expects, in bytes; an unanswered one is not drawn.
        """
        value = guess.value if isinstance(guess, Predict) else guess
        drawn = float(value) if isinstance(value, int | float) and value > 0 else None
        return figure_overheads(self.details, kind, guess_bytes=drawn)


class RoundTrips(Finding):
    """What became of tricky texts and tricky streams.

    Args:
        texts: One for each text and way.
        rules: One for each rule of the standard and reader.
    """

    def __init__(self, texts: Sequence[Survival], rules: Sequence[Survival]) -> None:
        self.texts, self.rules = tuple(texts), tuple(rules)

    @property
    def details(self) -> pd.DataFrame:
        """One row a text and way, then one a rule and reader (``describe("survivals")``)."""
        return survivals_table(self.texts + self.rules)

    @property
    def table(self) -> pd.DataFrame:
        """The outcomes: one row a text, one column a way."""
        return outcomes_table(survivals_table(self.texts))

    @property
    def text(self) -> str:
        """How many texts survived each way, as one sentence."""
        parts = []
        for way in dict.fromkeys(each.way for each in self.texts):
            outcomes = [each.outcome for each in self.texts if each.way == way]
            parts.append(f"{way}: {outcomes.count('OK')} of {len(outcomes)}")
        return f"Arrived as they were: {'; '.join(parts)}."

    def figure(self, what: str = "texts") -> go.Figure:
        """Draw the outcomes as a matrix.

        Args:
            what: ``"texts"``, or ``"rules"`` for the readers and the rules of the standard.
        """
        if what == "rules":
            return figure_outcomes(survivals_table(self.rules), title="Which reader keeps the rules")
        return figure_outcomes(survivals_table(self.texts), title="What arrives as it was sent")


class Readings(Finding):
    """The events that readers made of a stream written by hand.

    Args:
        readings: One for each reader.
    """

    def __init__(self, readings: Sequence[StreamReading]) -> None:
        self.readings = tuple(readings)

    @property
    def table(self) -> pd.DataFrame:
        """One row an event, reader by reader (``describe("stream_events")``)."""
        return stream_events_table(self.readings)

    @property
    def text(self) -> str:
        """How many events each reader found and what stopped it, as one sentence."""
        parts = []
        for reading in self.readings:
            count = len(reading.events)
            trouble = f" ({reading.trouble.removeprefix(f'{reading.reader}: ')})" if reading.trouble else ""
            parts.append(f"{reading.reader}: {count} event{'s' * (count != 1)}{trouble}")
        return f"{'; '.join(parts)}."


class Transfers(Finding):
    """What it took to carry loads to the server and back.

    Args:
        carried: One for each load and way.
    """

    def __init__(self, carried: Sequence[Carried]) -> None:
        self.carried = tuple(carried)

    @property
    def details(self) -> pd.DataFrame:
        """One row a load and way (``describe("carried")``)."""
        return carried_table(self.carried)

    @property
    def table(self) -> pd.DataFrame:
        """The same without the columns that are for looking closer."""
        return self.details.drop(columns=["form_bytes", "frames_up", "mib_per_s", "memory_bytes"])

    @property
    def text(self) -> str:
        """How many came back as they were, and what was refused, as one sentence."""
        intact = sum(each.intact for each in self.carried)
        refused = [f"{each.load}, {each.way}: {each.refused}" for each in self.carried if each.refused]
        said = f" Refused: {'; '.join(refused)}." if refused else ""
        return f"{intact} of {len(self.carried)} came back as they were.{said}"

    def figure(self, what: str = "bytes") -> go.Figure:
        """Draw the bytes on the wire of each load, or speed and memory against the size.

        Args:
            what: ``"bytes"`` or ``"sizes"``.
        """
        return figure_sizes(self.details) if what == "sizes" else figure_wire(self.details)


def overhead(lab: Lab, sizes_bytes: Sequence[int] = SIZES_BYTES, *, progress: bool = True) -> Overheads:
    """Count what a message costs on the wire beside itself, from one byte to a mebibyte.

    Args:
        lab: The running lab, in this kernel.
        sizes_bytes: The sizes to try, each from 1 to 1,048,576.
        progress: Show a progress bar.

    Returns:
        The overhead of SSE events, WebSocket frames and POST requests, for text and for bytes.

    Raises:
        InputError: A size is out of its range, or the lab is isolated.
    """
    with ProgressBar(progress) as bar:
        return Overheads(message_costs(lab, sizes_bytes, progress=bar.tell))


def round_trip(
    lab: Lab, texts: Mapping[str, str] = TEXTS, ways: Sequence[str] = WAYS, *, progress: bool = True
) -> RoundTrips:
    """Send tricky texts over SSE and WebSocket and see which arrive as they were.

    SSE is tried with the lab's encoder and with a careless one, and read by two clients, which then also read
    streams that try the rules of the standard.

    Args:
        lab: The running lab.
        texts: The texts by name, 1 to 1,000.
        ways: Any of ``"websocket"``, ``"lab, rtlab"``, ``"lab, sseclient-py"``, ``"careless, rtlab"``,
            ``"careless, sseclient-py"``.
        progress: Show a progress bar.

    Returns:
        OK, changed, lost or refused for each.

    Raises:
        InputError: A way is unknown, or there are too many texts.
    """
    with ProgressBar(progress) as bar:
        return RoundTrips(survive(lab, texts, ways, progress=bar.tell), follow_rules())


def read_stream(*pieces: bytes, content_type: str = "text/event-stream") -> Readings:
    """Write an event stream by hand and see which events two clients make of it.

    A small server sends the bytes exactly as they are; rtlab's EventSource and sseclient-py read them.

    Args:
        pieces: The stream; several pieces travel as one chunk each, together at most 8 MiB.
        content_type: What the answer says it is.

    Returns:
        The events of each reader.

    Raises:
        InputError: The stream is too long.
    """
    return Readings(read_by_hand(*pieces, content_type=content_type))


def carry(
    lab: Lab, *loads: str | int, ways: Sequence[str] = PLAIN_WAYS, repeats: int = 3, progress: bool = True
) -> Transfers:
    """Carry a picture, a sound or a large message to the server and back, and see what it takes.

    Args:
        lab: The running lab; its guards limit what it accepts.
        loads: Any of ``"token"``, ``"tick"``, ``"picture"``, ``"sound"``, or numbers of bytes of noise.
        ways: Any of ``"sse+post"``, ``"websocket"``, ``"websocket, fragments"`` and, with a lab that compresses,
            ``"websocket, compressed"``: each message by itself.
        repeats: How often each goes for its time, 1 to 20.
        progress: Show a progress bar.

    Returns:
        Bytes, times, memory and the comparison of what came back.

    Raises:
        InputError: A load or a way is unknown, a setting is out of its range, or the lab does not compress.
    """
    with ProgressBar(progress) as bar:
        return Transfers(carry_loads(lab, loads, ways, repeats=repeats, progress=bar.tell))
