from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from rtlab import cli_options
from rtlab.bench_command import run
from rtlab.errors import InputError
from rtlab.results.bench import Bench
from rtlab.results.chapter import Chapter


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    cli_options.bench(parser)
    return parser.parse_args(words)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let a measurement be made up, and note what was asked for."""
    seen: list[dict[str, Any]] = []

    def bench(only: list[str], **settings: Any) -> Bench:
        seen.append({"only": only, **settings})
        good = Chapter("one", "What is one?", text="It is 1.")
        bad = Chapter("two", "What is two?", error="It broke.")
        chapters = {"one": (good,), "two": (good, bad)}.get(only[0] if only else "one", ())
        for chapter in chapters:
            settings["tell"](chapter)
        return Bench(settings["effort"], {"cpu": "abacus"}, chapters, ("three",) if only == ["three"] else ())

    monkeypatch.setattr("rtlab.results.bench.bench", bench)
    return seen


@pytest.mark.parametrize(
    ("words", "effort"), [((), "normal"), (("--quick",), "quick"), (("--thorough",), "thorough")]
)
def test_the_effort_is_chosen_by_a_switch(asked: list[dict[str, Any]], words: tuple[str, ...], effort: str) -> None:
    assert run(parsed(*words)) == 0
    assert (asked[0]["effort"], asked[0]["only"], asked[0]["resume"], asked[0]["progress"]) == (
        effort,
        [],
        False,
        True,
    )


def test_quick_and_thorough_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("--quick", "--thorough")
    assert "not allowed with" in capsys.readouterr().err


def test_it_prints_what_was_found_and_writes_what_was_asked_for(
    asked: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html, json = tmp_path / "report.html", tmp_path / "run.json"
    assert run(parsed("--only", "one, ", "--html", str(html), "--json", str(json), "--author", "A. Student")) == 0
    out = capsys.readouterr().out
    assert "one: What is one?" in out
    assert "It is 1. (measured)" in out
    assert str(html) in out
    assert str(json) in out
    assert "A. Student" in html.read_text(encoding="utf-8")
    assert Bench.load(json)["one"].text == "It is 1."
    assert asked[0]["path"] == json


def test_the_measurements_are_listed_on_request(
    asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(parsed("--only", "list")) == 0
    assert "compare: Which delivers a pushed message sooner" in capsys.readouterr().out
    assert asked == []


def test_a_failure_and_an_interrupt_are_told_by_the_exit_code(
    asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(parsed("--only", "two")) == 1
    assert "It broke. (failed)" in capsys.readouterr().out
    assert run(parsed("--only", "three")) == 130
    assert "three not measured" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--html", "--json"])
def test_a_folder_that_does_not_exist_is_refused_before_anything_is_measured(
    asked: list[dict[str, Any]], tmp_path: Path, option: str
) -> None:
    with pytest.raises(InputError, match="folder"):
        run(parsed(option, str(tmp_path / "nowhere" / "file")))
    assert asked == []


@pytest.mark.measuring
def test_a_real_measurement_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    json = tmp_path / "run.json"
    assert run(parsed("--quick", "--only", "compare", "--json", str(json), "--no-progress")) == 0
    chapter = Bench.load(json)["compare"]
    assert "median" in chapter.text
    assert chapter.validity is not None
    assert len(chapter.figures) == 3
    assert "median" in capsys.readouterr().out
