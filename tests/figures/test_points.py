"""Points of several series, as the live chart and its figure show them."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.figures.points import describe_points, figure_points, looks_of
from rtlab.figures.theme import LOOKS

_TITLES = {"title": "Latency", "x_title": "time (s)", "y_title": "latency (ms)"}
_POINTS = {"sse": ([0.0, 1.0], [2.0, 4.0]), "websocket": ([0.5], [3.0])}


def test_each_series_is_a_trace_with_its_points_in_the_order_given() -> None:
    figure = figure_points(_POINTS, **_TITLES)
    assert [trace.name for trace in figure.data] == ["SSE", "WebSocket"]
    assert [(tuple(trace.x), tuple(trace.y)) for trace in figure.data] == [
        ((0.0, 1.0), (2.0, 4.0)),
        ((0.5,), (3.0,)),
    ]


def test_transports_have_the_colours_and_markers_of_the_course() -> None:
    traces = figure_points(_POINTS, **_TITLES).data
    for name, trace in zip(_POINTS, traces, strict=True):
        assert (trace.marker.color, trace.marker.symbol) == (LOOKS[name].color, LOOKS[name].marker)


def test_each_panel_has_its_series_for_a_heading_instead_of_a_legend() -> None:
    layout = figure_points(_POINTS, **_TITLES, panels=True).layout
    assert [(note.text, note.xref) for note in layout.annotations] == [
        ("<b>SSE</b>", "x domain"),
        ("<b>WebSocket</b>", "x2 domain"),
    ]
    assert layout.showlegend is False
    assert figure_points(_POINTS, **_TITLES).layout.showlegend is True


def test_panels_share_their_scales_and_lie_side_by_side() -> None:
    figure = figure_points(_POINTS, **_TITLES, panels=True)
    assert [trace.xaxis for trace in figure.data] == ["x", "x2"]
    assert (figure.layout.xaxis2.matches, figure.layout.yaxis2.matches) == ("x", "y")
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    assert figure.layout.xaxis2.domain[1] == pytest.approx(1)


def test_series_with_other_names_all_look_different_from_each_other() -> None:
    looks = looks_of(["sse", "first", "second"])
    assert [look.name for look in looks.values()] == ["SSE", "first", "second"]
    assert len({(look.color, look.marker) for look in looks.values()}) == 3


def test_a_colour_replaces_the_one_of_the_course() -> None:
    assert looks_of(["sse", "websocket"], {"sse": "red"})["sse"].color == "red"


@pytest.mark.parametrize(("names", "colors"), [([], {}), (["sse"], {"websocket": "red"})])
def test_no_series_or_a_colour_for_none_of_them_is_refused(names: list[str], colors: dict[str, str]) -> None:
    with pytest.raises(InputError, match="Colours are for the series"):
        looks_of(names, colors)


def test_the_description_tells_range_and_median_or_that_there_are_no_points() -> None:
    text = describe_points({"sse": ([0.0, 1.0, 2.0], [5.0, 1.0, 2.0]), "polling": ([], [])}, **_TITLES)
    assert text == (
        "Latency. Up: latency (ms); to the right: time (s). "
        "SSE: 3 points, from 1 to 5, median 2. polling: no points."
    )
    assert figure_points(_POINTS, **_TITLES).layout.meta["description"] == describe_points(_POINTS, **_TITLES)
