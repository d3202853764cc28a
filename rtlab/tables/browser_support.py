"""Which browser has had what since when, as published sources say, as a tidy table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rtlab.tables.schema import rows_table


def browser_support_table(published: Mapping[str, Any]) -> pd.DataFrame:
    """List what is published on each feature and browser.

    Args:
        published: The content of ``data/browsers/support.json``: the day of reading, the browsers, the sources, and
            for each feature what each source says: a first version, or ``"no"``.

    Returns:
        The ``browser_support`` table (``describe("browser_support")``), one row a feature and browser; where no
        source says anything, the row says so by what is missing.
    """
    rows = []
    for feature in published["features"]:
        known = {browser: (since, each) for each in feature["known"] for browser, since in each["since"].items()}
        for browser in published["browsers"]:
            since, each = known.get(browser, (None, None))
            source = published["sources"][each["source"]] if each else {}
            place = f", {each['where']}" if each and each["where"] else ""
            rows.append(
                {
                    "feature": feature["feature"],
                    "browser": browser,
                    "supported": None if since is None else since != "no",
                    "since": None if since == "no" else since,
                    "note": feature["note"],
                    "source": source["title"] + place if source else "",
                    "source_date": source.get("date", ""),
                    "url": source.get("url", ""),
                    "read_on": published["read"] if source else "",
                }
            )
    return rows_table(rows, "browser_support")
