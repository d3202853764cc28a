"""How soon each heartbeat notices a dead line, against what it costs while the line is well."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.overheads import ratio_axis
from rtlab.figures.theme import DIRECTIONS, LOOKS, layout
from rtlab.tables.schema import check

_LOOKS = (*LOOKS.values(), *DIRECTIONS.values())


def figure_dead_peers(dead_peers: pd.DataFrame) -> go.Figure:
    """Draw the time to notice a dead line against the bytes that the heartbeat costs.

    Args:
        dead_peers: A ``dead_peers`` table.

    Returns:
        A point for each interval and seed and a line through the medians, one colour a strategy; both axes in
        equal ratios. Further left is sooner, further down is cheaper.

    Raises:
        InputError: The table does not follow its rules.
    """
    noticed = check(dead_peers, "dead_peers").dropna(subset="detected_s")
    traces, told = [], []
    for look, (strategy, rows) in zip(_LOOKS, noticed.groupby("strategy", sort=False), strict=False):
        medians = rows.groupby("interval_s")[["detected_s", "bytes_per_hour"]].median()
        marks = {"color": look.color, "symbol": look.marker, "size": 8}
        line = {"color": look.color, "dash": look.dash, "width": 2}
        shared = {"legendgroup": str(strategy), "name": str(strategy)}
        traces += [
            go.Scatter(
                x=medians["detected_s"],
                y=medians["bytes_per_hour"],
                mode="lines+markers",
                line=line,
                marker=marks,
                **shared,
            ),
            go.Scatter(
                x=rows["detected_s"],
                y=rows["bytes_per_hour"],
                mode="markers",
                marker={**marks, "opacity": 0.45},
                customdata=rows["interval_s"],
                hovertemplate="beat every %{customdata:g} s: noticed after %{x:.2f} s, %{y:,.0f} bytes an hour",
                showlegend=False,
                **shared,
            ),
        ]
        told += [
            f"{strategy}, a beat every {interval_s:g} s: {row.detected_s:.2g} s and {row.bytes_per_hour:,.0f} bytes"
            for interval_s, row in zip(medians.index, medians.itertuples(), strict=True)
        ]
    return DescribedFigure(
        traces,
        layout(
            "Noticing a dead line: time against bytes",
            f"Median time to notice, and bytes for each idle connection and hour. {'; '.join(told)}.",
            height_px=480,
            legend_rows=2,
            xaxis=ratio_axis("time until the dead line is noticed (s)", [*noticed["detected_s"]] or [1.0]),
            yaxis=ratio_axis("bytes for each idle connection and hour", [*noticed["bytes_per_hour"]] or [1.0]),
        ),
    )
