"""Programs beside one another, and folders of the learner's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlab.errors import InputError, RecordingError
from rtlab.results.new_stack import new_stack
from rtlab.results.releases import releases
from rtlab.results.remarks import remarks
from rtlab.results.stack_sources import beside
from rtlab.stacks.choice import chosen_stack
from rtlab.stacks.stack import shipped_stack


def test_programs_stand_beside_one_another_with_resume_marked() -> None:
    shown = beside("go", "python-tornado")
    html = shown._repr_mimebundle_()["text/html"]
    assert html.count("<figure") == 2
    assert html.count("<mark") == 2
    for source in shown.sources:
        assert f"{source.lines} lines, {source.resume_lines} of them for resume" in html
        assert source.text in repr(shown)
    inside = html.partition("<mark")[2].partition("</mark>")[0]
    assert "resume begins" in inside
    assert "resume ends" in inside


def test_a_program_is_text_and_no_markup(tmp_path: Path) -> None:
    new_stack(tmp_path / "own")
    (tmp_path / "own" / "server.py").write_text(
        "x = '<b>'\n# resume begins\ny = 1\n# resume ends", encoding="utf-8"
    )
    html = beside(str(tmp_path / "own"))._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_a_stack_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no folder of that name"):
        beside("my_stack")
    with pytest.raises(InputError, match="Name the stacks"):
        beside()
    with pytest.raises(InputError, match="has no 'client'"):
        beside("rust", part="client")


def test_a_new_stack_is_written_once_and_then_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (first,) = new_stack("my_stack").sources
    assert first.resume_lines == 0
    assert chosen_stack("my_stack").title == "My stack"
    server = tmp_path / "my_stack" / "server.py"
    server.write_text(first.text.replace("resume begins", "resume begins\n        first = 2"), encoding="utf-8")
    (second,) = new_stack("my_stack").sources
    assert second.resume_lines == 1


def test_a_name_of_rtlab_comes_before_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    new_stack("go")
    assert chosen_stack("go") == shipped_stack("go")
    assert chosen_stack("./go").title == "My stack"


def test_a_new_stack_cannot_be_just_anything(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'first' and 'hunted'"):
        new_stack(tmp_path / "own", example="last")
    (tmp_path / "taken").mkdir()
    with pytest.raises(RecordingError, match=r"stack\.json"):
        new_stack(tmp_path / "taken")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        new_stack(tmp_path / "file" / "own")


def test_releases_are_in_order_and_say_what_is_used() -> None:
    found = releases()
    assert list(found.table["released"]) == sorted(found.table["released"])
    akka = found.table.set_index("version").loc["10.2.10"]
    assert akka["tried"]
    assert f"{akka['title']} 10.2.10 of {akka['released']}" in found.text
    figure = found.figure()
    assert sum(len(trace.x) for trace in figure.data) == len(found.table)
    assert "BUSL-1.1, 2022-10-19" in figure.layout.meta["description"]


def test_remarks_are_those_of_the_stacks() -> None:
    found = remarks("quarkus", "python-tornado")
    (row,) = found.table.to_dict("records")  # the other has nothing to say
    assert row["remark"] == shipped_stack("quarkus").notes
    assert len(remarks().table) > 5


@pytest.mark.parametrize("example", ["first", "hunted"])
def test_the_examples_need_no_build_and_only_one_resumes(example: str, tmp_path: Path) -> None:
    (source,) = new_stack(tmp_path / example, example=example).sources
    told = json.loads((tmp_path / example / "stack.json").read_text(encoding="utf-8"))
    assert told["build"] == []
    assert ("int(last)" in source.text) == (example == "hunted")
