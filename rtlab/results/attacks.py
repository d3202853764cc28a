"""``security.attacks()``: attacks that really run, against servers without a guard and with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError, MissingExtra
from rtlab.experiments import (
    attack_compression,
    attack_cross_site,
    attack_exhaustion,
    attack_injection,
    attack_masking,
    attack_tls,
    attack_tokens,
)
from rtlab.figures.attacks import figure_attacks
from rtlab.findings.attacks import Attempt
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.attacks import OUTCOMES, attacks_table

FAMILIES: dict[str, Callable[[], tuple[Attempt, ...]]] = {
    "injection": attack_injection.attempts,
    "tokens": attack_tokens.attempts,
    "masking": attack_masking.attempts,
    "compression": attack_compression.attempts,
    "tls": attack_tls.attempts,
    "cross-site": attack_cross_site.attempts,
    "exhaustion": attack_exhaustion.attempts,
}
"""The families of attacks; each call runs one."""
_SERVERS = {"naive": "the naive servers", "fixed": "the fixed ones", "default lab": "a default lab"}
_SHOWN_BYTES = 4_096


class AttackBytes:
    """What crossed the wire in some attempts of one attack.

    Args:
        attempts: The attempts.
    """

    def __init__(self, attempts: Sequence[Attempt]) -> None:
        self.attempts = tuple(attempts)

    def __repr__(self) -> str:
        return "\n\n".join("\n".join(_told(attempt)) for attempt in self.attempts)

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(repr(self))}</pre>'


class Attacks(Finding):
    """What came of attacks.

    Args:
        attempts: One for each attack and server.
        left_out: Why families of attacks could not be tried here.
    """

    def __init__(self, attempts: Sequence[Attempt], left_out: Sequence[str] = ()) -> None:
        self.attempts = tuple(attempts)
        self.left_out = tuple(left_out)

    @property
    def table(self) -> pd.DataFrame:
        """One row an attack, the servers side by side (``describe("attacks")``)."""
        return attacks_table(self.attempts)

    @property
    def text(self) -> str:
        """How many attacks succeeded against which server."""
        parts = []
        for target, shown in _SERVERS.items():
            tried = [attempt for attempt in self.attempts if attempt.target == target]
            if tried:
                parts.append(f"{sum(attempt.succeeded for attempt in tried)} of {len(tried)} against {shown}")
        return " ".join((f"Succeeded: {', '.join(parts)}.", *self.left_out))

    @property
    def dull(self) -> list[str]:
        """Long columns, which ``table`` and ``bytes()`` tell."""
        return [name for name in ("seen", "spec") if name in self.table]

    def figure(self) -> go.Figure:
        """Draw which attack succeeded against which server."""
        return figure_attacks(self.table)

    def bytes(self, attack: str, target: str | None = None) -> AttackBytes:
        """Show what crossed the wire in one attack, as readable bytes.

        Args:
            attack: The attack's name, as in the table.
            target: ``"naive"``, ``"fixed"`` or ``"default lab"``; None for all that were tried.

        Returns:
            What was sent and what came back, line by line; a line end is shown, and then there is a new line.

        Raises:
            InputError: It was not tried.
        """
        found = [
            attempt for attempt in self.attempts if attempt.attack == attack and target in (None, attempt.target)
        ]
        if not found:
            tried = ", ".join(dict.fromkeys(repr(attempt.attack) for attempt in self.attempts))
            against = f" against {target!r}" if target else ""
            raise InputError(f"{attack!r} was not tried{against}; tried were {tried}.")
        return AttackBytes(found)


def attacks(*families: str, progress: bool = True) -> Attacks:
    """Run attacks against servers made for them: each without its guard, with it, and against a default lab.

    All servers are on this machine, and no attack leaves it.

    Args:
        *families: Which of :data:`FAMILIES`; all if none is named, which takes a minute or more.
        progress: Show a progress bar.

    Returns:
        Which attack succeeded against which server; ``bytes(attack)`` shows what crossed the wire.

    Raises:
        InputError: There is no such family.
        MissingExtra: A family that was named needs something that is not installed.
    """
    if unknown := [family for family in families if family not in FAMILIES]:
        raise InputError(f"There is no family {unknown[0]!r}; there are {', '.join(FAMILIES)}.")
    chosen = tuple(dict.fromkeys(families)) or tuple(FAMILIES)
    found: list[Attempt] = []
    left_out = []
    with ProgressBar(progress, unit="family") as bar:
        for done, family in enumerate(chosen):
            bar.tell(done, len(chosen), family)
            try:
                found += FAMILIES[family]()
            except MissingExtra as error:
                if families:
                    raise
                left_out.append(f"Not tried here: {family}. {error}")
    return Attacks(found, left_out)


def _told(attempt: Attempt) -> list[str]:
    return [
        f"{attempt.attack} ({attempt.transport}), {attempt.target}: {OUTCOMES[attempt.succeeded]}. {attempt.seen}",
        *byte_lines("sent", attempt.sent),
        *byte_lines("received", attempt.received),
    ]


def byte_lines(title: str, data: bytes) -> list[str]:
    """Write bytes as text: what has no sign of its own as an escape, and a new line after each line end.

    Args:
        title: What they are.
        data: The bytes; only the first 4,096 are written.
    """
    shown = data[:_SHOWN_BYTES]
    lines = re.findall(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", shown)
    left = len(data) - len(shown)
    more = [f"  and {left} bytes more"] if left else []
    return [f"{title}, {len(data)} bytes", *(f"  {repr(line)[2:-1]}" for line in lines), *more]
