"""What a fault did to each transport, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rtlab.findings.faults import FaultEffect
from rtlab.tables.schema import check, rows_table


def fault_arrivals_table(effects: Sequence[FaultEffect]) -> pd.DataFrame:
    """List every message of every run.

    Args:
        effects: One for each run and transport.

    Returns:
        The ``fault_arrivals`` table (``describe("fault_arrivals")``), one row a message, run and transport; a lost
        message stays, without ``received_ms``.
    """
    rows = [
        {
            "run": effect.run,
            "transport": effect.transport,
            "seq": arrival.seq,
            "sent_ms": arrival.sent_ms,
            "received_ms": np.nan if arrival.received_ms is None else arrival.received_ms,
            "age_ms": np.nan if arrival.received_ms is None else arrival.received_ms - arrival.sent_ms,
        }
        for effect in effects
        for arrival in effect.arrivals
    ]
    return rows_table(rows, "fault_arrivals")


def fault_effects_table(arrivals: pd.DataFrame) -> pd.DataFrame:
    """Sum up what each transport lost and how late the rest was.

    Args:
        arrivals: A ``fault_arrivals`` table.

    Returns:
        The ``fault_effects`` table (``describe("fault_effects")``), one row a transport and run.

    Raises:
        InputError: The table does not follow its rules.
    """
    groups = check(arrivals, "fault_arrivals").groupby(["transport", "run"], observed=True, sort=False)
    rows = [
        {
            "transport": transport,
            "run": run,
            "sent": len(group),
            "lost": int(group["received_ms"].isna().sum()),
            "median_ms": group["age_ms"].median(),
            "oldest_ms": group["age_ms"].max(),
            "longest_silence_ms": group["received_ms"].dropna().sort_values().diff().max(),
        }
        for (transport, run), group in groups
    ]
    return rows_table(rows, "fault_effects")
