from __future__ import annotations

import math

import pytest

from rtlab.errors import InputError
from rtlab.tables.ratios import Ratio, ratio_of


def test_a_ratio_is_the_geometric_mean_of_the_pairs() -> None:
    found = ratio_of([100, 400, 100], [200, 800, 200])
    assert [found.value, found.low, found.high] == pytest.approx([2, 2, 2])
    assert found.pairs == 3
    assert ratio_of([1, 1], [2, 8]).value == pytest.approx(4)


def test_what_strikes_both_of_a_pair_does_not_widen_the_interval() -> None:
    quiet, noisy = ratio_of([100, 50, 75], [110, 55, 82.5]), ratio_of([100, 50, 75], [82.5, 110, 55])
    assert quiet.high - quiet.low < 1e-9
    assert noisy.low < 1 < noisy.high


def test_one_pair_has_no_interval_and_settles_nothing() -> None:
    alone = ratio_of([100], [300])
    assert alone.value == pytest.approx(3)
    assert math.isnan(alone.low)
    assert not alone.alike
    assert not alone.clear
    assert "one pair" in str(alone)


@pytest.mark.parametrize(
    ("low", "high", "alike", "clear"),
    [(0.95, 1.05, True, False), (1.01, 1.05, True, True), (0.8, 1.05, False, False), (1.2, 1.5, False, True)],
)
def test_alike_and_clear_follow_from_the_interval(low: float, high: float, alike: bool, clear: bool) -> None:
    ratio = Ratio((low * high) ** 0.5, low, high, 3)
    assert (ratio.alike, ratio.clear) == (alike, clear)
    assert ratio.within_percent == pytest.approx(100 * (max(high, 1 / low) - 1))


@pytest.mark.parametrize(("base", "changed"), [([], []), ([1], [1, 2]), ([1], [0]), ([-1], [1])])
def test_what_has_no_ratio_is_refused(base: list[float], changed: list[float]) -> None:
    with pytest.raises(InputError, match="pairs"):
        ratio_of(base, changed)
