"""Fetching viewers, with a program in the place of npm."""

from __future__ import annotations

import stat
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlab.errors import LabError, MissingExtra
from rtlab.results.viewers import viewers
from rtlab.tools import viewers as tool
from rtlab.tools.viewers import VIEWERS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script is no program on Windows")


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program of our own in the place of npm."""
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path / "tools"))

    def make(source: str) -> None:
        path = tmp_path / "npm"
        path.write_text(f"#!{sys.executable}\nimport sys, shutil\n{source}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(tool, "find_program", lambda name: str(path))

    return make


def pack(folder: Path, *names: str) -> Path:
    archive = folder / "packed.tgz"
    with tarfile.open(archive, "w:gz") as files:
        for number, name in enumerate(names):
            source = folder / f"file{number}"
            source.write_text(f"content of {name}")
            files.add(source, f"package/{name}")
    return archive


def test_a_viewer_is_fetched_once_and_only_what_is_needed_is_kept(
    npm: Callable[[str], None], tmp_path: Path
) -> None:
    every = [name for viewer in VIEWERS.values() for name in (viewer.script, viewer.style) if name]
    archive = pack(tmp_path, *every, "dist/huge.map")
    npm(f"shutil.copy({str(archive)!r}, 'x.tgz')")
    before = viewers()
    assert not before.table["here"].any()
    assert "fetch=True" in before.text
    after = viewers(fetch=True)
    assert after.table["here"].all()
    assert "need no network" in after.text
    assert VIEWERS["asyncapi"].read() == (
        "content of browser/standalone/index.js",
        "content of styles/default.min.css",
    )
    kept = sorted(path.name for path in (tmp_path / "tools").rglob("*") if path.is_file())
    assert kept == ["default.min.css", "index.js", "standalone.js"]
    npm("sys.exit('asked again')")
    viewers(fetch=True)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("sys.exit('offline')", "offline"),
        ("pass", "did not fetch"),
        ("open('x.tgz', 'w').write('')", "has no browser"),
    ],
)
def test_an_npm_that_gives_nothing_is_told(npm: Callable[[str], None], source: str, told: str) -> None:
    npm(source)
    with pytest.raises(LabError, match=told):
        viewers(fetch=True)
    assert not viewers().table["here"].any()


def test_a_package_without_the_file_is_told(npm: Callable[[str], None], tmp_path: Path) -> None:
    npm(f"shutil.copy({str(pack(tmp_path, 'README.md'))!r}, 'x.tgz')")
    with pytest.raises(LabError, match="has no browser/standalone"):
        viewers(fetch=True)


def test_without_npm_the_way_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    monkeypatch.setattr(tool, "find_program", lambda name: None)
    with pytest.raises(MissingExtra, match=r"Node\.js 20"):
        viewers(fetch=True)
