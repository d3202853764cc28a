"""Where a page may connect to, and what its browser has, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.page_origins import Capability, Reach
from rtlab.tables.schema import rows_table


def reaches_table(reaches: Sequence[Reach]) -> pd.DataFrame:
    """List what came of each attempt to connect.

    Args:
        reaches: One for each attempt.

    Returns:
        The ``reaches`` table (``describe("reaches")``), one row an attempt.
    """
    return rows_table([asdict(each) for each in reaches], "reaches")


def browser_has_table(found: Sequence[Capability], published: pd.DataFrame, browser: str) -> pd.DataFrame:
    """Hold what one browser has against what is published.

    Args:
        found: One for each feature that was looked for.
        published: A ``browser_support`` table.
        browser: Which column of it is this browser's; it need not be there.

    Returns:
        The ``browser_has`` table (``describe("browser_has")``), one row a feature.
    """
    rows = []
    for each in found:
        known = published[published["feature"] == each.feature].set_index("browser")
        said = {name: _since(row) for name, row in known.iterrows()}
        own = said.pop(browser, "")
        rows.append(
            {
                "feature": each.feature,
                "here": each.here,
                "published": own,
                "agrees": None if each.here is None or not own else each.here == (own != "no"),
                "others": ", ".join(f"{name} {since}" for name, since in said.items() if since),
            }
        )
    return rows_table(rows, "browser_has")


def _since(row: pd.Series) -> str:
    if pd.isna(row["supported"]):
        return ""
    return str(row["since"]) if row["supported"] else "no"
