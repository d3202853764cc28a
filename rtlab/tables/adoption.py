"""What frameworks take, and how they do, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.adoption import StackTrial
from rtlab.tables.schema import rows_table


def stacks_table(stacks: Sequence[dict[str, object]]) -> pd.DataFrame:
    """List the stacks that come with rtlab.

    Args:
        stacks: One mapping a stack, with the columns of the table as keys; others are left out.

    Returns:
        The ``stacks`` table (``describe("stacks")``).
    """
    return rows_table(stacks, "stacks")


def adoption_table(trials: Sequence[StackTrial], here: Sequence[str], notes: Mapping[str, str]) -> pd.DataFrame:
    """Put the stacks side by side.

    Args:
        trials: One a stack.
        here: The names of those that were measured just now.
        notes: What else is to be said of a stack, by its name.

    Returns:
        The ``adoption`` table (``describe("adoption")``), one row a stack.
    """
    rows = [
        {
            **asdict(trial),
            "installed_mb": trial.installed_bytes / 1e6,
            "probe": ", ".join(trial.probe),
            "measured": trial.date_utc[:10],
            "here": trial.stack in here,
            "note": " ".join(filter(None, (notes.get(trial.stack, ""), "; ".join(trial.trouble)))),
        }
        for trial in trials
    ]
    return rows_table(rows, "adoption")
