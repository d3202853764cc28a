"""``security.tokens()``: where a secret turns up that a client has shown to a server."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.attack_tokens import attempts_of, look_for_leaks
from rtlab.figures.tokens import figure_token_leaks
from rtlab.findings.tokens import Leak
from rtlab.results.attacks import Attacks
from rtlab.tables.tokens import token_leaks_table


class Tokens(Attacks):
    """Where secrets turned up.

    Args:
        leaks: One for each way to show a secret, and place.
    """

    def __init__(self, leaks: Sequence[Leak]) -> None:
        super().__init__(attempts_of(leaks))
        self.leaks = tuple(leaks)

    @property
    def table(self) -> pd.DataFrame:
        """One row a way, one column a place (``describe("token_leaks")``)."""
        return token_leaks_table(self.leaks)

    @property
    def text(self) -> str:
        """Which ways leak, and what no server sees."""
        ways = dict.fromkeys(leak.way for leak in self.leaks)
        leaking = [way for way in ways if any(leak.usable for leak in self.leaks if leak.way == way)]
        quiet = [way for way in ways if way not in leaking]
        return (
            f"A secret that can be used again turned up if it was shown {_listed(leaking)}; nowhere if it was "
            f"shown {_listed(quiet)}. A browser's history keeps addresses of pages, not of streams or sockets."
        )

    def figure(self) -> go.Figure:
        """Draw in which places each way left the secret."""
        return figure_token_leaks(self.table)


def tokens() -> Tokens:
    """Show a secret to a server in every way that there is, and look for it where it might turn up.

    Server, proxy and the other site are on this machine. The secret's bytes are looked for in what was really
    written or received, and what is found is shown to the server once more.

    Returns:
        Where it turned up, and whether it was taken once more.
    """
    return Tokens(look_for_leaks())


def _listed(words: Sequence[str]) -> str:
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
