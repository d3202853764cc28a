"""Rates, ages, joined sends, effects and files as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rtlab.findings.performance import Drained, FactorEffect, FileTransfer, JoinedSends
from rtlab.tables.intervals import middle_of_repeats
from rtlab.tables.ratios import Ratio, ratio_of
from rtlab.tables.schema import TRANSPORT_NAMES, rows_table
from rtlab.tables.serving import with_interval

Runs = Sequence[Drained]
"""The repeats of one case."""
_FEW = 100
"""With fewer messages none lies beyond the 99th percentile."""


def speeds_table(cases: Sequence[Runs]) -> pd.DataFrame:
    """List how fast messages arrived.

    Args:
        cases: The repeats of each case.

    Returns:
        The ``speeds`` table (``describe("speeds")``), one row a case.
    """
    rows = [
        {
            "transport": runs[0].way,
            "payload_bytes": runs[0].payload_bytes,
            "connections": runs[0].connections,
            "repeats": len(runs),
            **_rate(runs),
            "payload_mb_per_s": _middle([run.payload_mb_per_s for run in runs]),
            "server_us_each": _middle([run.server_us_each for run in runs]),
            **_shares(runs),
        }
        for runs in cases
    ]
    return rows_table(rows, "speeds")


def speed_ratios_table(cases: Sequence[Runs]) -> pd.DataFrame:
    """Divide the speeds of WebSocket by those of SSE, size by size.

    Args:
        cases: The repeats of each case; those of the two transports ran side by side.

    Returns:
        The ``speed_ratios`` table (``describe("speed_ratios")``), one row a size and number of connections.
    """
    rates: dict[tuple[int, int], dict[str, list[float]]] = {}
    for runs in cases:
        key = runs[0].payload_bytes, runs[0].connections
        rates.setdefault(key, {})[runs[0].way] = [run.deliveries_per_s for run in runs]
    rows = []
    for (size, connections), both in rates.items():
        if both.keys() == {"sse", "websocket"}:
            ratio = ratio_of(both["sse"], both["websocket"])
            rows.append(
                {
                    "payload_bytes": size,
                    "connections": connections,
                    "repeats": ratio.pairs,
                    **_ratio("ratio", ratio),
                    "finding": who_leads(ratio),
                }
            )
    return rows_table(rows, "speed_ratios")


def who_leads(ratio: Ratio) -> str:
    """Say what a ratio of WebSocket by SSE means.

    Args:
        ratio: Of two speeds.
    """
    if ratio.alike:
        return f"alike within {max(1, round(ratio.within_percent))} %"
    if not ratio.clear:
        return "cannot tell"
    return f"{TRANSPORT_NAMES['websocket' if ratio.value > 1 else 'sse']} leads"


def ages_table(cases: Sequence[tuple[float, Runs]]) -> pd.DataFrame:
    """List how old messages were on arrival, at each rate.

    Args:
        cases: For each case the messages a second on each connection, and the repeats.

    Returns:
        The ``ages`` table (``describe("ages")``), one row a case.
    """
    rows = []
    for rate_per_s, runs in cases:
        due = sum(run.seconds for run in runs) * rate_per_s * runs[0].connections
        many = min(len(run.ages_us) for run in runs) >= _FEW
        rows.append(
            {
                "transport": runs[0].way,
                "rate_per_s": rate_per_s,
                "connections": runs[0].connections,
                "repeats": len(runs),
                "messages": sum(run.deliveries for run in runs),
                "delivered_percent": 100 * sum(run.deliveries for run in runs) / due,
                **with_interval("p50", "_us", [run.age_us(50) for run in runs]),
                **with_interval("p99", "_us", [run.age_us(99) for run in runs] if many else []),
            }
        )
    return rows_table(rows, "ages")


def joined_table(found: Sequence[JoinedSends]) -> pd.DataFrame:
    """List what it brought to join messages in one send.

    Args:
        found: One for each transport and number of messages; each transport's first is what others are divided by.

    Returns:
        The ``joined`` table (``describe("joined")``), one row each.
    """
    first: dict[str, list[float]] = {}
    rows = []
    for each in found:
        rates = [run.deliveries_per_s for run in each.runs]
        gain = ratio_of(first.setdefault(each.way, rates), rates)
        rows.append(
            {
                "transport": each.way,
                "join": each.join,
                "repeats": len(each.runs),
                **_rate(each.runs),
                **_ratio("gain", gain),
                "server_us_each": _middle([run.server_us_each for run in each.runs]),
                **_burst_ages(each),
                **_shares(each.runs),
            }
        )
    return rows_table(rows, "joined")


def effects_table(effects: Sequence[FactorEffect]) -> pd.DataFrame:
    """List what single changes did, the largest effect first.

    Args:
        effects: One for each change.

    Returns:
        The ``effects`` table (``describe("effects")``), one row a change.
    """
    rows = [
        {
            "factor": each.factor,
            "transport": each.way,
            "change": each.change,
            "measure": each.measure,
            "repeats": len(each.base_us),
            "base_us": _middle(each.base_us),
            **_ratio("ratio", ratio_of(each.base_us, each.changed_us)),
        }
        for each in effects
    ]
    table = rows_table(rows, "effects")
    by_size = table.assign(size=np.log(table["ratio"]).abs()).sort_values("size", ascending=False, kind="stable")
    return by_size.drop(columns="size").reset_index(drop=True)


def files_table(found: Sequence[FileTransfer]) -> pd.DataFrame:
    """List what it took to carry files.

    Args:
        found: One for each transport and size.

    Returns:
        The ``files`` table (``describe("files")``), one row each.
    """
    rows: list[dict[str, object]] = [
        {
            "transport": each.way,
            "form": "base64" if each.way == "sse" else "binary",
            "size_bytes": each.size_bytes,
            "wire_bytes": each.wire_bytes,
            "overhead_percent": np.nan if each.refused else 100 * (each.wire_bytes / each.size_bytes - 1),
            **with_interval("mb", "_per_s", each.mb_per_s),
            "memory_bytes": each.memory_bytes,
            "refused": each.refused,
        }
        for each in found
    ]
    return rows_table(rows, "files")


def _burst_ages(joined: JoinedSends) -> dict[str, float]:
    together, alone = ([run.age_us(50) for run in runs] for runs in (joined.together, joined.alone))
    ages = {"together_p50_us": _middle(together), "alone_p50_us": _middle(alone)}
    missing = Ratio(np.nan, np.nan, np.nan, 0)
    return ages | _ratio("age_ratio", ratio_of(alone, together) if together and alone else missing)


def _middle(values: Sequence[float]) -> float:
    return middle_of_repeats(values)[0]


def _rate(runs: Runs) -> dict[str, float]:
    return with_interval("deliveries", "_per_s", [run.deliveries_per_s for run in runs])


def _shares(runs: Runs) -> dict[str, float]:
    return {
        "server_percent": 100 * float(np.mean([run.server_share for run in runs])),
        "client_percent": 100 * float(np.mean([run.client_share for run in runs])),
    }


def _ratio(name: str, ratio: Ratio) -> dict[str, float]:
    return {name: ratio.value, f"{name}_low": ratio.low, f"{name}_high": ratio.high}
