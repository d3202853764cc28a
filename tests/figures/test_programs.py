from __future__ import annotations

from rtlab.figures.programs import figure_programs
from rtlab.findings.programs import ProgramSize, Trial
from rtlab.tables.programs import programs_table

SIZES = [
    ProgramSize(protocol, level, "server", lines, 5)
    for protocol, level, lines in (("sse", "bare", 30), ("sse", "robust", 60), ("websocket", "bare", 31))
]
TRIALS = [Trial("sse", "robust", "cut line", "survived", True, 20, 0, 0, "")]


def test_each_pair_has_a_bar_in_three_panels() -> None:
    drawn = figure_programs(programs_table(SIZES, TRIALS))
    assert [(bar.name, list(bar.x)) for bar in drawn.data] == [
        ("SSE", [30, 60]),
        ("WebSocket", [31]),
        ("SSE", [5, 5]),
        ("WebSocket", [5]),
        ("SSE", [0, 1]),
        ("WebSocket", [0]),
    ]
    assert list(drawn.data[4].text) == ["0 of 0", "1 of 1"]
    assert "SSE, robust: 60 lines, 5 branches, survived 1 of 1" in drawn.layout.meta["description"]


def test_bare_programs_stand_above_robust_ones() -> None:
    drawn = figure_programs(programs_table(SIZES, TRIALS))
    assert drawn.layout.yaxis.categoryarray == ("SSE, robust", "WebSocket, bare", "SSE, bare")
