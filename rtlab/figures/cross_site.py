"""What came of attacks across sites, as matrices of words with a sign before each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.cross_site import READS_OWN
from rtlab.tables.schema import TRANSPORT_NAMES, check

Row = dict[Hashable, Any]


def figure_hijacks(hijacks: pd.DataFrame) -> go.Figure:
    """Draw what came of each attempt to hijack a WebSocket.

    Args:
        hijacks: A ``hijacks`` table.

    Returns:
        A matrix: one row a place and cookie, one column a policy of the server.

    Raises:
        InputError: The table does not follow its rules.
    """
    hijacks = check(hijacks, "hijacks")
    read = hijacks[hijacks["read"] & (hijacks["outcome"] != READS_OWN)]
    told = "; ".join(f"{row['page']}, {row['cookie']}, {row['policy']}" for row in read.to_dict("records"))
    return _matrix(
        hijacks,
        ("page", "cookie"),
        "policy",
        _hijack_cell,
        "Whose page can hijack the socket",
        f"{len(hijacks)} attempts to hijack a WebSocket, by {_senders(hijacks)}. The victim's data was read from: "
        f"{told or 'nowhere'}.",
    )


def figure_cors(cors: pd.DataFrame) -> go.Figure:
    """Draw what a page could read of event streams of another origin.

    Args:
        cors: A ``cors`` table.

    Returns:
        A matrix: one row a server, one column a client.

    Raises:
        InputError: The table does not follow its rules.
    """
    cors = check(cors, "cors")
    told = "; ".join(f"{row['server']}, {row['client']}: {row['outcome']}" for row in cors.to_dict("records"))
    asked = f"{int(cors['arrived'].sum())} of {len(cors)} requests reached their server"
    return _matrix(
        cors,
        ("server",),
        "client",
        _cors_cell,
        "Who may read a stream of another origin",
        f"{asked}, sent by {_senders(cors)}. {told}.",
    )


def figure_rebindings(rebindings: pd.DataFrame) -> go.Figure:
    """Draw what a page with a rebound name could read.

    Args:
        rebindings: A ``rebindings`` table.

    Returns:
        A matrix: one row a server and sender, one column a transport.

    Raises:
        InputError: The table does not follow its rules.
    """
    rebindings = check(rebindings, "rebindings")
    told = "; ".join(
        f"{row['server']} by {row['by']}, {row['transport']}: {row['outcome']}"
        for row in rebindings.to_dict("records")
    )
    return _matrix(
        rebindings, ("server", "by"), "transport", _rebinding_cell, "What a rebound name can read", f"{told}."
    )


def _matrix(
    table: pd.DataFrame,
    names: Sequence[str],
    columns: str,
    cell: Callable[[Row], tuple[str, Tone]],
    title: str,
    description: str,
) -> go.Figure:
    rows = table.to_dict("records")
    cases = list(dict.fromkeys(tuple(str(row[name]) for name in names) for row in rows))
    values = list(dict.fromkeys(str(row[columns]) for row in rows))
    cells = {(*(str(row[name]) for name in names), str(row[columns])): cell(row) for row in rows}
    untried: tuple[str, Tone] = ("not tried", "plain")
    return figure_cells(
        [" · ".join(case) for case in cases],
        {_shown(value): [cells.get((*case, value), untried) for case in cases] for value in values},
        title,
        description,
    )


def _hijack_cell(row: Row) -> tuple[str, Tone]:
    if row["outcome"] == READS_OWN:
        return "– reads its own", "plain"
    return (f"✗ {row['outcome']}", "bad") if row["read"] else (f"✓ {row['outcome']}", "good")


def _cors_cell(row: Row) -> tuple[str, Tone]:
    if row["private"] and row["anyone"]:
        return f"✗ {row['outcome']}", "bad"
    return (f"✓ {row['outcome']}", "good") if row["readable"] else (f"– {row['outcome']}", "plain")


def _rebinding_cell(row: Row) -> tuple[str, Tone]:
    return ("✗ read", "bad") if row["read"] else ("✓ refused", "good")


def _shown(column: str) -> str:
    return TRANSPORT_NAMES.get(column, column.replace(", ", ",<br>"))


def _senders(table: pd.DataFrame) -> str:
    return " and ".join(table["by"].unique())
