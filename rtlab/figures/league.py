"""The league at a glance: one row a peer, one column a group of clauses, the verdicts as parts of a bar."""

from __future__ import annotations

from collections.abc import Hashable
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.theme import DIRECTIONS, LOOKS, WARNING, layout
from rtlab.tables.schema import TRANSPORT_NAMES, check

COLORS = {
    "FAILED": WARNING,
    "NON-STRICT": DIRECTIONS["up"].color,
    "UNIMPLEMENTED": DIRECTIONS["down"].color,
    "INFORMATIONAL": LOOKS["sse"].color,
    "OK": "rgba(0, 150, 109, 0.38)",
}
"""The colour of each verdict, in the order of the parts of a bar; what is OK is pale, so that the rest is seen."""

_PATTERNS = {"NON-STRICT": "/", "INFORMATIONAL": "x", "UNIMPLEMENTED": "."}
_CELL, _LEAST = 0.9, 0.17
_ROW_PX, _HEAD_PX, _TOP_PX, _BOTTOM_PX = 36, 64, 78, 20


def figure_league(judgements: pd.DataFrame, league: pd.DataFrame) -> go.Figure:
    """Draw which rules each peer keeps.

    A bar stands for the vectors of one group of clauses, and each of its parts for a verdict. The number of those
    that FAILED stands in the bar, and their part is at least as wide as the number; the names of the vectors come
    on hovering.

    Args:
        judgements: A ``judgements`` table.
        league: The ``league`` table of the same peers; those that were never tried are left out.

    Returns:
        One panel a protocol, with one trace of bars a verdict.

    Raises:
        InputError: A table does not follow its rules.
    """
    judgements, league = check(judgements, "judgements"), check(league, "league")
    league = league[league["vectors"] > 0]
    panels = {
        name: league[league["protocol"] == name] for name in TRANSPORT_NAMES if name in set(league["protocol"])
    }
    heights_px = [_ROW_PX * len(peers) for peers in panels.values()] or [_ROW_PX]
    area_px = sum(heights_px) + _HEAD_PX * (len(heights_px) - 1)
    figure = make_subplots(rows=len(heights_px), row_heights=heights_px, vertical_spacing=_HEAD_PX / area_px)
    told = "; ".join(map(_in_words, league.to_dict("records")))
    figure.update_layout(
        layout(
            "Which rules each implementation keeps",
            f"Verdicts on protocol vectors, by implementation and group of clauses. {told}.",
            height_px=area_px + _TOP_PX + _HEAD_PX + _BOTTOM_PX,
            barmode="overlay",
            margin_l=196,
            margin_r=88,
            margin_t=_TOP_PX + _HEAD_PX,
            margin_b=_BOTTOM_PX,
            legend_y=1 + _HEAD_PX / area_px,
            legend_traceorder="normal",
        )
    )
    for row, (protocol, peers) in enumerate(panels.items(), start=1):
        _draw_panel(figure, row, judgements[judgements["protocol"] == protocol], peers)
    return figure


def _draw_panel(figure: go.Figure, row: int, judgements: pd.DataFrame, peers: pd.DataFrame) -> None:
    groups, names = list(judgements["group"].unique()), list(peers["peer"])
    bars: dict[str, list[dict[str, object]]] = {verdict: [] for verdict in COLORS}
    for (group, peer), cell in judgements.groupby(["group", "peer"], sort=False):
        counts = cell["verdict"].value_counts()
        shares = {verdict: counts[verdict] / len(cell) for verdict in COLORS}
        if shares["FAILED"]:
            failed = max(shares["FAILED"], _LEAST)
            rest = (1 - failed) / (1 - shares["FAILED"]) if shares["FAILED"] < 1 else 0
            shares = {verdict: share * rest for verdict, share in shares.items()} | {"FAILED": failed}
        start = groups.index(group) - _CELL / 2
        for verdict, share in shares.items():
            if share:
                hover = f"{peer}, {group}: {counts[verdict]} of {len(cell)} {verdict}<br>{_vectors(cell, verdict)}"
                text = str(counts[verdict]) if verdict == "FAILED" else ""
                length = _CELL * share
                bars[verdict].append(
                    {"x": length, "base": start, "y": names.index(peer), "text": text, "customdata": hover}
                )
                start += length
    shown = {trace.name for trace in figure.data}
    for verdict, parts in bars.items():
        if not parts:
            continue
        figure.add_bar(
            **{key: [part[key] for part in parts] for key in parts[0]},
            name=verdict,
            legendgroup=verdict,
            legendrank=list(COLORS).index(verdict),
            showlegend=verdict not in shown,
            orientation="h",
            width=0.62,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            insidetextfont={"color": "#ffffff", "size": 12},
            constraintext="none",
            marker={
                "color": COLORS[verdict],
                "line": {"width": 0},
                "pattern": {"shape": _PATTERNS.get(verdict, ""), "fgcolor": "rgba(255, 255, 255, 0.55)", "size": 5},
            },
            hovertemplate="%{customdata}<extra></extra>",
            row=row,
            col=1,
        )
    plain = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True}
    labels = ["<br>".join(group.rsplit(" ", 1)) for group in groups]
    figure.update_xaxes(
        **plain,
        side="top",
        tickvals=list(range(len(groups))),
        ticktext=labels,
        tickangle=0,
        tickfont={"size": 12},
        range=[-0.5, len(groups) - 0.5],
        row=row,
        col=1,
    )
    figure.update_yaxes(
        **plain,
        tickvals=list(range(len(names))),
        ticktext=[_label(peer) for peer in peers.to_dict("records")],
        range=[len(names) - 0.5, -0.5],
        row=row,
        col=1,
    )
    x_axis, y_axis = ("x", "y") if row == 1 else (f"x{row}", f"y{row}")
    beside = {"xref": f"{x_axis} domain", "yref": y_axis, "showarrow": False}
    head = {"xref": f"{x_axis} domain", "yref": f"{y_axis} domain", "y": 1, "yanchor": "bottom", "showarrow": False}
    title = f"<b>{TRANSPORT_NAMES[peers['protocol'].iloc[0]]}</b>"
    figure.add_annotation(**head, text=title, x=-0.008, xanchor="right", yshift=6)
    figure.add_annotation(**head, text="OK", x=1.012, xanchor="left", yshift=6)
    for place, (ok, vectors) in enumerate(zip(peers["ok"], peers["vectors"], strict=True)):
        figure.add_annotation(**beside, text=f"{ok} / {vectors}", x=1.012, xanchor="left", y=place)


def _vectors(cell: pd.DataFrame, verdict: str) -> str:
    vectors = list(cell.loc[cell["verdict"] == verdict, "vector"])
    return ", ".join(vectors[:8]) + (f" and {len(vectors) - 8} more" if len(vectors) > 8 else "")


def _label(peer: dict[Hashable, Any]) -> str:
    date = f" · {peer['date_utc'][:10]}" if peer["note"] else ""
    return f"{escape(peer['peer'])} {escape(peer['version'])}{date}  "


def _in_words(peer: dict[Hashable, Any]) -> str:
    return f"{peer['peer']} ({peer['protocol']}): {peer['ok']} of {peer['vectors']} OK, {peer['failed']} FAILED"
