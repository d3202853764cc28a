from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.figures.overheads import figure_overheads, ratio_axis, readable_size
from rtlab.findings.messages import MessageCost
from rtlab.tables.messages import overheads_table

COSTS = overheads_table(
    [
        MessageCost(carrier, kind, size, size + beside)
        for carrier, kind, beside in (
            ("SSE event", "text", 20),
            ("POST", "text", 300),
            ("WebSocket, binary", "binary", 2),
        )
        for size in (1, 1_024)
    ]
)


def test_each_carrier_of_the_kind_has_a_curve_in_each_panel() -> None:
    drawn = figure_overheads(COSTS)
    assert [(curve.name, curve.xaxis, list(curve.y)) for curve in drawn.data] == [
        ("SSE event", "x", [20, 20]),
        ("POST", "x", [300, 300]),
        ("SSE event", "x2", [2_000.0, 1.953125]),
        ("POST", "x2", [30_000.0, 29.296875]),
    ]
    assert [curve.showlegend for curve in drawn.data] == [True, True, False, False]
    assert drawn.layout.xaxis.type == drawn.layout.yaxis.type == "log"
    assert "POST: 300 bytes at 1 B, 300 at 1 KiB" in drawn.layout.meta["description"]


def test_the_guess_is_a_line_with_its_number() -> None:
    drawn = figure_overheads(COSTS, guess_bytes=40.0)
    (line,) = drawn.layout.shapes
    assert (line.y0, line.y1, line.yref) == (40.0, 40.0, "y")
    assert "your guess, 40 bytes" in drawn.layout.annotations[-1].text
    assert not figure_overheads(COSTS).layout.shapes


def test_a_kind_without_messages_and_an_unknown_carrier_are_refused() -> None:
    with pytest.raises(InputError, match="'film'"):
        figure_overheads(COSTS, "film")
    with pytest.raises(InputError, match="pigeon"):
        figure_overheads(COSTS.assign(carrier="pigeon"))


def test_ticks_lie_within_the_range_of_the_axis() -> None:
    few, many = ratio_axis("", [2, 300]), ratio_axis("", [2, 400_000])
    assert few["ticktext"] == ["2", "5", "10", "20", "50", "100", "200"]
    assert many["ticktext"] == ["10", "100", "1,000", "10,000", "100,000"]


def test_sizes_are_written_for_people() -> None:
    assert [readable_size(size) for size in (1, 1_000, 65_536, 1_572_864)] == ["1 B", "1000 B", "64 KiB", "1.5 MiB"]
