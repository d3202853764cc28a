"""The toolkit finds its own files in a checkout and in an installed wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rtlab
from rtlab.errors import InputError, RtlabError
from rtlab.resources import data_path, user_cache

_PACKAGE = Path(rtlab.__file__).parent
_ASK = "from rtlab.resources import data_path, notebooks_path; print(data_path('a.txt')); print(notebooks_path())"


def _install(folder: Path) -> Path:
    """Copy the two modules concerned to where a wheel would put them."""
    package = folder / "site-packages" / "rtlab"
    package.mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "resources.py"):
        shutil.copyfile(_PACKAGE / name, package / name)
    return package


def _ask(package: Path) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(package.parent)!r}); {_ASK}"
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=30)


def test_data_of_this_tree_are_found() -> None:
    assert data_path("claims.json").is_file()
    assert data_path().name == "data"


def test_a_file_that_is_not_there_is_an_input_error_that_says_where_to_look() -> None:
    with pytest.raises(InputError, match=r"data/quizzes/none\.toml; look into .*data"):
        data_path("quizzes", "none.toml")


def test_a_wheel_finds_its_own_folders_before_those_beside_it(tmp_path: Path) -> None:
    package = _install(tmp_path)
    for root in (package, package.parent):
        (root / "data").mkdir()
        (root / "data" / "a.txt").touch()
        (root / "notebooks").mkdir()
    answer = _ask(package)
    assert answer.stdout.splitlines() == [str(package / "data" / "a.txt"), str(package / "notebooks")]


def test_a_data_folder_of_somebody_else_beside_the_package_is_not_taken(tmp_path: Path) -> None:
    package = _install(tmp_path)
    (package.parent / "data").mkdir()
    (package.parent / "data" / "a.txt").touch()
    answer = _ask(package)
    assert answer.returncode != 0
    assert f"{RtlabError.__name__}: The folder 'data' of rtlab is missing; install rtlab again." in answer.stderr


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the variable is of other systems")
def test_an_empty_wish_for_the_cache_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert user_cache() == Path.home() / ".cache" / "rtlab"
