"""Accounts of lost, doubled and disordered messages as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rtlab.findings.simplicity import Loss
from rtlab.tables.schema import rows_table


def losses_table(losses: Sequence[Loss]) -> pd.DataFrame:
    """List what became of the messages, for each server and client design.

    Args:
        losses: One for each server, client and seed.

    Returns:
        The ``losses`` table (``describe("losses")``); in each row ``delivered + lost == sent``.
    """
    rows = [
        {
            **{name: getattr(loss, name) for name in ("server", "client", "seed", "cuts")},
            **{
                name: getattr(loss.account, name)
                for name in ("sent", "delivered", "lost", "doubled", "out_of_order")
            },
            "recovery_ms": float(np.median(loss.recovery_ms)) if loss.recovery_ms else np.nan,
            "longest_ms": max(loss.recovery_ms, default=np.nan),
        }
        for loss in losses
    ]
    return rows_table(rows, "losses")
