from __future__ import annotations

import pandas as pd

from rtlab.findings.page_origins import Capability, Reach
from rtlab.tables.origins import browser_has_table, reaches_table
from rtlab.tables.schema import check

PUBLISHED = check(
    pd.DataFrame(
        [
            {"feature": "A", "browser": "Chrome", "supported": True, "since": "6"},
            {"feature": "A", "browser": "Firefox", "supported": False, "since": None},
            {"feature": "B", "browser": "Chrome", "supported": None, "since": None},
            {"feature": "C", "browser": "Chrome", "supported": False, "since": None},
        ]
    ).assign(note="", source="", source_date="", url="", read_on=""),
    "browser_support",
)


def test_each_attempt_is_a_row() -> None:
    reach = Reach("WebSocket", "fails, 1006", False, "the browser", "bad ports", "Fetch")
    (row,) = reaches_table([reach]).to_dict("records")
    assert (row["outcome"], row["arrived"], row["stopped_by"]) == ("fails, 1006", False, "the browser")


def test_what_is_here_is_held_against_what_is_published() -> None:
    found = [Capability("A", True), Capability("B", True), Capability("C", True), Capability("D", None)]
    rows = browser_has_table(found, PUBLISHED, "Chrome").set_index("feature")
    assert rows["published"].to_dict() == {"A": "6", "B": "", "C": "no", "D": ""}
    assert rows["agrees"].astype(object).where(rows["agrees"].notna(), None).to_dict() == {
        "A": True,
        "B": None,
        "C": False,
        "D": None,
    }
    assert rows.loc["A", "others"] == "Firefox no"


def test_a_browser_that_nobody_publishes_on_has_nothing_to_agree_with() -> None:
    table = browser_has_table([Capability("A", True)], PUBLISHED, "another browser")
    assert table["agrees"].isna().all()
    assert table["others"].tolist() == ["Chrome 6, Firefox no"]
