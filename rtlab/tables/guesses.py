"""What the sizes of compressed messages told, as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.side_channel import SideChannel
from rtlab.tables.schema import rows_table


def guesses_table(found: Sequence[SideChannel]) -> pd.DataFrame:
    """List all guesses and the room that each took on the line.

    Args:
        found: One for each attack and server.

    Returns:
        The ``guesses`` table (``describe("guesses")``), one row a guess.
    """
    rows = [
        {
            "attack": each.attempt.attack,
            "target": each.attempt.target,
            **asdict(guess),
            "right": each.secret.startswith(guess.digits),
        }
        for each in found
        for guess in each.guesses
    ]
    return rows_table(rows, "guesses")
