"""What a listener learns of a line, and what clients do before certificates, as matrices."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.schema import check

_READABLE: dict[bool, tuple[str, Tone]] = {True: ("✗ readable", "bad"), False: ("✓ hidden", "good")}
_RIGHT = "good"
"""The one certificate that a client may trust."""


def figure_overheard(overheard: pd.DataFrame) -> go.Figure:
    """Draw what a listener can read, with TLS and without.

    Args:
        overheard: An ``overheard`` table.

    Returns:
        A matrix, one row a scheme.

    Raises:
        InputError: The table does not follow its rules.
    """
    rows = check(overheard, "overheard").to_dict("records")
    names = ["" if pd.isna(row["server_name"]) else str(row["server_name"]) for row in rows]
    sizes = [f"{row['first_bytes']} and {row['second_bytes']} bytes" for row in rows]
    told = "; ".join(
        f"{row['scheme']}: token {_READABLE[row['token']][0][2:]}, text {_READABLE[row['text']][0][2:]}"
        for row in rows
    )
    return figure_cells(
        [f"{row['scheme']}://" for row in rows],
        {
            "the token": [_READABLE[row["token"]] for row in rows],
            "the messages": [_READABLE[row["text"]] for row in rows],
            "the server's name": [(name or "hidden", "plain") for name in names],
            "their sizes": [(size, "plain") for size in sizes],
        },
        "What a listener on the line can read",
        f"{told}. The server's name, the messages' sizes and their times can always be read.",
    )


def figure_certificates(certificates: pd.DataFrame) -> go.Figure:
    """Draw what each client did before each certificate.

    Args:
        certificates: A ``certificates`` table.

    Returns:
        A matrix, one row a client, with its checks on or off, and one column a certificate.

    Raises:
        InputError: The table does not follow its rules.
    """
    rows = check(certificates, "certificates").to_dict("records")
    cells: dict[str, dict[str, tuple[str, Tone]]] = {}
    for row in rows:
        client = f"{row['client']}{'' if row['checks'] else ', checks off'}"
        is_right = row["connected"] == (row["certificate"] == _RIGHT)
        word = f"{'✓' if is_right else '✗'} {'goes on' if row['connected'] else 'refuses'}"
        cells.setdefault(client, {})[str(row["certificate"])] = word, "good" if is_right else "bad"
    kinds = list(dict.fromkeys(str(row["certificate"]) for row in rows))
    told = []
    for client, by_kind in cells.items():
        wrong = [kind for kind, (_, tone) in by_kind.items() if tone == "bad"]
        told.append(f"{client}: {', '.join(wrong) or 'none'}")
    return figure_cells(
        list(cells),
        {kind: [cells[client][kind] for client in cells] for kind in kinds},
        "What clients do before certificates",
        f"Before which certificates clients did the wrong thing. {'; '.join(told)}.",
    )
