"""A record of a decision in Markdown: context, measured evidence, decision, and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_ASKED = "_Yours to write: which of the two, for what, and why. The numbers below do not decide._"
LIMITS = (
    "The numbers belong to the machine, the versions and the day that are named below. Ratios travel better than "
    "absolute values, and neither replaces a measurement of your own system.",
    "Most was measured over the loopback interface. A real network adds delay, loss and intermediaries.",
    "What a team knows, what runs already and what it costs to operate is not measured here.",
)
"""What no measurement of this toolkit can say."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence.

    Attributes:
        title: What it is.
        text: What it says, in some sentences.
        columns: The names of the table's columns; none for no table.
        rows: The table's cells as text.
        care: Why it needs care; empty if nothing is known.
    """

    title: str
    text: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    care: str = ""


def decision_record_text(
    title: str,
    *,
    date: str,
    context: str,
    decision: str,
    exhibits: Sequence[Exhibit],
    weights: Mapping[str, float],
    conditions: Mapping[str, str | int | float | bool],
    limits: Sequence[str] = (),
) -> str:
    """Write the record.

    Args:
        title: What is decided.
        date: The day.
        context: Why a decision is needed; an empty one leaves a place for it.
        decision: What was decided; an empty one leaves a place for it.
        exhibits: The evidence.
        weights: What matters how much; none leaves the part out.
        conditions: Machine, versions and date of the measurements.
        limits: Further limits beside :data:`LIMITS`.

    Returns:
        Markdown, with a line end at its end.
    """
    parts = [f"# {_plain(title)}", f"- Date: {_plain(date)}\n- Status: {'accepted' if decision else 'proposed'}"]
    parts += ["## Context", _plain(context) if context else "_Yours to write: what the system does, and for whom._"]
    parts += ["## Options", "- Server-Sent Events, with ordinary requests for what the client says\n- WebSocket"]
    parts.append("## Measured evidence")
    parts += [_shown(number, exhibit) for number, exhibit in enumerate(exhibits, start=1)]
    if weights:
        rows = tuple((category, f"{weight:g}") for category, weight in weights.items())
        parts += ["## Weights", "How much each category matters here.", _table(("category", "weight"), rows)]
    parts += ["## Decision", _plain(decision) if decision else _ASKED]
    parts += ["## Limits", "\n".join(f"- {_plain(each)}" for each in (*LIMITS, *limits))]
    machine = tuple((name, str(value)) for name, value in conditions.items())
    parts += ["## Machine and versions", _table(("what", "value"), machine)]
    return "\n\n".join(parts) + "\n"


def _shown(number: int, exhibit: Exhibit) -> str:
    parts = [f"### {number}. {_plain(exhibit.title)}"]
    if exhibit.text:
        parts.append(_plain(exhibit.text))
    if exhibit.columns:
        parts.append(_table(exhibit.columns, exhibit.rows))
    if exhibit.care:
        parts.append(f"**Handle with care:** {_plain(exhibit.care)}")
    return "\n\n".join(parts)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    marked = (cells if number == 1 else [_plain(cell) for cell in cells] for number, cells in enumerate(lines))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in marked)


def _plain(text: str) -> str:
    """Write text so that nothing in it is Markdown or HTML, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
