"""What the verbs show: measured here, dated, or with the reason why not."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from rtlab.errors import InputError, LabError
from rtlab.findings.adoption import StackTrial
from rtlab.results import adoption
from rtlab.stacks import __main__ as command
from rtlab.stacks.archive import load_trials
from rtlab.stacks.stack import Stack
from rtlab.tables.schema import TABLES


def trial(stack: str, **settings: object) -> StackTrial:
    values: dict[str, object] = {
        "stack": stack,
        "title": stack.title(),
        "language": "Go",
        "framework": "net/http",
        "version": "1",
        "licence": "MIT",
        "released": "2026-01-01",
        "date_utc": "2026-11-23T03:00:00+00:00",
        "platform": "Linux",
        "tools": "go 1.26",
        "lines": 50,
        "resume_lines": 5,
        "dependencies": 1,
        "installed_bytes": 8_000_000,
        "start_ms": 100.0,
        "ok": 60,
        "non_strict": 10,
        "failed": 2,
        "unimplemented": 16,
        "deviations": ("utf8-bad-ff-s", "close-bad-0"),
        "cuts": 2,
        "sent": 60,
        "lost": 0,
        "doubled": 0,
        "probe": ("warning HTTP-HOST",),
        "events_per_s": None,
        "echoes_per_s": None,
        "client_sent": None,
        "client_lost": None,
        "client_doubled": None,
        "client_echoed": None,
        "trouble": (),
    }
    return StackTrial(**{**values, **settings})  # type: ignore[arg-type]


NO_ECHO = {"ok": None, "non_strict": None, "failed": None, "unimplemented": None, "deviations": ()}


@pytest.fixture
def one_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the stack ``go`` can run; ``rust`` has a dated result, and ``node-ws`` has none."""

    def attempt(stack: Stack, lab: object, *, bench: bool) -> StackTrial:
        if stack.name == "go":
            return trial("go", events_per_s=1_000.0 if bench else None)
        raise LabError(f"{stack.title} could not be built.")

    monkeypatch.setattr(adoption, "try_stack", attempt)
    monkeypatch.setattr(adoption, "shipped_trials", lambda: {"rust": trial("rust")})


def test_what_there_is_is_listed_with_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    table = adoption.stacks().table.set_index("stack")
    assert not table.loc["go", "can_run"]
    assert "Install Go" in table.loc["go", "how"]
    assert table.loc["python-tornado", "can_run"]
    assert table.loc["python-tornado", "how"] == ""
    assert "can run here" in adoption.stacks().text


@pytest.mark.usefixtures("one_works")
def test_a_stack_that_cannot_run_is_shown_with_its_date_and_the_reason() -> None:
    found = adoption.compare(["go", "rust", "node-ws"], progress=False)
    table = found.table.set_index("stack")
    assert list(table.index) == ["go", "rust"]
    assert table["here"].to_dict() == {"go": True, "rust": False}
    assert "could not be built" in table.loc["rust", "note"]
    assert "Not measured here, but at the date given: Rust (2026-11-23)" in found.text
    assert "better-sse and ws could not be built" in found.text
    assert "short bench" in found.text
    assert "Table: adoption" in found._repr_mimebundle_()["text/html"]


@pytest.mark.usefixtures("one_works")
def test_without_a_bench_nothing_is_said_of_speed() -> None:
    found = adoption.run("go", bench=False, progress=False)
    assert "bench" not in found.text
    assert "events_per_s" in found.dull


def test_what_is_missing_stays_missing_in_table_and_figure() -> None:
    found = adoption.Adoption([trial("go"), trial("plain", **NO_ECHO, dependencies=None)], ["go"], {})
    table = found.table
    assert list(table) == [column.name for column in TABLES["adoption"]]
    assert pd.isna(table.loc[1, "failed"])
    figure = found.figure()
    assert len(figure.data) == 5
    assert list(figure.data[4].text) == ["2", "–"]
    described = figure.layout.meta["description"]
    assert "Go: 50 lines, packages: 1, 8 MB, start in 100 ms, 2 vectors failed" in described
    assert "Plain (2026-11-23): 50 lines, packages: unknown" in described
    assert "no WebSocket" in described


def test_wrong_names_are_refused() -> None:
    with pytest.raises(InputError, match="no stack 'cobol'"):
        adoption.run("cobol")
    with pytest.raises(InputError, match="Name one of"):
        adoption.compare([])


def test_the_text_of_a_stack_is_shown() -> None:
    assert "resume begins" in adoption.source("go")
    assert "EventSource" in adoption.source("node-ws", "client")
    with pytest.raises(InputError, match="has no 'client'"):
        adoption.source("rust", "client")


@pytest.mark.usefixtures("one_works")
def test_the_command_writes_what_it_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "trials.json"
    assert command.main(["run", "go", "--no-bench", "--output", str(target)]) == 0
    assert load_trials(target) == (trial("go"),)
    assert json.loads(target.read_text(encoding="utf-8"))["format"] == "rtlab-adoption-1"
    assert "Resume takes 5" in capsys.readouterr().out


@pytest.mark.usefixtures("one_works")
def test_the_command_is_not_content_with_a_dated_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["run", "rust"]) == 1
    assert command.main(["run", "node-ws"]) == 1
    assert command.main(["run", "go", "--output", str(tmp_path / "none" / "trials.json")]) == 2
    assert "make it first" in capsys.readouterr().err
    assert command.main(["list"]) == 0


def test_there_are_three_views() -> None:
    own = trial("own", lost=28, deviations=("mask-missing-s", "close-bad-0", "close-bad-999"), failed=3)
    found = adoption.Adoption([own, trial("plain", **NO_ECHO)], ["own", "plain"], {})
    resume = found.figure("resume", guess=12)
    assert "Own: 5 of 50 lines, 28 lost" in resume.layout.meta["description"]
    assert "your guess, 12" in resume.layout.annotations[0].text
    rules = found.rules.set_index("group")["failed"]
    assert (rules["masking"], rules["closing"], rules["UTF-8"]) == (1, 2, 0)
    assert "Own: masking 1, closing 2" in found.figure("rules").layout.meta["description"]
    with pytest.raises(InputError, match="no view 'speed'"):
        found.figure("speed")  # type: ignore[arg-type]  # that is the point


def test_one_date_for_all_stands_in_the_title() -> None:
    assert adoption.dated(["go", "rust"]).figure().layout.title.text.endswith(")")
    assert "This came with rtlab" in adoption.dated(["go"]).text
