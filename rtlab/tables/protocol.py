"""Handshakes, set-up bytes, connections, passages, waiting requests and HTTP/2 frames as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from rtlab.findings.protocol import (
    ConnectionCount,
    FrameSeen,
    HandshakeTry,
    Passage,
    RequestSpan,
    SetUpPart,
    Standstill,
)
from rtlab.tables.schema import rows_table


def handshake_tries_table(tries: Sequence[HandshakeTry]) -> pd.DataFrame:
    """List what became of each changed handshake.

    Args:
        tries: One for each change.

    Returns:
        The ``handshake_tries`` table (``describe("handshake_tries")``), one row a change.
    """
    return _checked(tries, "handshake_tries")


def set_up_table(parts: Sequence[SetUpPart]) -> pd.DataFrame:
    """List the bytes until the first message, by way, direction and layer.

    Args:
        parts: One for each of these.

    Returns:
        The ``set_up`` table (``describe("set_up")``), one row a part.
    """
    return _checked(parts, "set_up")


def connection_counts_table(counts: Sequence[ConnectionCount]) -> pd.DataFrame:
    """List the connections and requests that clients needed.

    Args:
        counts: One for each trial.

    Returns:
        The ``connection_counts`` table (``describe("connection_counts")``), one row a trial.
    """
    return _checked(counts, "connection_counts")


def passages_table(passages: Sequence[Passage]) -> pd.DataFrame:
    """List what passed each intermediary.

    Args:
        passages: One for each intermediary and way.

    Returns:
        The ``passages`` table (``describe("passages")``), one row an intermediary and way.
    """
    return _checked(passages, "passages")


def request_spans_table(spans: Sequence[RequestSpan]) -> pd.DataFrame:
    """List when each request was wanted, sent and answered.

    Args:
        spans: One for each request.

    Returns:
        The ``request_spans`` table (``describe("request_spans")``), one row a request.
    """
    return _checked(spans, "request_spans")


def http2_frames_table(frames: Sequence[FrameSeen]) -> pd.DataFrame:
    """List the frames of an HTTP/2 connection.

    Args:
        frames: The frames, in the order in which they crossed.

    Returns:
        The ``http2_frames`` table (``describe("http2_frames")``), one row a frame.
    """
    return _checked(frames, "http2_frames")


def standstills_table(standstills: Sequence[Standstill]) -> pd.DataFrame:
    """List what streams got while something on their connection stood still.

    Args:
        standstills: One for each trial.

    Returns:
        The ``standstills`` table (``describe("standstills")``), one row a trial.
    """
    return _checked(standstills, "standstills")


def _checked(records: Sequence[Any], name: str) -> pd.DataFrame:
    return rows_table([asdict(each) for each in records], name)
