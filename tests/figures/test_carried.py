from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.figures.carried import figure_sizes, figure_wire
from rtlab.findings.messages import Carried
from rtlab.tables.messages import carried_table


def carried(load: str, way: str, size: int, up: int, *, refused: str = "") -> Carried:
    ms = None if refused else 1_000.0
    return Carried(load, way, "binary", size, size, up, size, 1, not refused, refused, 0.0, ms, 2 * size)


FOUND = carried_table(
    [
        carried("picture", "sse+post", 1_000, 1_500),
        carried("picture", "websocket", 1_000, 1_008),
        carried("file", "websocket", 2**20, 2**20),
        carried("huge", "websocket", 2**21, 2**21, refused="close code 1009"),
    ]
)


def test_each_way_has_its_points_in_both_panels_without_what_was_refused() -> None:
    drawn = figure_wire(FOUND)
    assert [(curve.xaxis, list(curve.x), list(map(list, curve.y))) for curve in drawn.data] == [
        ("x", [1.5], [["picture, 1000 B"], ["SSE with POST"]]),
        ("x", [1.008, 1.0], [["picture, 1000 B", "file, 1 MiB"], ["WebSocket", "WebSocket"]]),
        ("x2", [1.0], [["picture, 1000 B"], ["SSE with POST"]]),
        ("x2", [1.0, 1.0], [["picture, 1000 B", "file, 1 MiB"], ["WebSocket", "WebSocket"]]),
    ]
    assert "picture, sse+post: 1,500 up and 1,000 down for 1,000" in drawn.layout.meta["description"]


def test_speed_and_memory_rise_with_size_and_a_refusal_is_a_cross() -> None:
    drawn = figure_sizes(FOUND[FOUND["way"] == "websocket"])
    speed, memory, refused = drawn.data
    assert list(speed.y) == [1_000 / 2**20, 1.0]
    assert list(memory.y) == [2_000 / 2**20, 2.0]
    assert (list(refused.x), list(refused.text)) == ([2**21], ["2 MiB: close code 1009"])
    assert "huge, websocket: close code 1009" in drawn.layout.meta["description"]


def test_without_a_refusal_there_is_no_cross() -> None:
    assert figure_sizes(FOUND[FOUND["refused"] == ""]).data[-1].showlegend is False


@pytest.mark.parametrize("draw", [figure_wire, figure_sizes])
def test_nothing_that_came_back_is_nothing_to_draw(draw: object) -> None:
    with pytest.raises(InputError, match="Nothing came back"):
        draw(FOUND[FOUND["refused"] != ""])  # type: ignore[operator]
