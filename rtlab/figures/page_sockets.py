"""What a page's WebSockets did: what scripts got, what was held back, and how connections ended."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, INK, LOOKS, axis, layout
from rtlab.tables.page_sockets import HANDED, HELD
from rtlab.tables.schema import check

_MB = 1e6


def figure_message_forms(forms: pd.DataFrame) -> go.Figure:
    """Draw how much each interface carried for a message, as a multiple of the message.

    Args:
        forms: A ``message_forms`` table.

    Returns:
        One group of bars a message, one bar an interface; messages of no bytes are left out.

    Raises:
        InputError: The table does not follow its rules.
    """
    forms = check(forms, "message_forms")
    forms = forms[forms["sent_bytes"] > 0]
    bars, told = [], []
    for way in forms["way"].unique():
        rows = forms[forms["way"] == way]
        times = rows["carried_bytes"] / rows["sent_bytes"]
        look = LOOKS["sse" if way == "EventSource" else "websocket"]
        bars.append(
            go.Bar(
                x=rows["message"],
                y=times,
                name=way,
                text=[f"{each:.2f}" for each in times],
                textposition="outside",
                marker={"color": look.color, "pattern": {"shape": "/" if way.endswith("arraybuffer") else ""}},
                hovertemplate="%{x}: %{y:.2f} times<extra></extra>",
            )
        )
        told.append(f"{way}: at most {times.max():.2f} times the message")
    return DescribedFigure(
        bars,
        layout(
            "Bytes carried for one byte of a message",
            f"What each interface carried for a message, without framing. {'; '.join(told)}.",
            barmode="group",
            xaxis=axis(""),
            yaxis=axis("bytes carried per byte", range=[0, 1.6]),
        ),
    )


def figure_poured(poured: pd.DataFrame, pourings: pd.DataFrame) -> go.Figure:
    """Draw what a script had handed over at each moment, and what the browser held back.

    Args:
        poured: A ``poured`` table.
        pourings: The ``pourings`` table of the same experiment.

    Returns:
        Lines over the page's time, with a mark where the other side began to read.

    Raises:
        InputError: A table does not follow its rules.
    """
    poured, pourings = check(poured, "poured"), check(pourings, "pourings")
    looks = {
        ("WebSocket", HANDED): (LOOKS["websocket"].color, "solid"),
        ("WebSocket", HELD): (LOOKS["websocket"].color, "dot"),
        ("WebSocketStream", HANDED): (DIRECTIONS["up"].color, "dash"),
    }
    ends_ms = poured.groupby("way")["at_ms"].max()
    lines = []
    for (way, what), (color, dash) in looks.items():
        rows = poured[(poured["way"] == way) & (poured["what"] == what)]
        if not len(rows):
            continue
        lines.append(
            go.Scatter(
                x=[*rows["at_ms"], ends_ms[way]],
                y=[*(rows["size_bytes"] / _MB), rows["size_bytes"].iloc[-1] / _MB],
                name=f"{way}, {what}",
                mode="lines",
                line={"color": color, "dash": dash, "width": 2.5},
                hovertemplate="%{x:.0f} ms: %{y:.2f} MB<extra></extra>",
            )
        )
    told = "; ".join(
        f"{row['way']}: {row['early_bytes'] / _MB:.1f} MB handed over before" for row in pourings.to_dict("records")
    )
    figure = DescribedFigure(
        lines,
        layout(
            "A script sends, and the other side does not read yet",
            f"Megabytes handed to the browser and held back, before and after the other side read. {told}.",
            legend_rows=2,
            xaxis=axis("time in the page (ms)", rangemode="tozero"),
            yaxis=axis("MB", rangemode="tozero"),
        ),
    )
    heard = pourings["reading_ms"].dropna()
    if len(heard):
        figure.add_vline(
            x=float(heard.iloc[0]),
            line={"color": INK, "width": 1, "dash": "dot"},
            annotation={"text": "it reads", "font": {"color": INK}},
            annotation_position="bottom left",
        )
    return figure


def figure_socket_ends(ends: pd.DataFrame) -> go.Figure:
    """Draw what each side saw when a WebSocket ended; red is what the standards do not say.

    Args:
        ends: A ``socket_ends`` table.

    Returns:
        A matrix: one row an end, what the page saw, what the lab saw.

    Raises:
        InputError: The table does not follow its rules.
    """
    ends = check(ends, "socket_ends")
    rows = ends.to_dict("records")

    def cell(row: dict[Hashable, Any], name: str) -> tuple[str, Tone]:
        tone: Tone = "plain" if row["as_standards"] else "bad"
        return ("the call throws" if row["refused"] else str(row[name]) or "nothing"), tone

    other = ends[~ends["as_standards"]]
    told = ", ".join(f"{row.by} says {row.said}" for row in other.itertuples()) or "none"
    return figure_cells(
        [f"{row['by']} says {row['said']}" for row in rows],
        {
            "the page saw": [cell(row, "page_saw") for row in rows],
            "the lab saw": [cell(row, "lab_saw") for row in rows],
        },
        "What is said when a WebSocket ends, and what is seen",
        f"{len(rows)} ways to end a WebSocket, {int((ends['refused'] != '').sum())} refused by the browser. "
        f"Other than the standards say: {told}.",
        hover=[row["refused"] or f"wasClean: {row['clean']}" for row in rows],
    )
