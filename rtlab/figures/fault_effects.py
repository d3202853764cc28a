"""What arrived when, with a fault and without."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check


def figure_fault_effects(
    arrivals: pd.DataFrame, *, on_s: float, off_s: float, title: str = "What a fault did"
) -> go.Figure:
    """Draw for each transport how many messages had arrived at each moment.

    Args:
        arrivals: A ``fault_arrivals`` table.
        on_s: When the fault came, in seconds from the start.
        off_s: When it went.
        title: The figure's title.

    Returns:
        One stair a transport and run, thin where there was no fault; a level stair is silence, a tall step is many
        messages at once. The time of the fault is shaded.

    Raises:
        InputError: The table does not follow its rules.
    """
    arrivals = check(arrivals, "fault_arrivals")
    stairs, told = [], []
    end_s = max(arrivals[["sent_ms", "received_ms"]].max().max() / 1e3, off_s)
    for (transport, run), group in arrivals.groupby(["transport", "run"], observed=True, sort=False):
        look, is_faulty = LOOKS[str(transport)], run == "with"
        times_s = group["received_ms"].dropna().sort_values().to_numpy() / 1e3
        if is_faulty:
            told.append(f"{look.name}: {len(times_s)} of {len(group)} arrived")
        stairs.append(
            go.Scatter(
                x=[0.0, *times_s, end_s],
                y=[*range(len(times_s) + 1), len(times_s)],
                mode="lines",
                name=f"{look.name}, {run} the fault",
                line={
                    "shape": "hv",
                    "color": look.color,
                    "dash": look.dash if is_faulty else "dot",
                    "width": 2.5 if is_faulty else 1,
                },
                hovertemplate="%{x:.2f} s: %{y} messages<extra>%{fullData.name}</extra>",
            )
        )
    figure = DescribedFigure(
        stairs,
        layout(
            title,
            f"Messages that had arrived at each moment; the fault was there from {on_s:g} to {off_s:g} s. "
            f"{'; '.join(told) or 'There was no run with it'}.",
            legend_rows=2,
            xaxis=axis("time (s)", range=[0, end_s * 1.02]),
            yaxis=axis("messages arrived", rangemode="tozero"),
        ),
    )
    return figure.add_vrect(
        x0=on_s,
        x1=off_s,
        fillcolor=WARNING,
        opacity=0.12,
        line_width=0,
        annotation={"text": "fault", "font": {"color": INK}},
        annotation_position="top left",
    )
