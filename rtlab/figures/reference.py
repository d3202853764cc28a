"""What another machine found, drawn in grey behind a learner's own figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.theme import INK

_OPACITY = 0.45
_LEGEND_ROW_PX = 22


def title_of(figure: go.Figure) -> str:
    """Give a figure's title without the warnings that may stand under it."""
    return str(figure.layout.title.text or "").partition("<br>")[0]


def add_reference(figure: go.Figure, reference: go.Figure, label: str) -> go.Figure:
    """Draw the points, lines and intervals of one figure in grey behind those of another.

    Only what lies in the same coordinates can be shown: scatter traces. Bars would hide one another.

    Args:
        figure: The learner's own; it is changed.
        reference: A figure of the same kind from elsewhere.
        label: Where and when it was measured, such as ``"2 cores, Linux, 2026-11-22"``.

    Returns:
        The first figure: the reference's traces come first and so lie behind, the axes have room for them, and the
        description tells of them.
    """
    grey = [_grey(trace, label) for trace in reference.data if _has_points(trace)]
    if not grey:
        return figure
    grey[0].showlegend = True
    for trace in grey:
        _make_room(figure, trace)
    figure.data, own = (), figure.data
    figure.add_traces([*grey, *own])
    figure.layout.showlegend = True
    if figure.layout.margin.t is not None and figure.layout.height is not None:
        figure.layout.margin.t += _LEGEND_ROW_PX
        figure.layout.height += _LEGEND_ROW_PX
    told = (reference.layout.meta or {}).get("description", "")
    mine = (figure.layout.meta or {}).get("description", "")
    figure.layout.meta = {"description": f"{mine} In grey, as a reference, {label}: {told}"}
    return figure


def _has_points(trace: Any) -> bool:
    if trace.type != "scatter" or trace.x is None or not len(trace.x):
        return False
    return trace.mode is None or bool({"markers", "lines"} & set(trace.mode.split("+")))


def _grey(trace: Any, label: str) -> go.Scatter:
    settings = trace.to_plotly_json()
    name = settings.get("name", "")
    modes = [mode for mode in str(settings.get("mode", "lines+markers")).split("+") if mode != "text"]
    settings |= {
        "name": f"reference: {label}",
        "legendgroup": f"reference {label}",
        "showlegend": False,
        "opacity": _OPACITY,
        "mode": "+".join(modes),
        "hovertemplate": f"{name}, reference: %{{x:.4~g}}, %{{y:.4~g}}<extra>{label}</extra>",
    }
    settings.pop("text", None)
    for part in ("marker", "line"):
        settings[part] = {**settings.get(part, {}), "color": INK}
    for part in ("error_x", "error_y"):
        if part in settings:
            settings[part] = {**settings[part], "color": INK}
    return go.Scatter(settings)


def _make_room(figure: go.Figure, trace: go.Scatter) -> None:
    for letter, error in (("x", trace.error_x), ("y", trace.error_y)):
        name = f"{letter}axis{str(getattr(trace, f'{letter}axis') or letter)[1:]}"
        values = _reach(getattr(trace, letter), error)
        if name not in figure.layout or figure.layout[name].range is None or not values.size:
            continue
        axis = figure.layout[name]
        ends = np.array(axis.range, dtype=float)
        if axis.type == "log":
            values = np.log10(values[values > 0])
        if values.size and (values.min() < ends.min() or values.max() > ends.max()):
            margin = 0.04 * (max(ends.max(), values.max()) - min(ends.min(), values.min()))
            low = ends[0] if values.min() >= ends[0] else values.min() - margin
            high = ends[1] if values.max() <= ends[1] else values.max() + margin
            axis.range = [float(low), float(high)]
            axis.tickvals = axis.ticktext = None  # those that were chosen end at the old range


def _reach(values: Any, error: Any) -> npt.NDArray[np.float64]:
    """Give the numbers that an axis must show, the ends of the intervals included; names need no room."""
    if any(isinstance(value, str) for value in values):
        return np.array([])
    middle = np.array([np.nan if value is None else value for value in values], dtype=float)
    ends = [middle]
    if error is not None and error.array is not None:
        above = np.array(error.array, dtype=float)
        below = above if error.arrayminus is None else np.array(error.arrayminus, dtype=float)
        ends += [middle + above, middle - below]
    all_ends: npt.NDArray[np.float64] = np.concatenate(ends)
    return all_ends[np.isfinite(all_ends)]
