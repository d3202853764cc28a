"""How many bytes cross the wire until the first message is there, and whose they are."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import INK, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import TRANSPORT_NAMES, check

_LAYERS = {
    "HTTP/1.1": LOOKS["long-polling"].color,
    "opening handshake": LOOKS["polling"].color,
    "event stream": LOOKS["sse"].color,
    "WebSocket": LOOKS["websocket"].color,
    "TLS": "#77808a",
}


def figure_set_up(set_up: pd.DataFrame, *, guess_bytes: float | None = None) -> go.Figure:
    """Draw the bytes until the first message, one bar a way, one colour a layer.

    Args:
        set_up: A ``set_up`` table.
        guess_bytes: What the learner expects, above 0; drawn as a dashed line.

    Returns:
        One trace a layer; both directions of a way are added up, and the sum stands behind its bar.

    Raises:
        InputError: The table does not follow its rules.
    """
    set_up = check(set_up, "set_up")
    named = set_up.assign(bar=[_bar(*pair) for pair in zip(set_up["way"], set_up["secure"], strict=True)])
    bars = list(named["bar"].unique())
    wide = named.pivot_table(index="bar", columns="layer", values="wire_bytes", aggfunc="sum", fill_value=0)
    layers = [layer for layer in _LAYERS if layer in wide]
    wide = wide.loc[bars, layers]
    totals = wide.sum(axis="columns")
    told = "; ".join(f"{bar}: {totals[bar]:,} bytes" for bar in bars)
    figure = DescribedFigure(
        [
            go.Bar(
                x=wide[layer],
                y=bars,
                orientation="h",
                name=layer,
                marker={"color": _LAYERS[layer]},
                hovertemplate=f"%{{y}}<br>{layer}: %{{x:,}} bytes<extra></extra>",
            )
            for layer in layers
        ],
        layout(
            "Bytes until the first message is there",
            f"Bytes both ways, the message included, by layer. {told}.",
            height_px=170 + 40 * len(bars),
            barmode="stack",
            legend_traceorder="normal",
            xaxis=axis("bytes on the wire, both ways", range=[0, 1.14 * max(*totals, guess_bytes or 0)]),
            yaxis=axis("", autorange="reversed", ticksuffix=" "),
        ),
    )
    for bar in bars:
        figure.add_annotation(
            x=totals[bar],
            y=bar,
            text=f" <b>{totals[bar]:,}</b>",
            xanchor="left",
            showarrow=False,
            font={"color": INK},
        )
    if guess_bytes:
        figure.add_vline(x=guess_bytes, line={"color": WARNING, "dash": "longdash", "width": 1.5})
        figure.add_annotation(
            text=f"dashed: your guess, {guess_bytes:,g} bytes",
            font={"color": WARNING},
            x=1,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="top",
            showarrow=False,
        )
    return figure


def _bar(way: str, secure: bool) -> str:
    return TRANSPORT_NAMES[way] + (", TLS" if secure else "")
