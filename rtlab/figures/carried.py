"""What it took to carry loads: bytes on the wire for each load, or speed against size."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from plotly.subplots import make_subplots  # type: ignore[import-untyped]  # as above

from rtlab.errors import InputError
from rtlab.figures.described import DescribedFigure
from rtlab.figures.overheads import ratio_axis, readable_size
from rtlab.figures.theme import GRID, LOOKS, WARNING, Look, axis, layout
from rtlab.tables.schema import check

_WAYS = {
    "sse+post": Look("SSE with POST", LOOKS["sse"].color, "circle"),
    "websocket": Look("WebSocket", LOOKS["websocket"].color, "square", "dash"),
    "websocket, fragments": Look("WebSocket, in fragments", LOOKS["websocket"].color, "square-open", "dot"),
    "websocket, compressed": Look(
        "WebSocket, compressed", LOOKS["websocket"].color, "square-cross-open", "dashdot"
    ),
}


def figure_wire(carried: pd.DataFrame) -> go.Figure:
    """Draw for each load and way how many bytes crossed for each of its own, up and down.

    Args:
        carried: A ``carried`` table; what was refused is left out.

    Returns:
        One point a load and way in each of two panels; 1 is the load itself. The scales go in equal ratios.

    Raises:
        InputError: The table does not follow its rules, or nothing came back.
    """
    back = _that_came_back(check(carried, "carried"))
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.04)
    for column, name in enumerate(("up_bytes", "down_bytes"), start=1):
        ratios = back[name] / back["payload_bytes"]
        for way, look in _WAYS.items():
            here = back["way"] == way
            if not here.any():
                continue
            figure.add_scatter(
                x=ratios[here],
                y=[back["named"][here], [look.name] * here.sum()],
                mode="markers+text",
                text=[f"{ratio:.3g}" for ratio in ratios[here]],
                textposition="middle right",
                marker={"symbol": look.marker, "size": 12, "color": look.color},
                customdata=back[[name, "payload_bytes", "form"]][here],
                hovertemplate="%{customdata[0]:,} bytes for %{customdata[1]:,}, as %{customdata[2]}<extra></extra>",
                cliponaxis=False,
                row=1,
                col=column,
            )
        title = f"bytes {name.removesuffix('_bytes')} for each byte"
        figure.update_xaxes(ratio_axis(title, [1.0, 5.0, 1.3 * ratios.max(), ratios.min()]), row=1, col=column)
        plain = {"autorange": "reversed", "showgrid": False, "dividercolor": GRID}
        figure.update_yaxes(axis("", **plain), row=1, col=column)
    told = "; ".join(
        f"{row.load}, {row.way}: {row.up_bytes:,} up and {row.down_bytes:,} down for {row.payload_bytes:,}"
        for row in back.itertuples()
    )
    figure.update_layout(
        layout(
            "Bytes on the wire for each byte carried",
            f"Bytes on the wire for each load, up and down. {told}.",
            height_px=150 + 30 * len(back),
            showlegend=False,
            margin_t=56,
        )
    )
    return figure


def figure_sizes(carried: pd.DataFrame) -> go.Figure:
    """Draw how fast loads of rising size went there and back and what memory they took, and which were refused.

    Args:
        carried: A ``carried`` table.

    Returns:
        Two panels with one curve a way; in the first a cross for each load that the server refused, at the bottom.

    Raises:
        InputError: The table does not follow its rules, or nothing came back.
    """
    carried = check(carried, "carried").sort_values("payload_bytes")
    back, refused = _that_came_back(carried), carried[carried["refused"] != ""]
    figure = make_subplots(figure=DescribedFigure(), rows=1, cols=2, horizontal_spacing=0.11)
    panels = {"MiB a second, rough": back["mib_per_s"], "memory (MiB)": back["memory_bytes"] / 2**20}
    for column, (title, heights) in enumerate(panels.items(), start=1):
        for way, look in _WAYS.items():
            here = back["way"] == way
            if not here.any():
                continue
            figure.add_scatter(
                x=back["payload_bytes"][here],
                y=heights[here],
                name=look.name,
                mode="lines+markers",
                line={"color": look.color, "dash": look.dash, "width": 2.5},
                marker={"symbol": look.marker, "size": 9},
                hovertemplate="%{y:,.3~g}",
                showlegend=column == 1,
                row=1,
                col=column,
            )
        sizes = sorted(back["payload_bytes"].unique())[:: 1 + len(back) // 6]
        ticks = {"tickvals": sizes, "ticktext": [readable_size(size) for size in sizes]}
        figure.update_xaxes(axis("size of the message", type="log", **ticks), row=1, col=column)
        upwards = ratio_axis(title, heights) if column == 2 else axis(title, rangemode="tozero")
        figure.update_yaxes(upwards, row=1, col=column)
    figure.add_scatter(
        x=refused["payload_bytes"],
        y=[0] * len(refused),
        name="refused",
        mode="markers+text",
        text=[f"{readable_size(size)}: {why}" for size, why in refused[["payload_bytes", "refused"]].to_numpy()],
        textposition="top left",
        textfont={"color": WARNING},
        marker={"symbol": "x", "size": 12, "color": WARNING},
        cliponaxis=False,
        hovertemplate="%{text}<extra></extra>",
        showlegend=not refused.empty,
        row=1,
        col=1,
    )
    figure.update_layout(
        layout("Large messages, there and back", f"Speed and memory against size. {_told(back, refused)}")
    )
    return figure


def _that_came_back(carried: pd.DataFrame) -> pd.DataFrame:
    back = carried[carried["refused"] == ""]
    if back.empty:
        raise InputError("Nothing came back, so there is nothing to draw.")
    return back.assign(named=back["load"] + ", " + back["payload_bytes"].map(readable_size))


def _told(back: pd.DataFrame, refused: pd.DataFrame) -> str:
    speeds = [f"{row.load}, {row.way}: {row.mib_per_s:.3g} MiB/s" for row in back.itertuples()]
    refusals = [f"{row.load}, {row.way}: {row.refused}" for row in refused.itertuples()]
    return f"{'; '.join(speeds + refusals)}."
