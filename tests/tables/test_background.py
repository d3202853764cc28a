from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtlab.findings.page_background import PageLane, PageWatch
from rtlab.tables.background import background_table, beats_table

LANE = PageLane("timer, every 100 ms", 100.0, (0.0, 100.0, 200.0, 1_000.0, 2_000.0, 2_900.0, 3_000.0))
WATCH = PageWatch((LANE,), ((250.0, 2_500.0),), 3_000.0)


def test_each_state_of_the_page_has_its_rate_and_its_gaps() -> None:
    visible, hidden = background_table(WATCH).to_dict("records")
    assert (visible["page"], visible["count"], visible["seconds"], visible["median_gap_ms"]) == (
        "visible",
        5,
        0.75,
        100.0,
    )
    assert (hidden["page"], hidden["count"], hidden["seconds"]) == ("hidden", 2, 2.25)
    assert hidden["longest_gap_ms"] == 1_000.0  # and not the gap across the change


def test_a_page_that_stayed_visible_has_one_row_a_lane() -> None:
    table = background_table(PageWatch((LANE,), (), 3_000.0))
    assert table["page"].tolist() == ["visible"]


def test_who_came_once_has_no_gap() -> None:
    (row,) = background_table(PageWatch((PageLane("x", 1.0, (5.0,)),), (), 10.0)).to_dict("records")
    assert row["count"] == 1
    assert row["median_gap_ms"] != row["median_gap_ms"]  # missing


@given(st.lists(st.floats(0, 3_000), max_size=30).map(sorted))
def test_every_beat_is_counted_once(times_ms: list[float]) -> None:
    watch = PageWatch((PageLane("x", 1.0, tuple(times_ms)),), ((250.0, 2_500.0),), 3_000.0)
    assert len(beats_table(watch)) == background_table(watch)["count"].sum() == len(times_ms)
