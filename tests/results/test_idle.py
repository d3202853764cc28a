from __future__ import annotations

import math

import pytest

from rtlab.findings.idle_connections import IdleCost
from rtlab.results.idle import IdleCosts, idle

pytestmark = pytest.mark.measuring


def cost(library: str, way: str, *memory_bytes: int) -> IdleCost:
    counts = tuple(range(100, 100 + 10 * len(memory_bytes), 10))
    return IdleCost(way, counts, memory_bytes, counts, 0.0, 1.0, library)


def test_the_cost_of_one_is_the_slope_and_the_scatter_is_its_interval() -> None:
    table = IdleCosts(
        [cost("a", "sse", 0, 1_000, 2_000, 3_000), cost("b", "sse", 0, 1_100, 1_900, 3_000)], {}
    ).table
    assert table["bytes_each"].tolist() == pytest.approx([100.0, 98.0])
    assert table.loc[0, "low_bytes"] == pytest.approx(table.loc[0, "high_bytes"])
    assert table.loc[1, "low_bytes"] < 98 < table.loc[1, "high_bytes"]
    assert math.isnan(IdleCosts([cost("a", "sse", 0, 1_000)], {}).table.loc[0, "low_bytes"])


def test_a_slope_that_is_not_above_zero_is_told_but_not_drawn() -> None:
    figure = IdleCosts([cost("a", "sse", 0, 2_000, 4_000), cost("b", "sse", 9_000, 5_000, 1_000)], {}).figure()
    assert [len(series.x) for series in figure.data] == [1, 0, 0]
    assert "a, sse: 200 bytes; b, sse: -400 bytes." in figure.layout.meta["description"]


def test_a_figure_from_few_connections_is_said_to_be_too_small() -> None:
    many = IdleCost("sse", (1_000, 2_000), (0, 2_000_000), (1_000, 2_000), 2_000.0, 1.0)
    few = IdleCost("websocket", (999, 1_999), (0, 0), (999, 1_999), 0.0, 1.0)
    compressed = IdleCost("websocket, compressed", (100, 200), (0, 9), (100, 200), 0.1, 1.0)
    assert "too little memory" not in IdleCosts([many, compressed], {}).text
    assert "too little memory" in IdleCosts([many, few], {}).text


def test_compression_costs_more_than_the_connection_itself() -> None:
    found = idle(100, libraries=("rtlab", "tornado"), ways=("websocket", "websocket, compressed"), progress=False)
    each = found.table.set_index(["library", "way"])["bytes_each"]
    for library in ("rtlab", "tornado"):
        assert each[library, "websocket, compressed"] > 2 * each[library, "websocket"]
    assert "rtlab, websocket, compressed: " in found.text


def test_a_library_is_not_asked_for_what_it_has_not() -> None:
    found = idle(100, libraries=("rtlab", "websockets"), ways=("sse",), progress=False)
    assert list(found.table["library"]) == ["rtlab"]
