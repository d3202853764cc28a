"""``on_the_wire(lab).over_http2``: event streams and WebSockets of a lab over HTTP/2, question by question."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.http2_framing import exchange_with_lab
from rtlab.experiments.http2_limit import IMPATIENT, PATIENT, REFUSED, WAITED, exceed_stream_limit
from rtlab.experiments.http2_sharing import share_connection
from rtlab.experiments.http2_stalling import STOPPED, stall_reader
from rtlab.figures.http2 import figure_carried_streams, figure_reader_steps, figure_stream_fates
from rtlab.findings.http2 import CarriedStreams, ReaderStep, StreamFate
from rtlab.results.direction import Finding
from rtlab.results.framings import Http2Frames
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.lab import Lab, start_lab
from rtlab.tables.http2 import carried_streams_table, reader_steps_table, stream_fates_table


class SharedConnection(Finding):
    """What event streams needed over HTTP/1.1 and over HTTP/2.

    Args:
        carried: One for each version.
    """

    def __init__(self, carried: Sequence[CarriedStreams]) -> None:
        self.carried = tuple(carried)

    @property
    def table(self) -> pd.DataFrame:
        """One row a version (``describe("carried_streams")``)."""
        return carried_streams_table(self.carried)

    @property
    def text(self) -> str:
        """Connections and deliveries, as one sentence."""
        parts = (
            f"{each.streams} event streams over {each.version} needed TCP connections: {each.connections}, "
            f"and got {each.delivered} of {each.streams * each.messages} messages"
            for each in self.carried
        )
        return f"{'; '.join(parts)}."

    def figure(self) -> go.Figure:
        """Draw connections and bytes by version."""
        return figure_carried_streams(self.table)


class StreamLimit(Finding):
    """What became of more streams than the server allows on a connection.

    Args:
        fates: One for each client and fate.
    """

    def __init__(self, fates: Sequence[StreamFate]) -> None:
        self.fates = tuple(fates)

    @property
    def table(self) -> pd.DataFrame:
        """One row a client and fate (``describe("stream_fates")``)."""
        return stream_fates_table(self.fates)

    @property
    def text(self) -> str:
        """Who decided, as one sentence."""
        found = {(each.client, each.fate): each for each in self.fates}
        waited, refused = found[PATIENT, WAITED], found[IMPATIENT, REFUSED]
        return (
            f"The server says {waited.says} in its {waited.frame}: a client that {PATIENT} waits by itself, and "
            f"one that {IMPATIENT} gets {refused.frame} with {refused.says}."
        )

    def figure(self) -> go.Figure:
        """Draw the fates by client."""
        return figure_stream_fates(self.table)


class StalledReader(Finding):
    """What each stream had, message by message, while one reader stops.

    Args:
        steps: One for each window, message and stream.
        stopped: How many messages were published before the reader read on.
    """

    def __init__(self, steps: Sequence[ReaderStep], stopped: int) -> None:
        self.steps = tuple(steps)
        self._stopped = stopped

    @property
    def all_steps(self) -> pd.DataFrame:
        """One row a window, message and stream (``describe("reader_steps")``)."""
        return reader_steps_table(self.steps)

    @property
    def table(self) -> pd.DataFrame:
        """The same, just before the reader reads on, and in the end."""
        last = max((step.published for step in self.steps), default=0)
        return reader_steps_table([step for step in self.steps if step.published in (self._stopped, last)])

    @property
    def text(self) -> str:
        """How far those who read fell behind, as one sentence."""
        behind: dict[str, int] = {}
        for step in self.steps:
            if step.stream != STOPPED:
                late = step.published - step.delivered
                behind[step.window] = max(behind.get(step.window, 0), late)
        parts = (f"with {window} window full, {count} messages" for window, count in behind.items())
        return f"Behind at most were those who read: {'; '.join(parts)}."

    def figure(self) -> go.Figure:
        """Draw a line a stream, in a panel for each window."""
        return figure_reader_steps(self.all_steps)


class OverHttp2:
    """Questions to a lab that speaks HTTP/2; made by :func:`rtlab.on_the_wire`.

    Args:
        beside: The lab whose name the labs take on that the questions start.
    """

    def __init__(self, beside: Lab) -> None:
        self._beside = beside

    def sharing(self, streams: int = 60, *, messages: int = 5) -> SharedConnection:
        """Hold event streams open over HTTP/1.1 and over HTTP/2, and send each of them some messages.

        Args:
            streams: How many, 1 to 100.
            messages: How many messages each gets, 1 to 100.

        Raises:
            InputError: A setting is out of its range.
        """
        with self._lab() as lab:
            return SharedConnection(share_connection(lab, streams, messages=messages))

    def limit(self, streams: int = 100, *, beyond: int = 1) -> StreamLimit:
        """Open more event streams on one connection than the lab allows.

        Args:
            streams: How many the lab allows, 1 to 10,000.
            beyond: How many more are wanted, 1 to 100, and not more than it allows.

        Raises:
            InputError: A setting is out of its range.
        """
        with self._lab(Http2Options(max_streams=streams)) as lab:
            return StreamLimit(exceed_stream_limit(lab, beyond=beyond))

    def stalling(self, *, others: int = 3, stopped: int = 12, after: int = 4) -> StalledReader:
        """Let one of several streams go unread for a while: once its own window is full, once the connection's.

        Args:
            others: How many streams are read all the time, 1 to 20.
            stopped: How many messages of 10,000 bytes are published while the one is not read, 1 to 60.
            after: How many when it is read again, 1 to 60.

        Raises:
            InputError: A setting is out of its range.
        """
        with self._lab() as lab:
            return StalledReader(stall_reader(lab, others=others, stopped=stopped, after=after), stopped)

    def frames(self, texts: Sequence[str] = ("Hello",)) -> Http2Frames:
        """Carry an event stream and a WebSocket of the lab on one connection, and name its frames.

        Args:
            texts: The messages, at most 100, each from 1 to 16,000 bytes, without line ends.

        Raises:
            InputError: There are too many texts, or one does not fit.
        """
        with self._lab() as lab:
            return Http2Frames(exchange_with_lab(lab, texts))

    def _lab(self, options: Http2Options | bool = True) -> AbstractContextManager[Lab]:
        return start_lab(f"{self._beside.name}, HTTP/2", http2=options)
