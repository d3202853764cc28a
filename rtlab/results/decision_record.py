"""``decision_record()``: the learner's own results as the evidence of a decision, which stays the learner's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rtlab.clock import date_utc
from rtlab.errors import InputError, RecordingError
from rtlab.exports.decision_record import Exhibit, decision_record_text
from rtlab.results.comparison import Comparison
from rtlab.results.direction import Finding
from rtlab.results.scorecard import Scorecard
from rtlab.surroundings import place

_MOST_ROWS = 30
_LONGEST_CELL = 120


class DecisionRecord:
    """A record in Markdown that shows itself in the notebook.

    Args:
        markdown: The text.
    """

    def __init__(self, markdown: str) -> None:
        self.markdown = markdown

    def __repr__(self) -> str:
        return self.markdown

    def _repr_markdown_(self) -> str:
        return self.markdown

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file; its folder must exist.

        Raises:
            RecordingError: The file cannot be written.
        """
        target = Path(path)
        try:
            target.write_text(self.markdown, encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"The decision record cannot be saved to {target}: {error}.") from error
        return target


def decision_record(
    title: str,
    *results: Finding | Comparison,
    context: str = "",
    decision: str = "",
    weights: Mapping[str, float] | None = None,
) -> DecisionRecord:
    """Write a record of a decision, with what was measured as its evidence.

    It recommends nothing. Without a decision of yours it leaves a place for it, and its status is "proposed".

    Args:
        title: What is decided, such as ``"How the dashboard gets its prices"``.
        *results: What the verbs of the course gave: findings, comparisons, a probe, a scorecard.
        context: Why a decision is needed.
        decision: What you decided, and why.
        weights: How much each category matters to you; a scorecard brings its own.

    Returns:
        The record: it shows itself, and ``save()`` writes it.

    Raises:
        InputError: There is no evidence, or a result is of no kind that can be shown.
    """
    if not results:
        raise InputError("A decision record needs evidence: give it at least one result.")
    wrong = [each for each in results if not isinstance(each, Finding | Comparison)]
    if wrong:
        raise InputError(f"A {type(wrong[0]).__name__} is no result that can stand in a record.")
    cards = [each for each in results if isinstance(each, Scorecard)]
    chosen = dict(weights) if weights is not None else cards[0].weights if cards else {}
    compared = [each.conditions for each in results if isinstance(each, Comparison)]
    conditions = {"written": date_utc(), **(compared[0] if compared else place.conditions())}
    conditions.pop("front_end", None)
    markdown = decision_record_text(
        title,
        date=date_utc()[:10],
        context=context,
        decision=decision,
        exhibits=[exhibit for each in results for exhibit in _exhibits(each)],
        weights=chosen,
        conditions=conditions,
        limits=[_foreign(card) for card in cards if _foreign(card)],
    )
    return DecisionRecord(markdown)


def _exhibits(result: Finding | Comparison) -> list[Exhibit]:
    shown = [_exhibit(result)]
    if isinstance(result, Scorecard):
        shown.append(Exhibit("Measures behind the scorecard", "", *_cells(result.measures)))
    return shown


def _exhibit(result: Finding | Comparison) -> Exhibit:
    name = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in type(result).__name__).strip()
    title = f"{name[0].upper()}{name[1:]}"
    if isinstance(result, Comparison):
        care = "" if result.valid else f"these checks failed: {'; '.join(result.failed_checks)}."
        measured = f"Measured {result.conditions.get('date_utc', 'at an unknown time')}."
        return Exhibit(title, " ".join([*result.statements, measured]), *_cells(result.summary), care=care)
    return Exhibit(title, result.text, *_cells(result.table.drop(columns=result.dull)))


def _cells(table: pd.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    shown = table.head(_MOST_ROWS).round(3)
    rows = [tuple(_cell(value) for value in row) for row in shown.itertuples(index=False, name=None)]
    if len(table) > _MOST_ROWS:
        rows.append((f"... {len(table) - _MOST_ROWS} more rows", *[""] * (len(table.columns) - 1)))
    return tuple(map(str, table.columns)), tuple(rows)


def _cell(value: object) -> str:
    text = "–" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)  # type: ignore[call-overload]  # a scalar
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _foreign(card: Scorecard) -> str:
    foreign = card.table.loc[card.table["source"] == "reference", "category"].tolist()
    return f"Reference results, not measured for this decision, stand behind: {', '.join(foreign)}." * bool(foreign)
