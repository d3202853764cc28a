"""What each client did in each situation, as a matrix with one word a cell."""

from __future__ import annotations

from collections.abc import Hashable
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, WARNING, layout
from rtlab.tables.schema import TRANSPORT_NAMES, check
from rtlab.tables.status_matrix import DIFFERS

AGREES = "rgba(128, 128, 128, 0.1)"
_STEPS = [(0, AGREES), (0.5, AGREES), (0.5, WARNING), (1, WARNING)]


def figure_status_matrix(table: pd.DataFrame) -> go.Figure:
    """Draw a matrix: one row a situation, one column a client, what it did in each cell.

    A red cell with a cross says that the standard wants something else. Numbers and clauses come on hovering.

    Args:
        table: A ``status_matrix`` table.

    Returns:
        One heat map, event streams to the left and WebSockets to the right, and a word a cell.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(table, "status_matrix")
    clients, situations = list(table["client"].unique()), list(table["situation"].unique())
    cells = {(row["situation"], row["client"]): row for row in table.to_dict("records")}
    places = {client: place for place, client in enumerate(clients)}
    drawn = [[cells.get((situation, client)) for client in clients] for situation in situations]
    matrix = go.Heatmap(
        x=list(range(len(clients))),
        y=situations,
        z=[[None if cell is None else float(not cell["agrees"]) for cell in row] for row in drawn],
        zmin=0,
        zmax=1,
        colorscale=_STEPS,
        showscale=False,
        xgap=3,
        ygap=3,
        customdata=[["" if cell is None else _on_hover(cell) for cell in row] for row in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )
    plain = {"showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True, "ticks": ""}
    records = set(table.loc[table["source"] != "here", "client"])
    figure = DescribedFigure(
        matrix,
        layout(
            "Who comes back, and who does not",
            _described(table),
            height_px=190 + 30 * len(situations),
            margin_t=150,
            margin_b=16,
            xaxis={
                **plain,
                "side": "top",
                "tickvals": list(range(len(clients))),
                "ticktext": [_label(client, client in records) for client in clients],
                "tickangle": 0,
                "tickfont": {"size": 11},
            },
            yaxis={**plain, "autorange": "reversed", "ticksuffix": " "},
        ),
    )
    for (situation, client), cell in cells.items():
        figure.add_annotation(
            x=places[client],
            y=situation,
            text=cell["outcome"] if cell["agrees"] else f"{cell['outcome']} {DIFFERS}",
            showarrow=False,
            font={"color": INK if cell["agrees"] else "#ffffff", "size": 11},
        )
    _part_protocols(figure, table, clients)
    return figure


def _label(client: str, is_recorded: bool) -> str:
    """Name a client below its protocol, in narrow lines."""
    name = client.removesuffix(" EventSource").removesuffix(" WebSocket")
    return escape(name).replace("-", "-<br>") + "<br>(recorded)" * is_recorded


def _part_protocols(figure: go.Figure, table: pd.DataFrame, clients: list[str]) -> None:
    """Write each protocol above its clients, and draw a line between two."""
    protocols = table.drop_duplicates("client").set_index("client")["protocol"]
    for protocol in protocols.unique():
        own = [place for place, client in enumerate(clients) if protocols[client] == protocol]
        figure.add_annotation(
            x=(own[0] + own[-1]) / 2,
            y=1,
            yref="paper",
            yshift=72,
            text=f"<b>{TRANSPORT_NAMES[protocol]}</b>",
            showarrow=False,
        )
        if own[0]:
            figure.add_vline(x=own[0] - 0.5, line={"color": INK, "width": 1})


def _on_hover(cell: dict[Hashable, Any]) -> str:
    after = f", after {cell['delays_ms']} ms" if cell["delays_ms"] else ""
    raised = f", raised {escape(cell['error'])}" if cell["error"] else ""
    lines = [
        f"<b>{escape(cell['client'])}</b>, {escape(cell['situation'])}: {cell['outcome']}",
        f"attempts: {cell['attempts']}{after}",
        f"left {cell['state']}{raised}",
        f"the standard: {escape(cell['standard'])} ({escape(cell['clause'])})",
    ]
    if not pd.isna(cell["last_event_id"]):
        lines.insert(2, f"Last-Event-ID {'sent' if cell['last_event_id'] else 'not sent'} on the later requests")
    return "<br>".join([*lines, *([escape(cell["source"])] if cell["source"] != "here" else [])])


def _described(table: pd.DataFrame) -> str:
    parts = []
    for client, cells in table.groupby("client", sort=False):
        wrong = cells[~cells["agrees"]]
        named = ", ".join(f"{cell['situation']}: {cell['outcome']}" for cell in wrong.to_dict("records"))
        parts.append(f"{client}: {named or 'as the standards want'}")
    return (
        f"What {table['client'].nunique()} clients do in {table['situation'].nunique()} situations. "
        f"Other than the standards want: {'; '.join(parts)}."
    )
