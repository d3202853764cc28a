from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from rtlab.figures.reference import add_reference, title_of
from rtlab.figures.theme import INK, axis, layout, time_axis, warn


def picture(value: float, *, log: bool = False, **settings: object) -> go.Figure:
    points = go.Scatter(
        x=[value],
        y=["SSE"],
        name="SSE",
        mode="markers+text",
        text=["words"],
        marker={"symbol": "circle", "color": "#0f7dc2"},
        error_x={"array": [value / 2], "arrayminus": [value / 4], "color": "#0f7dc2"},
    )
    words = go.Scatter(x=[value], y=["SSE"], mode="text", text=["more words"])
    bars = go.Bar(x=[1], y=["SSE"])
    across = time_axis("latency (ms)", [1.0, 90.0 if log else 2.0])
    return go.Figure([points, words, bars], layout("Medians", "It shows medians.", xaxis=across, yaxis=axis("")))


def test_the_reference_is_grey_behind_and_labelled() -> None:
    own = picture(1.0)
    add_reference(own, picture(1.5), "an old machine, 2026-01-01")
    assert len(own.data) == 4  # its words and bars stay away
    grey = own.data[0]
    assert grey.x == (1.5,)
    assert grey.name == "reference: an old machine, 2026-01-01"
    assert grey.marker.color == grey.error_x.color == INK
    assert grey.marker.symbol == "circle"
    assert grey.opacity < 0.6
    assert grey.mode == "markers"
    assert grey.text is None
    assert grey.showlegend
    assert own.layout.showlegend
    assert [trace.name for trace in own.data[1:]] == ["SSE", None, None]
    assert own.data[1].marker.color == "#0f7dc2"


def test_the_legend_has_room_for_one_more_row() -> None:
    plain, own = picture(1.0), add_reference(picture(1.0), picture(1.5), "a")
    assert own.layout.height - plain.layout.height == own.layout.margin.t - plain.layout.margin.t > 0


def test_the_description_tells_of_the_reference() -> None:
    own = add_reference(picture(1.0), picture(1.5), "an old machine")
    told = own.layout.meta["description"]
    assert told == "It shows medians. In grey, as a reference, an old machine: It shows medians."


@pytest.mark.parametrize("log", [False, True])
def test_the_axes_make_room_for_the_whole_interval(log: bool) -> None:
    own = picture(1.0, log=log)
    add_reference(own, picture(400.0), "slow")
    low, high = own.layout.xaxis.range
    assert high > (np.log10(600.0) if log else 600.0)
    assert own.layout.xaxis.tickvals is None
    assert low == picture(1.0, log=log).layout.xaxis.range[0]


def test_axes_with_room_stay_as_they_are() -> None:
    own = picture(1.0, log=True)
    before = own.layout.xaxis
    add_reference(own, picture(2.0), "alike")
    assert own.layout.xaxis == before
    assert own.layout.xaxis.tickvals


def test_a_reference_without_points_changes_nothing() -> None:
    own, bars = picture(1.0), go.Figure([go.Bar(x=[1], y=["SSE"])])
    assert add_reference(own, bars, "bars") == picture(1.0)


def test_several_references_have_a_line_each_in_the_legend() -> None:
    own = add_reference(add_reference(picture(1.0), picture(1.5), "a"), picture(1.7), "b")
    assert [trace.name for trace in own.data if trace.showlegend] == ["reference: b", "reference: a"]


def test_a_warning_is_no_part_of_the_title() -> None:
    own = picture(1.0)
    warn(own, "Not valid.")
    assert title_of(own) == title_of(picture(1.0)) == "Medians"


def test_points_in_a_panel_of_their_own_stay_there() -> None:
    points = go.Scatter(x=[1], y=[1], xaxis="x2", yaxis="y2")
    own = go.Figure([points], layout("Two", "Two.", xaxis2={"range": [0, 2]}))
    other = go.Figure([go.Scatter(x=[9], y=[1], xaxis="x2", yaxis="y2")], layout("Two", "Two."))
    add_reference(own, other, "far")
    assert own.data[0].xaxis == "x2"
    assert own.layout.xaxis2.range[1] > 9
