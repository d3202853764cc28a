"""What HTTP puts around a message: in each of its versions, and frame by frame in HTTP/2."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.experiments.http2_framing import Http2Exchange
from rtlab.findings.messages import MessageCost
from rtlab.results.direction import Finding
from rtlab.tables.messages import overheads_table
from rtlab.tables.protocol import http2_frames_table


class Framings(Finding):
    """What each version of HTTP puts around one event.

    Args:
        costs: One for each version and event.
    """

    def __init__(self, costs: Sequence[MessageCost]) -> None:
        self.costs = tuple(costs)

    @property
    def table(self) -> pd.DataFrame:
        """One row a version and event (``describe("overheads")``)."""
        return overheads_table(self.costs).drop(columns=["kind", "overhead_percent"])

    @property
    def text(self) -> str:
        """The framing of the first event, as one sentence."""
        first = self.costs[0].payload_bytes
        parts = (f"{cost.carrier} {cost.wire_bytes - first}" for cost in self.costs if cost.payload_bytes == first)
        return f"Framing bytes around an event of {first} bytes: {'; '.join(parts)}."


class Http2Frames(Finding):
    """The frames of one HTTP/2 connection with an event stream and a WebSocket on it.

    Args:
        exchange: What crossed it.
    """

    def __init__(self, exchange: Http2Exchange) -> None:
        self.exchange = exchange

    @property
    def table(self) -> pd.DataFrame:
        """One row a frame (``describe("http2_frames")``)."""
        return http2_frames_table(self.exchange.frames)

    @property
    def costs(self) -> pd.DataFrame:
        """What each text cost from server to client, over HTTP/1.1 and HTTP/2 (``describe("overheads")``)."""
        return overheads_table(self.exchange.costs).drop(columns=["kind", "overhead_percent"])

    @property
    def text(self) -> str:
        """The streams of the connection, as one sentence."""
        streams = sorted({frame.stream_id for frame in self.exchange.frames} - {0})
        numbers = " and ".join(map(str, streams))
        return f"{len(self.exchange.frames) - 1} frames on one TCP connection, with the streams {numbers}."
