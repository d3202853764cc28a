from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rtlab.experiments.pouring import thinned

POINTS = st.lists(st.tuples(st.floats(0, 500), st.integers(0, 100)), min_size=1, max_size=60).map(sorted)


@given(POINTS)
def test_the_first_and_the_last_stay_and_nothing_is_added(points: list[tuple[float, int]]) -> None:
    kept = thinned(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert list(kept) == sorted(kept)
    assert set(kept) <= set(points)


@given(POINTS)
def test_each_end_of_a_pause_stays(points: list[tuple[float, int]]) -> None:
    kept = set(thinned(points))
    for before, after in pairwise(points):
        if after[0] - before[0] >= 5.0:
            assert before in kept


def test_points_that_follow_closely_are_left_out() -> None:
    assert len(thinned([(number / 10, number) for number in range(1_000)])) < 25
