from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.figures.tools import figure_sse_perf, figure_tools
from rtlab.findings.swarm import SwarmSecond
from rtlab.findings.tools import ToolRun
from rtlab.tables.tools import sse_perf_table, tool_runs_table


def test_the_ramp_has_bars_for_streams_chunks_and_bytes() -> None:
    rows = [SwarmSecond(number, 3, 0, 30, 3_000, 0, None, None, None) for number in (-1, 0)]
    figure = figure_sse_perf(sse_perf_table(rows))
    assert {bar.name: list(bar.y) for bar in figure.data} == {
        "streams": [3, 6],
        "chunks/s": [30, 30],
        "kB/s": [3.0, 3.0],
    }
    assert "6 event streams were opened; in one second came at most 30 chunks" in figure.layout.meta["description"]


def test_an_age_of_nothing_has_a_place_on_a_scale_of_ratios() -> None:
    runs = [
        ToolRun("k6", "1", "websocket", "2026-11-23", "k6", 1, 9, 9, single=True, p50_ms=0.0, p95_ms=3.0),
        ToolRun("wrk", "4", "sse", "2026-11-23", "wrk", 1, 9, answers=1, answer_ms=2_000.0),
    ]
    figure = figure_tools(tool_runs_table(runs))
    assert figure.layout.xaxis.type == "log"
    assert min(value for trace in figure.data for value in trace.x) > 0
    assert list(figure.layout.yaxis.categoryarray) == ["wrk", "k6"]


def test_another_table_is_refused() -> None:
    with pytest.raises(InputError):
        figure_tools(sse_perf_table([]))
