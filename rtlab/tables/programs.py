"""Sizes and trials of the reference programs as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from rtlab.findings.programs import ProgramSize, Trial
from rtlab.tables.schema import rows_table
from rtlab.tables.simplicity_columns import FAULTS, outcome_column


def program_sizes_table(sizes: Sequence[ProgramSize]) -> pd.DataFrame:
    """List how much had to be written.

    Args:
        sizes: One for each part of a program.

    Returns:
        The ``program_sizes`` table (``describe("program_sizes")``), one row a part.
    """
    return rows_table([asdict(size) for size in sizes], "program_sizes")


def program_trials_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """List what each fault did.

    Args:
        trials: One for each pair of programs and fault.

    Returns:
        The ``program_trials`` table (``describe("program_trials")``), one row a trial.
    """
    return rows_table([asdict(trial) for trial in trials], "program_trials")


def programs_table(sizes: Sequence[ProgramSize], trials: Sequence[Trial]) -> pd.DataFrame:
    """Put what was written beside what it survived.

    Args:
        sizes: One for each part of a program.
        trials: One for each pair of programs and fault.

    Returns:
        The ``programs`` table (``describe("programs")``), one row a pair of server and client; the outcome of
        a fault that was not tried is missing.
    """
    pairs = dict.fromkeys((size.protocol, size.level) for size in sizes)
    rows: list[dict[str, Any]] = []
    for protocol, level in pairs:
        parts = [size for size in sizes if (size.protocol, size.level) == (protocol, level)]
        tried = {trial.fault: trial for trial in trials if (trial.protocol, trial.level) == (protocol, level)}
        rows.append(
            {
                "protocol": protocol,
                "level": level,
                "lines": sum(part.lines for part in parts),
                "branches": sum(part.branches for part in parts),
                "tried": len(tried),
                "passed": sum(trial.passed for trial in tried.values()),
                **{outcome_column(fault): tried[fault].outcome if fault in tried else None for fault in FAULTS},
            }
        )
    return rows_table(rows, "programs")
