from __future__ import annotations

from pathlib import Path

import pytest

from rtlab.resources import data_path
from rtlab.results import reference as module
from rtlab.results.bench import Bench, bench
from rtlab.results.chapter import Chapter
from rtlab.results.reference import FOLDER, reference


def test_the_shipped_runs_are_named_by_their_machines() -> None:
    assert data_path(FOLDER).is_dir()
    for run in reference():
        assert (data_path(FOLDER) / run.file_name).is_file()
        assert run.notice == ""


def test_runs_are_loaded_in_the_order_of_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "data_path", lambda *parts: tmp_path.joinpath(*parts))
    (tmp_path / FOLDER).mkdir()
    for cpu in ("zuse", "abacus"):
        Bench("quick", {"cpu": cpu}, (Chapter("one", "What?", text=cpu),)).save(tmp_path / FOLDER)
    assert [run["one"].text for run in reference()] == ["abacus", "zuse"]


def test_a_run_saved_into_the_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "data_path", lambda *parts: tmp_path)
    found = bench(effort="quick", progress=False, path=tmp_path, suite=[])
    (again,) = reference()
    assert again.label == found.label
