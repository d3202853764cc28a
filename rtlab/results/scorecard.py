"""``scorecard()``: the summary of the eight categories, from the learner's own results and weights.

It proclaims no winner: it shows what pulls where, and at which weight the balance tips.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf
from numbers import Real
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.clock import date_utc
from rtlab.errors import InputError
from rtlab.figures.scorecard import figure_scorecard
from rtlab.figures.tipping import figure_tipping
from rtlab.findings.scorecard import CATEGORIES, Measure
from rtlab.json_file import load_json
from rtlab.resources import data_path
from rtlab.results.direction import Finding
from rtlab.results.scorecard_measures import measures_of
from rtlab.tables.scorecard import score_measures_table, scorecard_table
from rtlab.widgets.weights import Weights

FORMAT = "rtlab scorecard 1"
MOST_WEIGHT = 10.0
_TOLD = "given by you, not measured here"


class Scorecard(Finding):
    """The eight categories, measured and weighed.

    Args:
        measures: What was measured.
        weights: The weight of each category, from 0 to 10.
    """

    def __init__(self, measures: Iterable[Measure], weights: Mapping[str, float]) -> None:
        self.all_measures = tuple(measures)
        self.weights = dict(weights)

    @property
    def table(self) -> pd.DataFrame:
        """One row a category (``describe("scorecard")``)."""
        return scorecard_table(self.all_measures, self.weights)

    @property
    def measures(self) -> pd.DataFrame:
        """One row a measure, with both values and their source (``describe("score_measures")``)."""
        return score_measures_table(self.all_measures)

    @property
    def pulls(self) -> dict[str, float]:
        """How much the weighed categories pull to each side: ``{"sse": ..., "websocket": ...}``."""
        pulls = self.table["pull"].dropna()
        return {"sse": float(-pulls[pulls < 0].sum()), "websocket": float(pulls[pulls > 0].sum())}

    @property
    def tipping(self) -> dict[str, float]:
        """The weight of a category at which both sides would pull alike, all other weights as they are.

        A category is left out where no weight from 0 to 10 does that.
        """
        table = self.table.dropna(subset="lean")
        total = float(table["pull"].sum())
        found = {}
        for row in table.to_dict("records"):
            if row["lean"]:
                weight = float(row["weight"]) - total / float(row["lean"])
                if 0 <= weight <= MOST_WEIGHT:
                    found[str(row["category"])] = weight
        return found

    @property
    def balance(self) -> str:
        """What pulls where, and what would tip it."""
        table = self.table
        parts = []
        for side, name in (("sse", "SSE"), ("websocket", "WebSocket")):
            towards = table[table["pull"] < 0 if side == "sse" else table["pull"] > 0]["category"].tolist()
            listed = f" ({', '.join(towards)})" if towards else ""
            parts.append(f"{self.pulls[side]:.2f} of the weight pulls towards {name}{listed}")
        lines = [f"{parts[0]}, {parts[1]}."]
        if tips := self.tipping:
            told = ", ".join(f"{category} at {weight:.1f}" for category, weight in tips.items())
            lines.append(f"One changed weight would balance the two: {told}.")
        else:
            lines.append("No single weight from 0 to 10 would balance the two.")
        return " ".join(lines)

    @property
    def text(self) -> str:
        """What pulls where, what would tip it, and what is missing; no verdict."""
        table, lines = self.table, [self.balance]
        if mixed := table.loc[table["mixed"], "category"].tolist():
            lines.append(f"Within {', '.join(mixed)} the measures themselves pull to both sides.")
        if foreign := table.loc[table["source"] == "reference", "category"].tolist():
            lines.append(f"Not your own but reference results: {', '.join(foreign)}.")
        if careful := [each.name for each in self.all_measures if each.care]:
            lines.append(f"Handle with care: {', '.join(careful)}; the measures tell why.")
        if missing := table.loc[table["source"] == "none", "category"].tolist():
            lines.append(f"Nothing was measured for {', '.join(missing)}.")
        lines.append("What your team knows, and what you run already, is in none of these numbers.")
        return " ".join(lines)

    def weigh(self, weights: Mapping[str, float]) -> Scorecard:
        """Give the same measures with other weights; categories that are not named keep theirs.

        Raises:
            InputError: A category is unknown, or a weight is not from 0 to 10.
        """
        return Scorecard(self.all_measures, self.weights | _checked(weights))

    def add(
        self,
        category: str,
        name: str,
        sse: float,
        websocket: float,
        unit: str,
        better: Literal["lower", "higher"] = "lower",
    ) -> Scorecard:
        """Give the same scorecard with a number of your own, which was not measured here; the scorecard says so.

        Args:
            category: One of the eight; results that come with rtlab give way to yours in it.
            name: What it is, such as ``"days until our proxy let it pass"``. The same name replaces the older one.
            sse: The value with Server-Sent Events, 0 or more.
            websocket: The value with WebSocket, 0 or more.
            unit: What the values count.
            better: Which of two values is the better one.

        Raises:
            InputError: The category is unknown, or a value is no number from 0 on.
        """
        own = Measure(category, name, sse, websocket, better, unit, date_utc()[:10], care=_TOLD)
        _require_sound(own)
        kept = [
            each
            for each in self.all_measures
            if each.category != category or not (each.reference or each.name == name)
        ]
        return Scorecard([*kept, own], self.weights)

    def sliders(self) -> Weights:
        """Give one slider a category; ``sliders.weighed`` is the scorecard with the weights that they show."""
        return Weights(self, self.weigh, MOST_WEIGHT)

    def figure(self, shown: Literal["pulls", "tipping"] = "pulls") -> go.Figure:
        """Draw how far each category pulls, or what one changed weight would do.

        Args:
            shown: ``"pulls"`` or ``"tipping"``.

        Raises:
            InputError: There is no such figure.
        """
        if shown not in ("pulls", "tipping"):
            raise InputError(f"A scorecard's figure shows 'pulls' or 'tipping', not {shown!r}.")
        return figure_scorecard(self.table) if shown == "pulls" else figure_tipping(self.table, MOST_WEIGHT)


def scorecard(
    results: Iterable[object] = (), weights: Mapping[str, float] | None = None, *, reference: bool = True
) -> Scorecard:
    """Build the summary of the eight categories from results of your own, and weigh it.

    Args:
        results: What the verbs of the course gave, such as ``rtlab.compare(...)`` and
            ``rtlab.direction.exchange(...)``; or measures of your own (:class:`rtlab.findings.scorecard.Measure`).
            Of two that measure the same the later one counts.
        weights: How much each category matters to you, from 0 to 10; one that is not named has 1.
        reference: Fill the categories for which there is no result of your own with results that come with rtlab.

    Returns:
        A table and a figure of what pulls where; ``weigh()`` tries other weights.

    Raises:
        InputError: A result is of a kind that says nothing here, a category is unknown, or a weight or a measure's
            value is wrong.
    """
    own = {(each.category, each.name): each for result in results for each in measures_of(result)}
    measures = [*own.values()]
    if reference:
        there = {each.category for each in measures}
        measures += [each for each in load_reference() if each.category not in there]
    for each in measures:
        _require_sound(each)
    return Scorecard(measures, dict.fromkeys(CATEGORIES, 1.0) | _checked(weights or {}))


def load_reference() -> tuple[Measure, ...]:
    """Read the measures that come with rtlab; each says so.

    Raises:
        RecordingError: The file is damaged.
    """
    return load_json(
        data_path("scorecard", "reference.json"),
        lambda content: tuple(replace(Measure.from_json(each), reference=True) for each in content["measures"]),
        format=FORMAT,
        what="scorecard",
    )


def _require_sound(measure: Measure) -> None:
    _require_category(measure.category)
    values: tuple[Any, ...] = (measure.sse, measure.websocket)  # a learner may give anything
    for value in values:
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < inf:
            raise InputError(f"A value of {measure.name!r} must be a number from 0 on, not {value!r}.")
    if measure.better not in ("lower", "higher"):
        raise InputError(f"The better value is 'lower' or 'higher', not {measure.better!r}.")


def _require_category(category: str) -> None:
    if category not in CATEGORIES:
        raise InputError(f"There is no category {category!r}; there are {', '.join(CATEGORIES)}.")


def _checked(weights: Mapping[str, Any]) -> dict[str, float]:
    for category, weight in weights.items():
        _require_category(category)
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= MOST_WEIGHT:
            raise InputError(f"The weight of {category} must be from 0 to {MOST_WEIGHT:g}, not {weight!r}.")
    return {category: float(weight) for category, weight in weights.items()}
