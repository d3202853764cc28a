"""``security.side_channel()``: a secret that is read by the sizes of compressed messages."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.attack_compression import DIGITS, guess_secrets
from rtlab.figures.attacks import figure_attacks
from rtlab.figures.guesses import figure_guesses
from rtlab.findings.attacks import Target
from rtlab.findings.side_channel import SideChannel
from rtlab.results.attacks import Attacks
from rtlab.tables.guesses import guesses_table


class SideChannels(Attacks):
    """What sizes told of secrets.

    Args:
        found: One for each attack and server.
    """

    def __init__(self, found: Sequence[SideChannel]) -> None:
        super().__init__([each.attempt for each in found])
        self.found = tuple(found)

    @property
    def guesses(self) -> pd.DataFrame:
        """All guesses (``describe("guesses")``), one row a guess."""
        return guesses_table(self.found)

    @property
    def text(self) -> str:
        """How much of each secret the sizes told."""
        parts = (
            f"{each.attempt.attack}, {each.attempt.target}: {len(each.found)} of {len(each.secret)} digits found"
            for each in self.found
        )
        return f"{'; '.join(parts)}."

    def figure(self, attack: str | None = None, target: Target = "naive") -> go.Figure:
        """Draw which attack succeeded, or the size of each guess of one attack.

        Args:
            attack: The attack, as in the table; None for all.
            target: With an attack: which server.

        Raises:
            InputError: It was not tried.
        """
        if attack is None:
            return figure_attacks(self.table)
        if (attack, target) not in {(each.attempt.attack, each.attempt.target) for each in self.found}:
            tried = ", ".join(dict.fromkeys(repr(each.attempt.attack) for each in self.found))
            raise InputError(f"{attack!r} was not tried against {target!r}; tried were {tried}.")
        return figure_guesses(self.guesses, attack, target)


def side_channel(digits: int = DIGITS) -> SideChannels:
    """Guess a secret that a compressed WebSocket carries through TLS, by the sizes of its messages alone.

    Victim, listener and servers are on this machine. The secret is drawn by chance; the attacker knows its length.

    Args:
        digits: How long the secret is, 1 to 8 digits.

    Returns:
        What he found, against a server that compresses, against the fix, and against a lab as it is made.

    Raises:
        InputError: ``digits`` is out of its range.

    Spec: RFC 7692 8
    """
    return SideChannels(guess_secrets(digits))
