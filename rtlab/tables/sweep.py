"""Sweeps as tidy tables: one row a run, and one row a combination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rtlab.findings.sweep import SweepCase, SweepRun
from rtlab.tables.load import load_validity_table
from rtlab.tables.schema import TABLES, rows_table
from rtlab.tables.serving import with_interval

_FROM_TOTALS = (
    "opened",
    "sent",
    "messages",
    "missing",
    "messages_per_s",
    "p50_ms",
    "p99_ms",
    "max_ms",
    "lost_workers",
)


def sweep_runs_table(transport: str, runs: Sequence[SweepRun]) -> pd.DataFrame:
    """List the runs of a sweep, those that failed too.

    Args:
        transport: How the messages travelled.
        runs: The runs that are over.

    Returns:
        The ``sweep_runs`` table (``describe("sweep_runs")``), one row a run.
    """
    rows = [
        {
            **_case(transport, run.case),
            "repeat": run.repeat,
            "date_utc": run.date_utc,
            **{name: getattr(run.totals, name, None) for name in _FROM_TOTALS},
            "failed_checks": "; ".join(_failed_checks(run)),
            "error": run.error or "; ".join(run.lost),
        }
        for run in runs
    ]
    return rows_table(rows, "sweep_runs")


def sweep_table(transport: str, runs: Sequence[SweepRun]) -> pd.DataFrame:
    """Sum up a sweep.

    Args:
        transport: How the messages travelled.
        runs: The runs that are over.

    Returns:
        The ``sweep`` table (``describe("sweep")``), one row a combination, in the order of their first runs.
    """
    rows = []
    for case in dict.fromkeys(run.case for run in runs):
        own = [run for run in runs if run.case == case]
        whole = [run for run in own if run.totals is not None and not run.lost]
        totals = [run.totals for run in whole if run.totals is not None]
        rows.append(
            {
                **_case(transport, case),
                "runs": len(whole),
                "invalid": sum(bool(_failed_checks(run)) for run in whole),
                "lost": len(own) - len(whole),
                **with_interval("messages", "_per_s", [each.messages_per_s for each in totals]),
                **with_interval("p50", "_ms", _known([each.p50_ms for each in totals])),
                **with_interval("p99", "_ms", _known([each.p99_ms for each in totals])),
            }
        )
    return rows_table(rows, "sweep")


def _case(transport: str, case: SweepCase) -> dict[str, Any]:
    names = [column.name for column in TABLES["sweep"][1:4]]
    return {"transport": transport} | {name: getattr(case, name) for name in names}


def _known(values_ms: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values_ms]


def _failed_checks(run: SweepRun) -> list[str]:
    if run.totals is None:
        return []
    report = load_validity_table(run.totals)
    return [str(name) for name in report.loc[~report["passed"].astype(bool), "check"]]
