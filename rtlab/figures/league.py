"""The league at a glance: one row a peer, one column a group of clauses, the verdicts as parts of a bar."""

from __future__ import annotations

from collections.abc import Hashable
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
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
    gaps_px = _HEAD_PX * (len(heights_px) - 1)
    area_px = sum(heights_px) + gaps_px
    spacing = min(gaps_px, _HEAD_PX) / area_px
    figure = make_subplots(
        figure=DescribedFigure(), rows=len(heights_px), row_heights=heights_px, vertical_spacing=spacing
    )
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
        start = groups.index(group) - _CELL / 2
        for verdict, share in _shares(cell["verdict"]).items():
            vectors = list(cell.loc[cell["verdict"] == verdict, "vector"])
            part = {
                "x": _CELL * share,
                "base": start,
                "y": names.index(peer),
                "text": str(len(vectors)) if verdict == "FAILED" else "",
                "customdata": f"{peer}, {group}: {len(vectors)} of {len(cell)} {verdict}<br>{_some(vectors)}",
            }
            bars[verdict].append(part)
            start += _CELL * share
    shown = {trace.name for trace in figure.data}
    for verdict, parts in bars.items():
        if parts:
            columns = {key: [part[key] for part in parts] for key in parts[0]}
            bar = _bar(verdict, showlegend=verdict not in shown, **columns)
            figure.add_trace(bar, row=row, col=1)
    plain = {"showgrid": False, "zeroline": False, "showline": False, "fixedrange": True, "row": row, "col": 1}
    labels = ["<br>".join(group.rsplit(" ", 1)) for group in groups]
    figure.update_xaxes(
        side="top",
        tickvals=list(range(len(groups))),
        ticktext=labels,
        tickangle=0,
        tickfont={"size": 12},
        range=[-0.5, len(groups) - 0.5],
        **plain,
    )
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[_label(peer) for peer in peers.to_dict("records")],
        range=[len(names) - 0.5, -0.5],
        **plain,
    )
    _write_beside(figure, row, peers)


def _shares(verdicts: pd.Series) -> dict[str, float]:
    """Give the parts of a bar that are there; what FAILED gets room for its number, at the cost of the rest."""
    counts = verdicts.value_counts()
    shares = {verdict: counts[verdict] / len(verdicts) for verdict in COLORS if counts[verdict]}
    failed = shares.pop("FAILED", 0.0)
    if not failed:
        return shares
    room = max(failed, _LEAST)
    return {"FAILED": room} | {verdict: share * (1 - room) / (1 - failed) for verdict, share in shares.items()}


def _bar(verdict: str, **columns: Any) -> go.Bar:
    pattern = {"shape": _PATTERNS.get(verdict, ""), "fgcolor": "rgba(255, 255, 255, 0.55)", "size": 5}
    return go.Bar(
        name=verdict,
        legendgroup=verdict,
        legendrank=list(COLORS).index(verdict),
        orientation="h",
        width=0.62,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": "#ffffff", "size": 12},
        constraintext="none",
        marker={"color": COLORS[verdict], "line": {"width": 0}, "pattern": pattern},
        hovertemplate="%{customdata}<extra></extra>",
        **columns,
    )


def _write_beside(figure: go.Figure, row: int, peers: pd.DataFrame) -> None:
    """Write the protocol to the left of the groups, and what is OK to the right of each peer."""
    number = "" if row == 1 else row
    right = {"xref": f"x{number} domain", "x": 1.012, "xanchor": "left", "showarrow": False}
    top = {"yref": f"y{number} domain", "y": 1, "yanchor": "bottom", "yshift": 6}
    title = f"<b>{TRANSPORT_NAMES[peers['protocol'].iloc[0]]}</b>"
    figure.add_annotation(**(right | top), text="OK")
    figure.add_annotation(**(right | top | {"x": -0.008, "xanchor": "right"}), text=title)
    for place, (ok, vectors) in enumerate(zip(peers["ok"], peers["vectors"], strict=True)):
        figure.add_annotation(**right, text=f"{ok} / {vectors}", yref=f"y{number}", y=place)


def _some(vectors: list[str]) -> str:
    more = f" and {len(vectors) - 8} more" if len(vectors) > 8 else ""
    return ", ".join(vectors[:8]) + more


def _label(peer: dict[Hashable, Any]) -> str:
    date = f'  <br><span style="font-size: 11px">on {peer["date_utc"][:10]}</span>' if peer["note"] else ""
    return f"{escape(peer['peer'])} {escape(peer['version'])}{date}  "


def _in_words(peer: dict[Hashable, Any]) -> str:
    return f"{peer['peer']} ({peer['protocol']}): {peer['ok']} of {peer['vectors']} OK, {peer['failed']} FAILED"
