from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.tables.intervals import middle_of_repeats, slope, student


def test_equal_repeats_leave_no_doubt() -> None:
    assert middle_of_repeats([5.0, 5.0, 5.0]) == pytest.approx((5.0, 5.0, 5.0))


def test_the_middle_is_geometric_and_the_interval_too() -> None:
    middle, low, high = middle_of_repeats([10.0, 1_000.0])
    assert middle == pytest.approx(100.0)
    assert low * high == pytest.approx(middle**2)


def test_one_repeat_has_no_interval() -> None:
    middle, low, high = middle_of_repeats([7.0])
    assert middle == pytest.approx(7.0)
    assert math.isnan(low) and math.isnan(high)


@pytest.mark.parametrize("values", [[], [0.0, 1.0], [-1.0], [math.inf, 1.0], [math.nan]])
def test_what_has_no_ratio_has_no_middle(values: list[float]) -> None:
    assert all(map(math.isnan, middle_of_repeats(values)))


@given(st.lists(st.floats(0.001, 1e9), min_size=2, max_size=20), st.floats(0.01, 100))
def test_another_unit_changes_nothing_but_the_unit(values: list[float], factor: float) -> None:
    scaled = middle_of_repeats([factor * value for value in values])
    assert scaled == pytest.approx(tuple(factor * value for value in middle_of_repeats(values)), rel=1e-6)


def test_the_interval_covers_the_truth_in_95_of_100_experiments() -> None:
    chance = np.random.default_rng(1)
    for repeats in (2, 3, 5, 12):
        covered = 0
        for _ in range(2_000):
            _, low, high = middle_of_repeats(list(np.exp(chance.normal(1.0, 0.3, repeats))))
            covered += low <= math.e <= high
        assert 1_870 <= covered <= 1_930


def test_more_repeats_need_fewer_standard_errors() -> None:
    points = [student(degrees) for degrees in range(1, 40)]
    assert points == sorted(points, reverse=True)
    assert points[-1] == pytest.approx(2.02, abs=0.02)


def test_a_straight_line_has_a_slope_without_doubt() -> None:
    assert slope([1, 2, 4], [10, 30, 70]) == pytest.approx((20.0, 20.0, 20.0))


def test_two_points_have_a_slope_and_no_interval() -> None:
    value, low, high = slope([1, 2], [10, 30])
    assert value == pytest.approx(20.0)
    assert math.isnan(low) and math.isnan(high)


def test_the_interval_of_a_slope_covers_the_truth_in_95_of_100_experiments() -> None:
    chance, xs = np.random.default_rng(1), np.linspace(50, 1_000, 5)
    covered = 0
    for _ in range(2_000):
        _, low, high = slope(list(xs), list(7.0 * xs + chance.normal(0, 100, 5)))
        covered += low <= 7.0 <= high
    assert 1_870 <= covered <= 1_930
