"""What streams of HTTP/2 need, what limits them and what stops them, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.http2 import CarriedStreams, ReaderStep, StreamFate
from rtlab.tables.schema import rows_table


def carried_streams_table(carried: Sequence[CarriedStreams]) -> pd.DataFrame:
    """List what event streams needed on the wire.

    Args:
        carried: One for each version of HTTP.

    Returns:
        The ``carried_streams`` table (``describe("carried_streams")``), one row a version.
    """
    return _checked(carried, "carried_streams")


def stream_fates_table(fates: Sequence[StreamFate]) -> pd.DataFrame:
    """List what became of more streams than a server allows.

    Args:
        fates: One for each client and fate.

    Returns:
        The ``stream_fates`` table (``describe("stream_fates")``), one row a client and fate.
    """
    return _checked(fates, "stream_fates")


def reader_steps_table(steps: Sequence[ReaderStep]) -> pd.DataFrame:
    """List what each stream had, message by message, while one reader stops.

    Args:
        steps: One for each window, message and stream.

    Returns:
        The ``reader_steps`` table (``describe("reader_steps")``), one row a window, message and stream.
    """
    return _checked(steps, "reader_steps")


def _checked(records: Sequence[CarriedStreams | StreamFate | ReaderStep], name: str) -> pd.DataFrame:
    return rows_table([asdict(each) for each in records], name)
