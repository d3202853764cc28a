"""Quizzes: complete files, honest feedback, and answers that are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from traitlets import TraitError

from rtlab.errors import InputError
from rtlab.widgets import quiz
from rtlab.widgets.quiz import Quiz, parse_quiz, quiz_names, read_quiz

_WHOLE = """
title = "T"
[[questions]]
question = "Q"
answer = "a"
why = "Because."
[questions.choices]
a = "yes"
b = "no"
[questions.mistakes]
b = "No is wrong."
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    quiz._kept.clear()


def test_the_first_two_notebooks_have_their_quizzes() -> None:
    assert {"00_start_here", "01_communication_direction"} <= set(quiz_names())


@pytest.mark.parametrize("name", quiz_names())
def test_a_quiz_has_four_to_six_questions_and_corrects_every_mistake(name: str) -> None:
    title, questions = read_quiz(name)
    assert title
    assert 4 <= len(questions) <= 6
    for asked in questions:
        assert len(set(asked.choices.values())) == len(asked.choices) >= 3
        assert all(asked.mistakes.values())


@pytest.mark.parametrize("name", quiz_names())
def test_the_right_answers_of_a_quiz_are_not_all_at_one_place(name: str) -> None:
    assert len({asked.answer for asked in read_quiz(name)[1]}) > 1


def test_the_text_form_shows_questions_and_choices_but_no_answers() -> None:
    shown = Quiz("00_start_here")
    for asked in read_quiz("00_start_here")[1]:
        assert asked.question in repr(shown)
        assert all(choice in repr(shown) for choice in asked.choices.values())
        assert asked.why not in repr(shown)
    bundle = shown._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/plain"] == repr(shown)
    assert ".check(1, &quot;a&quot;)" in bundle[0]["text/html"]


def test_check_says_why_an_answer_is_right_or_wrong_and_keeps_it() -> None:
    asked = read_quiz("00_start_here")[1][0]
    wrong = next(iter(asked.mistakes))
    shown = Quiz("00_start_here")
    assert shown.score == (0, 6)
    assert shown.check(1, wrong) == f"Not yet. {asked.mistakes[wrong]} Try another choice."
    assert (shown.answers, shown.score) == ({1: wrong}, (0, 6))
    assert shown.check(1, asked.answer) == f"Right. {asked.why}"
    assert (shown.answers, shown.score) == ({1: asked.answer}, (1, 6))


def test_running_the_cell_again_shows_the_old_answers() -> None:
    Quiz("00_start_here").check(2, "a")
    assert Quiz("00_start_here").answers == {2: "a"}
    assert Quiz("01_communication_direction").answers == {}


@pytest.mark.parametrize(("number", "letter"), [(0, "a"), (7, "a"), (1, "z"), (1, "")])
def test_an_answer_to_nothing_is_refused(number: int, letter: str) -> None:
    shown = Quiz("00_start_here")
    with pytest.raises(InputError):
        shown.check(number, letter)
    assert shown.answers == {}


@pytest.mark.parametrize("sent", [{"9": "a"}, {"1": "z"}, {"one": "a"}])
def test_what_the_page_sends_is_kept_or_rolled_back(sent: dict[str, Any]) -> None:
    shown = Quiz("00_start_here")
    shown.set_state({"_letters": {"1": "b"}})
    with pytest.raises(TraitError):
        shown.set_state({"_letters": sent})
    assert shown.answers == {1: "b"}


def test_an_unknown_quiz_is_an_error_that_lists_the_quizzes_there_are() -> None:
    with pytest.raises(InputError, match=re.escape(", ".join(quiz_names()))):
        Quiz("../claims")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title =", "titel ="),
        ('answer = "a"', 'answer = "c"'),
        ('why = "Because."', ""),
        ('b = "No is wrong."', ""),
        ('b = "No is wrong."', 'a = "Yes is wrong."'),
        ('question = "Q"', 'question = "Q"\nhint = "H"'),
        ('title = "T"', "title ="),
    ],
)
def test_a_file_that_is_not_in_order_is_an_error_that_names_the_quiz(old: str, new: str) -> None:
    parse_quiz(_WHOLE, "mine")
    with pytest.raises(InputError, match="quiz 'mine'"):
        parse_quiz(_WHOLE.replace(old, new), "mine")


def test_a_quiz_without_questions_is_refused() -> None:
    with pytest.raises(InputError, match="no questions"):
        parse_quiz('title = "T"\nquestions = []', "mine")
