from __future__ import annotations

import pytest
import traitlets

from rtlab.errors import InputError
from rtlab.findings.scorecard import Measure
from rtlab.results.scorecard import scorecard

SAFE = Measure("Security", "attacks", 2, 8, "lower", "attacks", "2026-11-23")
FAST = Measure("Performance", "latency", 4, 1, "lower", "ms", "2026-11-23")


def make():
    return scorecard([SAFE, FAST], reference=False).sliders()


def test_a_moved_slider_weighs_anew_and_says_so():
    sliders = make()
    place = sliders.categories.index("Security")
    sliders.weights = [4.0 if index == place else 1.0 for index in range(8)]
    assert sliders.weighed.weights["Security"] == 4
    assert sliders.pulls[place] == pytest.approx(-8 / 3)
    assert sliders.said == sliders.weighed.balance
    assert "2.67 of the weight pulls towards SSE" in sliders.said


def test_code_moves_the_sliders_too_and_the_others_stay():
    sliders = make()
    sliders.set({"Security": 4})
    sliders.set({"Performance": 0.5})
    assert dict(zip(sliders.categories, sliders.weights, strict=True)) == sliders.weighed.weights
    assert (sliders.weighed.weights["Security"], sliders.weighed.weights["Performance"]) == (4, 0.5)
    assert sliders.pulls[sliders.categories.index("Tooling")] is None


@pytest.mark.parametrize("weights", [[1.0] * 7, [1.0] * 7 + [11.0], [-1.0] + [1.0] * 7, [float("nan")] * 8])
def test_weights_that_no_slider_has_are_refused(weights):
    sliders = make()
    with pytest.raises(traitlets.TraitError):
        sliders.weights = weights
    assert sliders.weighed.weights["Security"] == 1


def test_an_unknown_category_is_refused_in_code():
    with pytest.raises(InputError, match="Speed"):
        make().set({"Speed": 1})


def test_text_shows_weights_and_pulls_where_no_page_does():
    text = repr(make())
    assert "Communication Direction" in text
    assert ".set({'Communication Direction': 2})" in text
