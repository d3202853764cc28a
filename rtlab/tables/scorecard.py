"""The scorecard's numbers and what weights make of them, as tidy tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.scorecard import CATEGORIES, Measure
from rtlab.tables.schema import rows_table


def score_measures_table(measures: Sequence[Measure]) -> pd.DataFrame:
    """List what was measured.

    Args:
        measures: In any order.

    Returns:
        The ``score_measures`` table (``describe("score_measures")``), in the order of the categories.
    """
    ordered = sorted(measures, key=lambda each: CATEGORIES.index(each.category))
    rows = [
        {**asdict(each), "lean": each.lean, "source": "reference" if each.reference else "yours"}
        for each in ordered
    ]
    return rows_table(rows, "score_measures")


def scorecard_table(measures: Sequence[Measure], weights: Mapping[str, float]) -> pd.DataFrame:
    """Weigh the categories.

    Args:
        measures: What was measured.
        weights: The weight of each category.

    Returns:
        The ``scorecard`` table (``describe("scorecard")``), one row a category, those without a measure included.
    """
    rows: list[dict[str, object]] = []
    for category in CATEGORIES:
        own = [each for each in measures if each.category == category]
        lean = sum(each.lean for each in own) / len(own) if own else None
        mixed = any(each.lean < 0 for each in own) and any(each.lean > 0 for each in own)
        sources = {each.reference for each in own}
        rows.append(
            {
                "category": category,
                "measures": len(own),
                "lean": lean,
                "weight": weights[category],
                "pull": None if lean is None else lean * weights[category],
                "mixed": mixed,
                "source": "none" if not own else "reference" if sources == {True} else "yours",
            }
        )
    return rows_table(rows, "scorecard")
