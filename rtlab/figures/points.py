"""Points of several series in one picture, or each series in a panel of its own: the live chart, to keep."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, LOOKS, Look, axis, layout

Points = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""For each series its points: the places to the right, and the heights."""

_GAP = 0.04
"""Between two panels, as a part of the width."""


def figure_points(
    points: Points,
    *,
    title: str,
    x_title: str,
    y_title: str,
    colors: Mapping[str, str] | None = None,
    panels: bool = False,
) -> go.Figure:
    """Draw one marker for each point, in the colour of its series.

    Args:
        points: The series; names such as ``"sse"`` have the course's colours and markers.
        title: What the points are, short enough for one line.
        x_title: What runs to the right, with its unit in brackets.
        y_title: What goes up, with its unit in brackets.
        colors: Another colour for some series, by name.
        panels: True gives each series a panel of its own, side by side, all with the same scales.

    Returns:
        One trace a series, in the order given.

    Raises:
        InputError: There is no series, or a colour is for one that is not there.
    """
    looks = looks_of(points, colors)
    settings: dict[str, Any] = {"showlegend": len(points) > 1 and not panels, "annotations": []}
    traces = []
    for index, (name, (xs, ys)) in enumerate(points.items()):
        number = str(index + 1) if panels and index else ""
        look = looks[name]
        traces.append(
            go.Scatter(
                x=xs,
                y=ys,
                name=look.name,
                xaxis=f"x{number}",
                yaxis=f"y{number}",
                mode="markers",
                marker={"symbol": look.marker, "color": look.color, "size": 7},
                cliponaxis=False,
                hovertemplate="%{y:.4~g} at %{x:.4~g}",
            )
        )
        if number or not index:
            settings |= _axes(number, index, len(points) if panels else 1, x_title, y_title)
        if panels:
            settings["annotations"].append(_heading(look, number))
    description = describe_points(points, title=title, x_title=x_title, y_title=y_title)
    return DescribedFigure(traces, layout(title, description, height_px=400, **settings))


def describe_points(points: Points, *, title: str, x_title: str, y_title: str) -> str:
    """Say what the points show, for readers who cannot see them.

    Args:
        points: The series.
        title: What the points are.
        x_title: What runs to the right.
        y_title: What goes up.

    Returns:
        A few sentences with the range and the median of each series.
    """
    parts = [title, f"Up: {y_title}; to the right: {x_title}"]
    for name, (_, ys) in points.items():
        label = looks_of([name])[name].name
        if ys:
            low, middle, high = min(ys), statistics.median(ys), max(ys)
            parts.append(f"{label}: {len(ys):,} points, from {low:.4g} to {high:.4g}, median {middle:.4g}")
        else:
            parts.append(f"{label}: no points")
    return ". ".join(parts) + "."


def looks_of(names: Iterable[str], colors: Mapping[str, str] | None = None) -> dict[str, Look]:
    """Choose how each series is drawn: a transport or a direction as everywhere, others in what is left.

    Args:
        names: The names of the series.
        colors: Another colour for some of them, by name.

    Returns:
        The look by name.

    Raises:
        InputError: There is no name, or a colour is for a series that is not there.
    """
    names, colors, known = list(names), colors or {}, LOOKS | DIRECTIONS
    if not names or not set(colors) <= set(names):
        raise InputError(f"Colours are for the series {', '.join(names) or '(none)'}, not for {list(colors)}.")
    left = cycle([look for key, look in known.items() if key not in names] or known.values())
    looks = {name: known[name] if name in known else replace(next(left), name=name) for name in names}
    return looks | {name: replace(looks[name], color=color) for name, color in colors.items()}


def _heading(look: Look, number: str) -> dict[str, Any]:
    return {
        "text": f"<b>{look.name}</b>",
        "font": {"color": look.color, "size": 15},
        "xref": f"x{number} domain",
        "yref": f"y{number} domain",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _axes(number: str, index: int, columns: int, x_title: str, y_title: str) -> dict[str, Any]:
    width = (1 - _GAP * (columns - 1)) / columns
    left = index * (width + _GAP)
    across: dict[str, Any] = {"domain": [left, left + width], "anchor": f"y{number}", "rangemode": "nonnegative"}
    upwards: dict[str, Any] = {"anchor": f"x{number}", "rangemode": "tozero"}
    if index:
        across["matches"] = "x"
        upwards |= {"matches": "y", "showticklabels": False}
    return {
        f"xaxis{number}": axis(x_title, **across),
        f"yaxis{number}": axis("" if index else y_title, **upwards),
    }
