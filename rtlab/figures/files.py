"""Files over both ways: how fast they went, and what memory they took, against their size."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.dots import Measure
from rtlab.figures.overheads import ratio_axis
from rtlab.figures.speeds import curve
from rtlab.figures.theme import LOOKS, WARNING, axis, layout
from rtlab.tables.schema import TRANSPORTS, check

_SPEED = Measure("mb_per_s", "mb_low_per_s", "mb_high_per_s")
_MEMORY = Measure("memory_mb", "memory_mb", "memory_mb")
_APART = 3
"""Sizes that are closer than this factor have no room for two labels."""


def figure_files(files: pd.DataFrame) -> go.Figure:
    """Draw speed and memory against the size of the file, and which files were refused.

    Args:
        files: A ``files`` table.

    Returns:
        Two panels with one curve a transport, and a cross at the bottom of the first for each refusal.

    Raises:
        InputError: The table does not follow its rules, or all was refused.
    """
    files = check(files, "files")
    files = files.assign(memory_mb=files["memory_bytes"] / 1e6)
    arrived, refused = files[files["refused"] == ""], files[files["refused"] != ""]
    if arrived.empty:
        raise InputError("No file arrived, so there is nothing to draw.")
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=2, horizontal_spacing=0.11)
    panels = ((_SPEED, "MB a second"), (_MEMORY, "memory of the receiver (MB)"))
    sizes = sorted(arrived["size_bytes"].unique().tolist())
    sizes = [size for at, size in enumerate(sizes) if not at or size >= _APART * sizes[at - 1]]
    for column, (measure, title) in enumerate(panels, start=1):
        for transport in TRANSPORTS:
            rows = arrived[arrived["transport"] == transport]
            if not rows.empty:
                name = f"{LOOKS[transport].name}, {rows['form'].iloc[0]}"
                drawn = curve(rows, "size_bytes", measure, LOOKS[transport], name=name)
                figure.add_trace(drawn.update(showlegend=column == 1), 1, column)
        ticks = {"tickvals": sizes, "ticktext": [_readable(size) for size in sizes]}
        figure.update_xaxes(axis("size of the file", type="log", **ticks), row=1, col=column)
        figure.update_yaxes(ratio_axis(title, arrived[measure.middle]), row=1, col=column)
    if not refused.empty:
        figure.add_scatter(
            x=refused["size_bytes"],
            y=[arrived["mb_per_s"].min()] * len(refused),
            name="refused",
            mode="markers+text",
            text=[_readable(size) for size in refused["size_bytes"]],
            textposition="top center",
            textfont={"color": WARNING},
            marker={"symbol": "x", "size": 12, "color": WARNING},
            customdata=refused["refused"],
            hovertemplate="%{customdata}",
            row=1,
            col=1,
        )
    return figure.update_layout(
        layout("Files, sent and received", f"Speed and memory against size. {_told(arrived, refused)}")
    )


def _readable(size_bytes: int) -> str:
    factor, unit = next((pair for pair in ((1e6, "MB"), (1e3, "kB")) if size_bytes >= pair[0]), (1, "B"))
    return f"{size_bytes / factor:g} {unit}"


def _told(arrived: pd.DataFrame, refused: pd.DataFrame) -> str:
    speeds = [
        f"{LOOKS[row['transport']].name}, {_readable(row['size_bytes'])}: {row['mb_per_s']:.3g} MB a second"
        for row in arrived.to_dict("records")
    ]
    refusals = [
        f"{LOOKS[row['transport']].name}, {_readable(row['size_bytes'])}: refused, {row['refused']}"
        for row in refused.to_dict("records")
    ]
    return f"{'; '.join(speeds + refusals)}."
