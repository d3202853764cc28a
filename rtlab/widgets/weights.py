"""Sliders for weights, with what they do shown beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any, Protocol

import traitlets

from rtlab.errors import InputError
from rtlab.figures.theme import LOOKS
from rtlab.widgets.readable import ReadableWidget, front_end


class Weighed(Protocol):
    """What weights make of the measures."""

    @property
    def table(self) -> Any:
        """A ``scorecard`` table."""

    @property
    def balance(self) -> str:
        """What it says, in one or two sentences."""


class Weights(ReadableWidget):
    """One slider a category; a bar beside each shows what it pulls, and the sentence below what all of them do.

    It works while no cell runs. In code: ``set({"Security": 4})``.

    Args:
        weighed: Where it starts.
        weigh: Gives what other weights make of it.
        most: The largest weight; the smallest is 0.

    Attributes:
        weighed: What the weights of now make of it.
    """

    _esm = front_end("card.js", "weights.js")
    _css = front_end("card.css", "weights.css")

    categories = traitlets.List(traitlets.Unicode()).tag(sync=True)
    most = traitlets.Float().tag(sync=True)
    weights = traitlets.List(traitlets.Float()).tag(sync=True)
    pulls = traitlets.List(traitlets.Float(allow_none=True)).tag(sync=True)
    sources = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sides: Any = traitlets.List().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, weighed: Weighed, weigh: Callable[[Mapping[str, float]], Any], most: float) -> None:
        self.weighed: Any = weighed
        self._weigh = weigh
        super().__init__(
            categories=weighed.table["category"].tolist(),
            most=most,
            weights=weighed.table["weight"].tolist(),
            sources=weighed.table["source"].tolist(),
            sides=[[LOOKS[side].name, LOOKS[side].color] for side in ("sse", "websocket")],
            **_shown(weighed),
        )

    def set(self, weights: Mapping[str, float]) -> None:
        """Move sliders in code, for a notebook without a page; those that are not named stay.

        Args:
            weights: Categories with their weights.

        Raises:
            InputError: A category is unknown, or a weight is out of its range.
        """
        weighed = self._weigh(dict(zip(self.categories, self.weights, strict=True)) | dict(weights))
        self.weights = weighed.table["weight"].tolist()

    @traitlets.validate("weights")
    def _check(self, proposal: Any) -> list[float]:
        values: Sequence[float] = proposal["value"]
        if len(values) != len(self.categories) or not all(0 <= value <= self.most for value in values):
            raise traitlets.TraitError("The page sent weights that no slider has.")
        return list(values)

    @traitlets.observe("weights")
    def _follow(self, change: Any) -> None:
        if change["old"] is traitlets.Undefined:
            return
        try:
            self.weighed = self._weigh(dict(zip(self.categories, change["new"], strict=True)))
        except InputError as error:  # a page shows no traceback of a slider
            self.said = str(error)
            return
        for name, value in _shown(self.weighed).items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        rows = self.weighed.table[["category", "weight", "pull"]].round(2).to_string(index=False)
        return f"{rows}\n{self.said} In code: .set({{{self.categories[0]!r}: 2}})"


def _shown(weighed: Weighed) -> dict[str, Any]:
    pulls = [None if isnan(pull) else float(pull) for pull in weighed.table["pull"]]
    return {"pulls": pulls, "said": weighed.balance}
