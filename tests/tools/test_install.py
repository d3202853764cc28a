from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlab.errors import InputError, LabError, MissingExtra
from rtlab.tools.install import install_tool
from rtlab.tools.java import Gatling, JMeter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the planted programs are scripts")


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a program of that name, written in Python, in front of the path; tools go to a folder of the test."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path / "tools"))

    def write(name: str, text: str) -> None:
        (programs / name).write_text(f"#!{sys.executable}\nimport pathlib, sys\n{text}")
        (programs / name).chmod(0o755)

    return write


COPIES = """
(target,) = [word.split("=", 1)[1] for word in sys.argv if word.startswith("-DoutputDirectory=")]
assert pathlib.Path(sys.argv[sys.argv.index("-f") + 1]).is_file()
"""


def test_archives_are_put_where_the_tool_is_found(tmp_path: Path, plant: Callable[[str, str], None]) -> None:
    plant("mvn", f"{COPIES}pathlib.Path(target, 'gatling-app-7.8.jar').write_text('')")
    plant("java", "")
    assert install_tool("gatling") == tmp_path / "tools" / "gatling"
    assert Gatling().find()
    assert Gatling().version(tmp_path) == "7.8"
    assert [path.name for path in (tmp_path / "tools").iterdir()] == ["gatling"]


def test_the_settings_of_jmeter_are_unpacked(tmp_path: Path, plant: Callable[[str, str], None]) -> None:
    archive = tmp_path / "config.jar"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("bin/jmeter.properties", "a=b")
        packed.writestr("META-INF/x", "")
    copied = f"pathlib.Path(target, 'ApacheJMeter_config-9.jar').write_bytes(open({str(archive)!r}, 'rb').read())"
    plant("mvn", COPIES + copied)
    plant("java", "")
    folder = install_tool("jmeter")
    assert (folder / "bin" / "jmeter.properties").read_text() == "a=b"
    assert not (folder / "META-INF").exists()
    with pytest.raises(MissingExtra, match="no archives"):  # the main archive is not among what was copied
        JMeter().find()


def test_an_installer_that_fails_leaves_what_was_there(tmp_path: Path, plant: Callable[[str, str], None]) -> None:
    old = tmp_path / "tools" / "artillery"
    old.mkdir(parents=True)
    plant("npm", "sys.exit('no such version')")
    with pytest.raises(LabError, match="npm could not install it: no such version"):
        install_tool("artillery")
    assert list((tmp_path / "tools").iterdir()) == [old]


def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path / "file" / "tools"))
    with pytest.raises(LabError, match="RTLAB_TOOLS"):
        install_tool("gatling")


def test_a_missing_installer_and_a_tool_that_is_installed_otherwise_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    with pytest.raises(InputError, match="in another way"):
        install_tool("k6")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingExtra, match="mvn was not found"):
        install_tool("gatling")
