"""What attacks of exhaustion cost a server, and how a lab held out, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.findings.exhaustion import Exhaustion, SiegeSample
from rtlab.tables.attacks import OUTCOMES
from rtlab.tables.schema import rows_table

_MIB = 1_048_576


def exhaustion_table(found: Sequence[Exhaustion]) -> pd.DataFrame:
    """List what each attack cost the server that it met.

    Args:
        found: One for each attack and server.

    Returns:
        The ``exhaustion`` table (``describe("exhaustion")``), one row an attack and server.
    """
    rows: list[dict[str, object]] = [
        {
            "attack": each.attempt.attack,
            "transport": each.attempt.transport,
            "target": each.attempt.target,
            "outcome": OUTCOMES[each.attempt.succeeded],
            "refused_ms": _ms(each.refused_ns),
            "bytes_up": each.bytes_up,
            "bytes_down": each.bytes_down,
            "memory_mib": each.memory_bytes / _MIB,
            "descriptors": each.descriptors,
            "seen": each.attempt.seen,
        }
        for each in found
    ]
    return rows_table(rows, "exhaustion")


def siege_table(samples: Sequence[SiegeSample], begin_ns: int) -> pd.DataFrame:
    """List what was seen during a siege.

    Args:
        samples: In order of time.
        begin_ns: When the siege began, on the clock of the samples.

    Returns:
        The ``siege`` table (``describe("siege")``), one row a moment.
    """
    rows: list[dict[str, object]] = [
        {
            "at_s": (each.at_ns - begin_ns) / 1e9,
            "memory_mib": each.memory_bytes / _MIB,
            "descriptors": each.descriptors,
            "echo_ms": _ms(each.latency_ns),
            "opening_ms": _ms(each.opening_ns),
        }
        for each in samples
    ]
    return rows_table(rows, "siege")


def _ms(time_ns: int | None) -> float | None:
    return None if time_ns is None else time_ns / 1e6
