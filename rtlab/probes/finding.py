"""One thing that a probe found: what, how grave, with which bytes, against which clause, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rtlab.errors import InputError
from rtlab.probes.fixes import FIXES, Fix
from rtlab.probes.rules import RULES, Rule

Severity = Literal["error", "warning", "info", "fine"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From grave to good: ``error`` breaks clients or lets strangers in, ``warning`` will do so one day, ``info`` is
worth knowing, ``fine`` was tried and held."""

_SHOWN_BYTES = 120


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """One thing that a probe found.

    Attributes:
        id: What kind of thing, such as ``"SSE-UTF8"``; a key of :data:`rtlab.probes.rules.RULES`.
        severity: One of :data:`SEVERITIES`.
        evidence: What was seen: bytes with their escapes, header fields, times.
    """

    id: str
    severity: Severity
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.id not in RULES or self.severity not in SEVERITIES:
            raise InputError(f"There is no finding {self.id!r} with the severity {self.severity!r}.")

    @property
    def rule(self) -> Rule:
        """What holds for every finding of this kind."""
        return RULES[self.id]

    @property
    def title(self) -> str:
        """What is the matter, as one sentence."""
        rule = self.rule
        return rule.fine if self.severity == "fine" and rule.fine else rule.title

    @property
    def clause(self) -> str:
        """What the finding rests on: a clause of a standard, or empty."""
        return self.rule.clause

    @property
    def fix(self) -> Fix | None:
        """How to mend it; None where nothing is wrong or nothing general can be said."""
        return None if self.severity == "fine" else FIXES.get(self.rule.fix)


def shown(data: bytes) -> str:
    """Write bytes as text with escapes, the first of them only if they are many."""
    text = repr(data[:_SHOWN_BYTES])[2:-1]
    return f"{text}… ({len(data):,} bytes)" if len(data) > _SHOWN_BYTES else text
