"""What attacks of exhaustion cost a server, and how a lab holds out under a siege."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_TARGETS = {
    "naive": ("naive server", WARNING, "x"),
    "fixed": ("fixed server", LOOKS["sse"].color, "circle"),
    "default lab": ("default lab", LOOKS["long-polling"].color, "diamond-open"),
}
_LEAST_MIB = 0.1
_PARTS = (
    ("memory_mib", "memory (MiB)", LOOKS["long-polling"], "lines"),
    ("descriptors", "descriptors", LOOKS["polling"], "lines"),
    ("echo_ms", "an echo (ms)", LOOKS["websocket"], "lines"),
    ("opening_ms", "a new client (ms)", LOOKS["sse"], "lines"),
)


def figure_exhaustion(exhaustion: pd.DataFrame) -> go.Figure:
    """Draw by how much each attack let the server grow, and how many descriptors it took.

    Args:
        exhaustion: An ``exhaustion`` table.

    Returns:
        To the left the memory, on a scale of equal ratios from 0.1 MiB on, to the right the descriptors; one row an
        attack, one mark a server.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(exhaustion, "exhaustion")
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06)
    for target, (name, color, marker) in _TARGETS.items():
        rows = table[table["target"] == target]
        for column, values in enumerate((rows["memory_mib"].clip(lower=_LEAST_MIB), rows["descriptors"]), 1):
            trace = go.Scatter(
                x=values,
                y=rows["attack"],
                mode="markers",
                name=name,
                legendgroup=name,
                cliponaxis=False,
                showlegend=column == 1,
                marker={"color": color, "symbol": marker, "size": 10, "line": {"width": 2, "color": color}},
                customdata=rows[["outcome", "seen"]],
                hovertemplate="%{y}: %{x:,.3g}, %{customdata[0]}. %{customdata[1]}<extra>" + name + "</extra>",
            )
            figure.add_trace(trace, 1, column)
    attacks = list(dict.fromkeys(table["attack"]))
    told = "; ".join(_told(row) for row in table.to_dict("records"))
    figure.update_layout(
        layout(
            "What each attack costs the server",
            f"Memory and descriptors that each attack took, by server. {told}.",
            height_px=200 + 32 * len(attacks),
        )
    )
    figure.update_xaxes(axis("memory (MiB more)", type="log"), col=1)
    figure.update_xaxes(axis("descriptors (more)", rangemode="tozero"), col=2)
    places = {"type": "category", "categoryorder": "array", "categoryarray": attacks}
    figure.update_yaxes(axis("", autorange="reversed", ticksuffix=" ", **places))
    return figure


def figure_siege(siege: pd.DataFrame, seconds: float, verdict: str) -> go.Figure:
    """Draw what the lab held, and how long healthy clients waited, before, during and after a siege.

    Args:
        siege: A ``siege`` table.
        seconds: How long the siege lasted.
        verdict: What it showed, as one sentence.

    Returns:
        Four rows over the same time; the siege is shaded.

    Raises:
        InputError: The table does not follow its rules.
    """
    table = check(siege, "siege")
    figure = make_subplots(figure=DescribedFigure(), rows=4, cols=1, shared_xaxes=True, vertical_spacing=0.05)
    for row, (column, title, look, mode) in enumerate(_PARTS, 1):
        trace = go.Scatter(
            x=table["at_s"],
            y=table[column],
            mode=mode,
            name=title,
            line={"color": look.color, "dash": look.dash},
            hovertemplate="%{x:.1f} s: %{y:,.4g}<extra>" + title + "</extra>",
        )
        figure.add_trace(trace, row, 1)
        figure.update_yaxes(axis(title, rangemode="tozero"), row=row)
        figure.update_xaxes(axis("time since the siege began (s)" if row == len(_PARTS) else ""), row=row)
    figure.add_vrect(x0=0, x1=seconds, fillcolor="rgba(128, 128, 128, 0.14)", line={"width": 0}, layer="below")
    figure.update_layout(
        layout(
            "A lab under siege",
            f"{verdict} Medians during the siege: {_medians(table, seconds)}.",
            height_px=760,
            showlegend=False,
        )
    )
    return figure


def _told(row: dict[Hashable, Any]) -> str:
    return (
        f"{row['attack']}, {row['target']}: {row['outcome']}, {row['memory_mib']:,.1f} MiB, "
        f"{row['descriptors']:,.0f} descriptors"
    )


def _medians(table: pd.DataFrame, seconds: float) -> str:
    during = table[table["at_s"].between(0, seconds)]
    return ", ".join(f"{title} {during[column].median():,.3g}" for column, title, _, _ in _PARTS)
