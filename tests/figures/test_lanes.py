from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

from rtlab.errors import InputError
from rtlab.figures.lanes import figure_lanes
from rtlab.figures.theme import DIRECTIONS

MARKS = pd.DataFrame(
    [
        (0.0, "push", "down", "news 0"),
        (0.0, "echo", "up", "note 0"),
        (2.0, "echo", "down", "note 0 back"),
        (9.0, "echo", "up", "note 1"),
    ],
    columns=["at_ms", "lane", "direction", "label"],
)


def arrows(trace: go.Scatter) -> list[tuple[float, float, float, str]]:
    """Read the arrows of a trace: instant, height of the head, height of the tail, label."""
    found = []
    for start in range(0, len(trace.x), 4):
        (at, *others), (head, middle, tail) = trace.x[start : start + 3], trace.y[start : start + 3]
        assert others == [at, at] and middle == (head + tail) / 2
        assert trace.x[start + 3] is None and trace.y[start + 3] is None
        found.append((at, head, tail, trace.customdata[start]))
    return found


def heights(figure: go.Figure) -> dict[str, tuple[float, float]]:
    """Give for each lane the height of the server's and of the client's line."""
    ticks = list(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    servers = [value for value, text in ticks if text == "server"]
    clients = [value for value, text in ticks if text == "client"]
    names = [note.text.split("</b>")[0].removeprefix("<b>") for note in figure.layout.annotations]
    return dict(zip(names, zip(servers, clients, strict=True), strict=True))


def test_lanes_stand_from_top_to_bottom_as_they_first_appear() -> None:
    lanes = heights(figure_lanes(MARKS))
    assert list(lanes) == ["push", "echo"]
    assert lanes["push"][0] > lanes["push"][1] > lanes["echo"][0] > lanes["echo"][1]


def test_arrows_up_end_at_the_server_and_arrows_down_at_the_client() -> None:
    figure = figure_lanes(MARKS)
    lanes = heights(figure)
    _, up, down = figure.data
    assert arrows(up) == [
        (0.0, lanes["echo"][0], lanes["echo"][1], "note 0"),
        (9.0, lanes["echo"][0], lanes["echo"][1], "note 1"),
    ]
    assert arrows(down) == [
        (0.0, lanes["push"][1], lanes["push"][0], "news 0"),
        (2.0, lanes["echo"][1], lanes["echo"][0], "note 0 back"),
    ]


def test_only_the_head_of_an_arrow_has_a_marker() -> None:
    _, up, down = figure_lanes(MARKS).data
    assert list(up.marker.size) == [9, 0, 0, 0] * 2
    assert (up.marker.symbol, down.marker.symbol) == ("triangle-up", "triangle-down")


def test_directions_are_named_and_coloured_as_everywhere() -> None:
    lines, up, down = figure_lanes(MARKS).data
    assert not lines.showlegend
    assert (up.name, up.line.color) == ("client to server", DIRECTIONS["up"].color)
    assert (down.name, down.line.color) == ("server to client", DIRECTIONS["down"].color)


def test_each_lane_has_two_lines_as_long_as_everything_that_happened() -> None:
    figure = figure_lanes(MARKS)
    lines = figure.data[0]
    assert sorted(set(lines.y) - {None}) == sorted(figure.layout.yaxis.tickvals)
    assert min(x for x in lines.x if x is not None) < 0 and max(x for x in lines.x if x is not None) > 9


def test_hundreds_of_arrows_are_still_three_traces() -> None:
    many = pd.concat([MARKS.assign(at_ms=MARKS["at_ms"] + 10 * step) for step in range(60)])
    figure = figure_lanes(many)
    assert len(figure.data) == 3
    assert len(figure.layout.annotations) == 2


def test_one_mark_is_enough_for_a_picture() -> None:
    figure = figure_lanes(MARKS.head(1))
    assert len(arrows(figure.data[2])) == 1 and len(figure.data[1].x) == 0


def test_title_axis_and_description_tell_what_is_counted() -> None:
    figure = figure_lanes(MARKS, title="Push and echo")
    assert figure.layout.title.text == "Push and echo"
    assert figure.layout.xaxis.title.text == "time (ms)"
    assert [note.text for note in figure.layout.annotations] == [
        "<b>push</b>  0 up, 1 down",
        "<b>echo</b>  2 up, 1 down",
    ]
    assert figure.layout.meta["description"] == (
        "Messages over time, up to the server and down to the client. push: 0 up, 1 down; echo: 2 up, 1 down."
    )


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(InputError, match="run the experiment first"):
        figure_lanes(MARKS.head(0))


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(InputError, match="knows up, down, not left"):
        figure_lanes(MARKS.assign(direction="left"))
