"""What was written for each pair of reference programs, beside what it survived."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, axis, layout
from rtlab.tables.schema import check

_PANELS = {"lines": "lines of code", "branches": "branches", "passed": "faults survived"}


def figure_programs(programs: pd.DataFrame) -> go.Figure:
    """Draw lines, branches and survived faults, one bar a pair of programs.

    Args:
        programs: A ``programs`` table.

    Returns:
        Three panels with the same rows; each bar carries its number.

    Raises:
        InputError: The table does not follow its rules.
    """
    programs = check(programs, "programs").sort_values("level", kind="stable")
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=3, horizontal_spacing=0.05, shared_yaxes=True)
    for column, (name, title) in enumerate(_PANELS.items(), start=1):
        for protocol in map(str, programs["protocol"].unique()):
            look, rows = LOOKS[protocol], programs[programs["protocol"] == protocol]
            numbers = rows[name].astype(str)
            figure.add_bar(
                x=rows[name],
                y=[f"{look.name}, {level}" for level in rows["level"]],
                orientation="h",
                name=look.name,
                text=numbers + " of " + rows["tried"].astype(str) if name == "passed" else numbers,
                textangle=0,
                textposition=["inside" if number else "outside" for number in rows[name]],
                insidetextfont={"color": "white"},
                marker={"color": look.color},
                legendgroup=protocol,
                showlegend=False,
                row=1,
                col=column,
            )
        largest = programs["tried" if name == "passed" else name].max()
        figure.update_xaxes(axis(title, range=[0, 1.12 * largest]), row=1, col=column)
    pairs = programs.to_dict("records")
    order = [f"{LOOKS[pair['protocol']].name}, {pair['level']}" for pair in pairs]
    figure.update_yaxes(axis("", categoryorder="array", categoryarray=order[::-1], ticksuffix=" "))
    described = "; ".join(
        f"{name}: {pair['lines']} lines, {pair['branches']} branches, survived {pair['passed']} of {pair['tried']}"
        for name, pair in zip(order, pairs, strict=True)
    )
    figure.update_layout(
        layout(
            "What is written, and what it survives", f"{described}.", height_px=160 + 50 * len(order), bargap=0.3
        )
    )
    return figure
