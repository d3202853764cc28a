"""Predictions: what may be answered, and that answers are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from rtlab.errors import InputError
from rtlab.widgets import predict
from rtlab.widgets.predict import Predict


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    predict._kept.clear()


def _number(**settings: Any) -> Predict:
    return Predict("How long?", **{"unit": "ms", "low": 0, "high": 100, "key": "wait", **settings})


def _choice(**settings: Any) -> Predict:
    return Predict("Which?", **{"choices": ["SSE", "WebSocket"], "key": "which", **settings})


def test_before_the_answer_there_is_no_value() -> None:
    guess = _number()
    assert guess.value is None
    assert not guess.answered


@given(st.floats(0, 100))
def test_a_number_within_the_limits_is_the_value(number: float) -> None:
    guess = _number()
    guess.answer(number)
    assert guess.value == number
    assert guess.answered


@pytest.mark.parametrize("wrong", [-1, 100.5, float("nan"), float("inf"), True, "12", None, [1]])
def test_what_is_no_number_within_the_limits_is_refused(wrong: Any) -> None:
    guess = _number()
    with pytest.raises(InputError, match="a number from 0 to 100 ms"):
        guess.answer(wrong)
    assert guess.value is None


def test_a_number_of_numpy_is_a_number() -> None:
    guess = _number(low=None)
    guess.answer(np.int64(-3))
    assert guess.value == -3.0


def test_a_choice_is_one_of_those_offered() -> None:
    guess = _choice()
    guess.answer("WebSocket")
    assert guess.value == "WebSocket"
    with pytest.raises(InputError, match="'SSE', 'WebSocket'"):
        guess.answer("both")
    assert guess.value == "WebSocket"


def test_running_the_cell_again_shows_the_old_answer() -> None:
    _number().answer(12)
    assert _number().value == 12.0
    assert _number(key="another").value is None


def test_an_old_answer_that_no_longer_fits_the_question_is_forgotten() -> None:
    _number().answer(80)
    assert _number(high=50).value is None
    assert _number().value is None


def test_what_the_page_sends_is_kept_or_rolled_back() -> None:
    guess = _number()
    guess.set_state({"value": 12})
    assert guess.value == 12.0
    with pytest.raises(TraitError, match="a number from 0 to 100 ms"):
        guess.set_state({"value": 1000})
    assert guess.value == 12.0
    assert _number().value == 12.0


@pytest.mark.parametrize(
    "settings",
    [
        {"choices": ["only one"]},
        {"choices": ["a", "a"]},
        {"choices": []},
        {"choices": ["a", "b"], "unit": "ms"},
        {"choices": ["a", "b"], "low": 1},
        {"low": 2, "high": 2},
        {"key": ""},
        {"question": ""},
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Predict(**{"question": "How?", "key": "how", **settings})


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, "a number\n"),
        ({"unit": "ms"}, "a number ms\n"),
        ({"low": 1}, "a number from 1\n"),
        ({"high": 9}, "a number up to 9\n"),
    ],
)
def test_the_text_says_which_numbers_are_wanted(settings: dict[str, Any], wanted: str) -> None:
    assert wanted in repr(Predict("How?", key="how", **settings))


def test_without_a_page_the_card_is_text_that_says_how_to_answer() -> None:
    guess = _number()
    bundle = guess._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/plain"] == (
        "How long?\n  a number from 0 to 100 ms\nNot answered yet. In code: .answer(50)"
    )
    assert ".answer(50)" in bundle[0]["text/html"]
    guess.answer(12)
    assert "Your guess is kept: 12 ms" in repr(guess)
    assert "  - SSE\n  - WebSocket\n" in repr(_choice())
