"""Overheads, survivals, streams by hand, carried and compressed loads as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from rtlab.findings.messages import Carried, Compressed, MessageCost, StreamReading, Survival
from rtlab.tables.schema import check, rows_table

_SHOWN = 60


def overheads_table(costs: Sequence[MessageCost]) -> pd.DataFrame:
    """List what a message costs beside itself, by carrier and size.

    Args:
        costs: One for each carrier and size.

    Returns:
        The ``overheads`` table (``describe("overheads")``), one row a carrier and size.
    """
    rows: list[Mapping[str, object]] = []
    for cost in costs:
        overhead_bytes = cost.wire_bytes - cost.payload_bytes
        percent = 100 * overhead_bytes / cost.payload_bytes
        rows.append({**asdict(cost), "overhead_bytes": overhead_bytes, "overhead_percent": percent})
    return rows_table(rows, "overheads")


def survivals_table(found: Sequence[Survival]) -> pd.DataFrame:
    """List what became of each text on each way.

    Args:
        found: One for each text and way.

    Returns:
        The ``survivals`` table (``describe("survivals")``), one row a text and way.
    """
    return rows_table(
        [
            {**asdict(each), "sent": shortened(each.sent), "got": " | ".join(map(shortened, each.got))}
            for each in found
        ],
        "survivals",
    )


def outcomes_table(survivals: pd.DataFrame) -> pd.DataFrame:
    """Lay the outcomes out as a matrix.

    Args:
        survivals: A ``survivals`` table.

    Returns:
        One row a text, one column a way, both in the order of their first row; ``text`` is the first column.
    """
    survivals = check(survivals, "survivals")
    wide = survivals.pivot(index="text", columns="way", values="outcome")
    wide = wide.loc[survivals["text"].unique(), survivals["way"].unique()]
    return wide.rename_axis(columns=None).reset_index()


def stream_events_table(readings: Sequence[StreamReading]) -> pd.DataFrame:
    """List the events that each reader made of a stream.

    Args:
        readings: One for each reader.

    Returns:
        The ``stream_events`` table (``describe("stream_events")``), one row an event, reader by reader.
    """
    rows = [
        {
            "reader": reading.reader,
            "number": number,
            **asdict(event),
            "data": shortened(event.data),
        }
        for reading in readings
        for number, event in enumerate(reading.events, start=1)
    ]
    return rows_table(rows, "stream_events")


def carried_table(found: Sequence[Carried]) -> pd.DataFrame:
    """List what it took to carry each load over each way.

    Args:
        found: One for each load and way.

    Returns:
        The ``carried`` table (``describe("carried")``), one row a load and way.
    """
    rows = [{**asdict(each), "mib_per_s": _mib_per_s(each)} for each in found]
    return rows_table(rows, "carried")


def compressed_table(found: Sequence[Compressed]) -> pd.DataFrame:
    """List what came back of each row of messages.

    Args:
        found: One for each row and setting.

    Returns:
        The ``compressed`` table (``describe("compressed")``), one row a row of messages and setting.
    """
    return rows_table([asdict(each) for each in found], "compressed")


def shortened(text: str) -> str:
    """Show a text as Python writes it, so that spaces and line ends are seen, and cut it if it is long."""
    shown = repr(text[: 2 * _SHOWN])
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 2]}…'"


def _mib_per_s(carried: Carried) -> float:
    if not carried.round_trip_ms:
        return np.nan
    return carried.payload_bytes / 2**20 / (carried.round_trip_ms / 1e3)
