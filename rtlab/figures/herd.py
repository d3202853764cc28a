"""When clients knock that all lost their server at the same moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import LOOKS, WARNING, Look, axis, layout, time_axis
from rtlab.tables.schema import check

_LOOKS = {
    "fixed delay": Look("fixed delay", WARNING, "circle", "solid"),
    "growing delay": Look("growing delay", "#b07d00", "square", "dash"),
    "full jitter": Look("full jitter", "#8a6fd1", "diamond", "dot"),
    "retry: from the server": Look("retry: from the server", LOOKS["sse"].color, "cross", "dashdot"),
}
_MOST_POINTS = 400
_SLICE_S = 0.1


def figure_herd(attempts: pd.DataFrame) -> go.Figure:
    """Draw attempts in each tenth of a second, one line a strategy, one panel for what was measured or simulated.

    Of a long time only the highest tenth of a second of each stretch is drawn.

    Args:
        attempts: A ``herd_attempts`` table.

    Returns:
        One panel, or two side by side.

    Raises:
        InputError: The table does not follow its rules or is empty.
    """
    attempts = check(attempts, "herd_attempts")
    if attempts.empty:
        raise InputError("Nobody knocked; a herd needs at least one attempt to be drawn.")
    herds = list(attempts.groupby(["source", "clients"], sort=False))
    titles = [f"{clients:,} clients, {source}" for (source, clients), _ in herds]
    figure = make_subplots(
        figure=DescribedFigure(), rows=1, cols=len(herds), subplot_titles=titles, horizontal_spacing=0.1
    )
    for column, (_, herd) in enumerate(herds, start=1):
        scale = time_axis("since the cut (s)", herd["at_s"])
        for strategy, rows in herd.groupby("strategy", sort=False):
            look = _LOOKS[str(strategy)]
            drawn = _drawn(rows, is_log=scale["type"] == "log")
            figure.add_scatter(
                x=drawn["at_s"],
                y=drawn["attempts"],
                name=look.name,
                mode="lines+markers",
                line={"color": look.color, "dash": look.dash, "width": 1.5},
                marker={"symbol": look.marker, "size": 5},
                legendgroup=look.name,
                showlegend=column == 1,
                hovertemplate="%{x:.1f} s: %{y:,}",
                row=1,
                col=column,
            )
        figure.update_xaxes(scale, row=1, col=column)
    figure.update_yaxes(axis("attempts in 100 ms", type="log", dtick=1))
    highest = attempts.groupby(["source", "strategy"], sort=False)["attempts"].max().reset_index()
    described = "; ".join(
        f"{row['strategy']}, {row['source']}: at most {row['attempts']:,}" for row in highest.to_dict("records")
    )
    figure.update_layout(layout("Everybody comes back", f"Attempts in each tenth of a second. {described}."))
    figure.layout.margin.t += 30
    figure.layout.legend.y = 1.12
    return figure


def _drawn(rows: pd.DataFrame, *, is_log: bool) -> pd.DataFrame:
    """Keep the highest point of each stretch, so that no peak is lost; a stretch without attempts is a gap."""
    if rows["at_s"].iloc[-1] > _MOST_POINTS * _SLICE_S:
        at_s = np.log(rows["at_s"]) if is_log else rows["at_s"]
        stretches = pd.cut(at_s, _MOST_POINTS, labels=False)
    else:
        stretches = (rows["at_s"] / _SLICE_S).round().astype("int64")
    highest = rows.loc[rows.groupby(stretches)["attempts"].idxmax(), ["at_s", "attempts"]]
    highest.index = pd.Index(np.sort(stretches.unique()))
    return highest.reindex(range(highest.index[0], highest.index[-1] + 1))
