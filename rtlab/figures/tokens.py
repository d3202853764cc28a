"""Where secrets turn up, as a matrix: one row a way to show a secret, one column a place."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.schema import TRANSPORT_NAMES, check
from rtlab.tables.security_columns import TOKEN_PLACES

_CELLS: dict[str, tuple[str, Tone]] = {
    "leaks": ("✗ leaks", "bad"),
    "used up": ("○ used up", "plain"),
    "no": ("✓ no", "good"),
}
_ELSEWHERE: tuple[str, Tone] = ("–", "plain")
_SHORT = {
    "server_log": "server's log",
    "proxy_log": "proxy's log",
    "old_referer": "old Referer",
    "referer": "Referer",
    "redirect": "redirect",
    "redacted_log": "redacted log",
    "lab_log": "lab's log",
}


def figure_token_leaks(leaks: pd.DataFrame) -> go.Figure:
    """Draw in which places a secret turned up, for each way to show it.

    Args:
        leaks: A ``token_leaks`` table.

    Returns:
        A matrix with a sign and a word in each cell; a dash where the secret could not come.

    Raises:
        InputError: The table does not follow its rules.
    """
    leaks = check(leaks, "token_leaks")
    rows = leaks.to_dict("records")
    titles = [f"{TRANSPORT_NAMES[row['transport']]}, {row['way']}" for row in rows]
    columns = {
        short: [_ELSEWHERE if pd.isna(row[name]) else _CELLS[row[name]] for row in rows]
        for name, short in _SHORT.items()
    }
    told = []
    for title, row in zip(titles, rows, strict=True):
        places = [place for name, place in TOKEN_PLACES.items() if row[name] in ("leaks", "used up")]
        told.append(f"{title}: {', '.join(places) or 'nowhere'}")
    return figure_cells(
        titles,
        columns,
        "Where a secret turns up",
        f"{len(rows)} ways to show a secret, and where it turned up. {'; '.join(told)}.",
        hover=told,
    )
