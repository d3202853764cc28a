from __future__ import annotations

from pathlib import Path

import pytest

from rtlab.errors import LabError
from rtlab.notebook_copies import copy_notebooks

START = Path("00_start_here.ipynb")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "solutions").mkdir(parents=True)
    (folder / START).write_text("first")
    (folder / "solutions" / "01.ipynb").write_text("solution")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "x.ipynb").write_text("checkpoint")
    return folder


def test_a_new_folder_gets_every_notebook_and_no_checkpoint(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder"
    done = copy_notebooks(source, target)
    assert set(done.new) == {START, Path("solutions/01.ipynb")}
    assert {path.relative_to(target) for path in target.rglob("*.ipynb")} == set(done.new)
    assert (target / START).read_text() == "first"


def test_a_second_time_copies_nothing(source: Path, tmp_path: Path) -> None:
    copy_notebooks(source, tmp_path / "mine")
    done = copy_notebooks(source, tmp_path / "mine", fresh=True)
    assert (done.new, done.kept, done.beside) == ((), (), ())


def test_a_changed_notebook_stays_as_it_is(source: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    copy_notebooks(source, mine)
    (mine / START).write_text("my answers")
    assert copy_notebooks(source, mine).kept == (START,)
    assert (mine / START).read_text() == "my answers"


def test_a_fresh_copy_goes_beside_a_changed_notebook(source: Path, tmp_path: Path) -> None:
    mine, fresh = tmp_path / "mine", Path("00_start_here.fresh.ipynb")
    copy_notebooks(source, mine)
    (mine / START).write_text("my answers")
    assert copy_notebooks(source, mine, fresh=True).beside == (fresh,)
    assert ((mine / START).read_text(), (mine / fresh).read_text()) == ("my answers", "first")
    assert copy_notebooks(source, mine, fresh=True).beside == ()


def test_a_changed_fresh_copy_is_not_overwritten_either(source: Path, tmp_path: Path) -> None:
    mine, fresh = tmp_path / "mine", Path("00_start_here.fresh.ipynb")
    copy_notebooks(source, mine)
    (mine / START).write_text("my answers")
    (mine / fresh).write_text("more answers")
    assert copy_notebooks(source, mine, fresh=True).beside == (Path("00_start_here.fresh-2.ipynb"),)
    assert (mine / fresh).read_text() == "more answers"


def test_a_folder_without_any_notebook_to_copy_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    copy_notebooks(tmp_path / "empty", tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="--folder"):
        copy_notebooks(source, tmp_path / "file")
