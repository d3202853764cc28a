"""A quiz: questions whose wrong answers are beliefs that people really hold, each with its correction."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from typing import Any

import traitlets

from rtlab.errors import InputError
from rtlab.resources import data_path
from rtlab.widgets.readable import ReadableWidget, front_end

_kept: dict[str, dict[str, str]] = {}
"""The answers of this kernel by quiz name, so that running a cell again does not lose them."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a quiz.

    Attributes:
        question: The question.
        choices: Letter to possible answer.
        answer: The letter of the right one.
        why: Why it is right, with the clause that says so.
        mistakes: Letter of each wrong choice to what is wrong with it.
    """

    question: str
    choices: dict[str, str]
    answer: str
    why: str
    mistakes: dict[str, str]

    def feedback(self, letter: str) -> str:
        """Say whether a choice is right, and why."""
        if letter == self.answer:
            return f"Right. {self.why}"
        return f"Not yet. {self.mistakes[letter]} Try another choice."


class Quiz(ReadableWidget):
    """The questions of one quiz, with feedback on each answer.

    Args:
        name: The quiz, such as ``"00_start_here"``: a file of ``data/quizzes``.

    Attributes:
        answers: Number of the question to the letter chosen, for the questions answered so far.

    Raises:
        InputError: There is no such quiz, or its file is not in order.
    """

    _esm = front_end("card.js", "quiz.js")
    _css = front_end("card.css")

    _title = traitlets.Unicode().tag(sync=True)
    _questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    _letters = traitlets.Dict().tag(sync=True)
    """Number of the question, as text because JSON wants it so, to the letter chosen."""

    def __init__(self, name: str) -> None:
        self.name = name
        title, self._asked = read_quiz(name)
        super().__init__(_title=title, _questions=[asdict(question) for question in self._asked])
        self._letters = _kept.get(name, {})

    @property
    def answers(self) -> dict[int, str]:
        """The letters chosen so far, by number of the question from 1."""
        return {int(number): letter for number, letter in self._letters.items()}

    @property
    def score(self) -> tuple[int, int]:
        """How many answers are right, and how many questions there are."""
        right = sum(self._asked[number - 1].answer == letter for number, letter in self.answers.items())
        return right, len(self._asked)

    def check(self, number: int, letter: str) -> str:
        """Answer a question in code, for a notebook without a page.

        Args:
            number: The question, from 1.
            letter: The choice, such as ``"b"``.

        Returns:
            Whether that is right, and why.

        Raises:
            InputError: There is no such question or choice.
        """
        self._refuse_unknown(number, letter)
        self._letters = {**self._letters, str(number): letter}
        return self._asked[number - 1].feedback(letter)

    def _refuse_unknown(self, number: int, letter: str) -> None:
        if not 1 <= number <= len(self._asked):
            raise InputError(f"The quiz has questions 1 to {len(self._asked)}, not {number!r}.")
        choices = self._asked[number - 1].choices
        if letter not in choices:
            raise InputError(f"Question {number} has the choices {', '.join(choices)}, not {letter!r}.")

    @traitlets.validate("_letters")
    def _check_letters(self, proposal: Any) -> dict[str, str]:
        letters: dict[str, str] = proposal["value"]
        try:
            for number, letter in letters.items():
                self._refuse_unknown(int(number), letter)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error
        return letters

    @traitlets.observe("_letters")
    def _keep(self, change: Any) -> None:
        _kept[self.name] = change["new"]

    def __repr__(self) -> str:
        lines = [self._title]
        for number, asked in enumerate(self._asked, 1):
            lines += ["", f"{number}. {asked.question}"]
            lines += [f"   {letter}) {text}" for letter, text in asked.choices.items()]
        return "\n".join([*lines, "", 'In code: .check(1, "a")'])


def quiz_names() -> list[str]:
    """List the quizzes there are."""
    return sorted(path.stem for path in data_path("quizzes").glob("*.toml"))


def read_quiz(name: str) -> tuple[str, tuple[Question, ...]]:
    """Read a quiz from its file and check that every question is complete.

    Args:
        name: The quiz.

    Returns:
        Its title and its questions.

    Raises:
        InputError: There is no such quiz, or something is missing in its file.
    """
    if name not in quiz_names():
        raise InputError(f"There is no quiz {name!r}; there are {', '.join(quiz_names())}.")
    return parse_quiz(data_path("quizzes", f"{name}.toml").read_text(encoding="utf-8"), name)


def parse_quiz(text: str, name: str) -> tuple[str, tuple[Question, ...]]:
    """Read the text of a quiz file; see ``read_quiz``."""
    try:
        parsed = tomllib.loads(text)
        title, tables = parsed["title"], parsed["questions"]
        questions = tuple(Question(**table) for table in tables)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"The quiz {name!r} cannot be read: {error}.") from error
    for number, asked in enumerate(questions, 1):
        wrong = set(asked.choices) - {asked.answer}
        if asked.answer not in asked.choices or wrong != set(asked.mistakes) or not wrong:
            raise InputError(
                f"Question {number} of the quiz {name!r} must name its answer among its choices, "
                "and a mistake for each of the others."
            )
    if not questions:
        raise InputError(f"The quiz {name!r} has no questions.")
    return title, questions
