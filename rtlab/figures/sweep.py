"""What a sweep of swarms found: arrivals and ages against what was changed, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.dots import Measure
from rtlab.figures.overheads import ratio_axis, readable_size
from rtlab.figures.speeds import curve
from rtlab.figures.theme import DIRECTIONS, INVALID, LOOKS, axis, layout, warn
from rtlab.tables.schema import check

AXES = {"connections": "connections", "rate_per_s": "messages sent a second", "payload_bytes": "size of a message"}
"""What can run to the right, with its title."""

_RATE = Measure("messages_per_s", "messages_low_per_s", "messages_high_per_s")
_AGES = {
    "median": Measure("p50_ms", "p50_low_ms", "p50_high_ms"),
    "99 %": Measure("p99_ms", "p99_low_ms", "p99_high_ms"),
}
_WIDE = 5


def figure_sweep(sweep: pd.DataFrame, by: str) -> go.Figure:
    """Draw a sweep against one of the things that it changed.

    Args:
        sweep: A ``sweep`` table.
        by: What runs to the right: ``"connections"``, ``"rate_per_s"`` or ``"payload_bytes"``.

    Returns:
        To the left arrivals a second, to the right median (filled) and 99th percentile (open) of the ages, if
        messages had a stamp; one curve for each combination of the other things. All scales go in equal ratios.

    Raises:
        InputError: The table does not follow its rules, nothing else than failures is in it, or ``by`` is unknown
            or was not given in this sweep.
    """
    sweep = check(sweep, "sweep")
    if by not in AXES or sweep[by].isna().any():
        raise InputError(f"by is {by!r}; give what was changed, one of {', '.join(AXES)}.")
    drawn = sweep[sweep["messages_per_s"].notna()]
    if drawn.empty:
        raise InputError("No run of this sweep kept all its workers and got messages, so there is nothing to draw.")
    has_ages = bool(drawn["p50_ms"].notna().any())
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=1 + has_ages, horizontal_spacing=0.12)
    others = [name for name in AXES if name != by and drawn[name].nunique() > 1]
    looks = cycle([LOOKS[str(drawn["transport"].iloc[0])], *DIRECTIONS.values(), *LOOKS.values()])
    groups: list[tuple[Any, pd.DataFrame]] = list(drawn.groupby(others)) if others else [((), drawn)]
    for (key, rows), look in zip(groups, looks, strict=False):
        name = ", ".join(_in_words(*pair) for pair in zip(others, key, strict=True)) or "arrivals"
        figure.add_trace(curve(rows, by, _RATE, look, name=name), 1, 1)
        for what, measure in _AGES.items() if has_ages else ():
            age = curve(rows, by, measure, look, name=name, hollow=what != "median")
            figure.add_trace(age.update(showlegend=False), 1, 2)
    places = sorted(sweep[by].unique().tolist())
    labels = [readable_size(int(place)) if by == "payload_bytes" else f"{place:,g}" for place in places]
    figure.update_xaxes(axis(AXES[by], type="log", tickvals=places, ticktext=labels))
    figure.update_yaxes(ratio_axis("arrivals a second", _seen(drawn, [_RATE])), col=1)
    if has_ages:
        figure.update_yaxes(ratio_axis("age (ms): median, open 99 %", _seen(drawn, [*_AGES.values()])), col=2)
    told = "; ".join(_told(row, has_ages) for row in drawn.to_dict("records"))
    rows_of_legend = -(-len(figure.data) // (3 * (1 + 2 * has_ages)))
    figure.update_layout(layout("Swarms of many kinds", f"{told}.", legend_rows=rows_of_legend))
    if sweep["invalid"].any() or sweep["lost"].any():
        warn(figure, INVALID)
    return figure


def _in_words(name: str, value: float) -> str:
    if name == "payload_bytes":
        return readable_size(int(value))
    return f"{value:,g} {'connections' if name == 'connections' else 'a second'}"


def _told(row: Mapping[Any, Any], has_ages: bool) -> str:
    case = ", ".join(_in_words(name, row[name]) for name in AXES if not pd.isna(row[name]))
    ages = f", 99 % within {row['p99_ms']:,.3g} ms" if has_ages else ""
    return f"{case}: {row['messages_per_s']:,.4g} arrivals a second{ages}"


def _seen(table: pd.DataFrame, measures: Sequence[Measure]) -> list[float]:
    """Give what must be seen; an interval of two runs may be endless and would squeeze everything else."""
    middles = pd.concat([table[each.middle] for each in measures]).dropna()
    seen = pd.concat([table[name] for each in measures for name in (each.middle, each.low, each.high)])
    return [float(value) for value in seen[seen.between(middles.min() / _WIDE, middles.max() * _WIDE)]]
