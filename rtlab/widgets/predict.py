"""A prediction: what the learner expects, written down before the experiment runs."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import traitlets

from rtlab.errors import InputError
from rtlab.widgets.readable import ReadableWidget, front_end

_kept: dict[str, float | str] = {}
"""The answers of this kernel by key, so that running a cell again does not lose one."""


class Predict(ReadableWidget):
    """A card with one question that is answered before the experiment runs.

    It never waits: until the learner answers, ``value`` is None and a figure simply draws no guess.

    Args:
        question: The question, one sentence.
        choices: The possible answers; without them the answer is a number.
        unit: The number's unit, such as ``"ms"``.
        low: The smallest number allowed, or None.
        high: The largest number allowed, or None; with both there is a slider too.
        key: The name under which this kernel keeps the answer, different for each question.

    Attributes:
        value: The answer: one of the choices, or a number; None before there is one.

    Raises:
        InputError: The question cannot be asked like this.
    """

    _esm = front_end("card.js", "predict.js")
    _css = front_end("card.css")

    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    low = traitlets.Float(None, allow_none=True).tag(sync=True)
    high = traitlets.Float(None, allow_none=True).tag(sync=True)
    value = traitlets.Any(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        question: str,
        *,
        choices: Sequence[str] | None = None,
        unit: str = "",
        low: float | None = None,
        high: float | None = None,
        key: str,
    ) -> None:
        answers = list(choices or ())
        if not question or not key:
            raise InputError("Predict needs a question and a key.")
        if choices is not None and (len(answers) < 2 or len(set(answers)) != len(answers)):
            raise InputError(f"Predict choices must be two or more different texts, not {choices!r}.")
        if answers and (unit or low is not None or high is not None):
            raise InputError("Predict takes either choices or a number with unit, low and high.")
        if low is not None and high is not None and not low < high:
            raise InputError(f"Predict low must be less than high, not {low!r} and {high!r}.")
        self.key = key
        super().__init__(question=question, choices=answers, unit=unit, low=low, high=high)
        if key in _kept:
            try:
                self.value = self._checked(_kept[key])
            except InputError:  # the question has changed since
                del _kept[key]

    @property
    def answered(self) -> bool:
        """True when there is an answer."""
        return self.value is not None

    def answer(self, value: float | str) -> None:
        """Answer in code, for a notebook without a page; a later answer replaces it.

        Args:
            value: One of the choices, or a number from ``low`` to ``high`` in ``unit``.

        Raises:
            InputError: It is not one of the possible answers.
        """
        self.value = self._checked(value)

    def _checked(self, value: object) -> float | str:
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value
            raise InputError(f"Answer with one of {', '.join(map(repr, self.choices))}, not {value!r}.")
        if not isinstance(value, bool) and isinstance(value, numbers.Real):
            number = float(value)
            low = -math.inf if self.low is None else self.low
            high = math.inf if self.high is None else self.high
            if math.isfinite(number) and low <= number <= high:
                return number
        raise InputError(f"Answer with {self._wanted()}, not {value!r}.")

    def _wanted(self) -> str:
        low = "" if self.low is None else f" from {self.low:.12g}"
        high = "" if self.high is None else f" {'to' if low else 'up to'} {self.high:.12g}"
        return f"a number{low}{high} {self.unit}".rstrip()

    @traitlets.validate("value")
    def _check_value(self, proposal: Any) -> float | str | None:
        value = proposal["value"]
        try:
            return None if value is None else self._checked(value)
        except InputError as error:
            raise traitlets.TraitError(str(error)) from error  # what traitlets rolls back on

    @traitlets.observe("value")
    def _keep(self, change: Any) -> None:
        if change["new"] is not None:
            _kept[self.key] = change["new"]

    def __repr__(self) -> str:
        if self.choices:
            wanted, example = "\n".join(f"  - {choice}" for choice in self.choices), repr(self.choices[0])
        else:
            limits = [limit for limit in (self.low, self.high) if limit is not None]
            wanted, example = f"  {self._wanted()}", f"{sum(limits) / len(limits) if limits else 1:.12g}"
        state = "Not answered yet" if self.value is None else f"Your guess is kept: {self._shown()}"
        return f"{self.question}\n{wanted}\n{state}. In code: .answer({example})"

    def _shown(self) -> str:
        number = f"{self.value:.12g}" if isinstance(self.value, float) else str(self.value)
        return f"{number} {self.unit}".rstrip()
