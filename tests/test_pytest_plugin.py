"""The fixtures in a project of somebody else: pytest runs in a process of its own there."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = """
import rtlab


def test_a_client_comes_back_after_a_cut_and_misses_nothing(rtlab_lab, rtlab_cut):
    line = rtlab_cut(rtlab_lab.sse_url())
    with rtlab.EventSource(line.url) as client:
        rtlab_lab.publish("one")
        assert client.receive().data == "one"
        assert line.cut() == 1
        rtlab_lab.publish("two")
        assert client.receive(20).data == "two"
    assert line.connections == 2


def test_a_server_cuts_a_client_that_does_not_read(rtlab_lab, rtlab_slow_client):
    for url in (rtlab_lab.sse_url(), rtlab_lab.ws_url()):
        slow = rtlab_slow_client(url)
        for _ in range(600):
            rtlab_lab.publish("x" * 65_536)
            if not rtlab_lab.connections:
                break
        assert slow.was_cut(20)


def test_a_client_that_reads_a_little_stays(rtlab_lab, rtlab_slow_client):
    slow = rtlab_slow_client(rtlab_lab.sse_url())
    rtlab_lab.publish("hello")
    assert slow.read(1_024)
    assert not slow.was_cut(0.2)
    slow.close()


def test_each_test_has_a_lab_of_its_own(rtlab_lab):
    assert rtlab_lab.connections == ()


def test_who_refuses_is_named(rtlab_slow_client):
    import pytest

    with pytest.raises(rtlab.RtlabError, match="http://127.0.0.1:1/ could not be opened"):
        rtlab_slow_client("http://127.0.0.1:1/")
"""
LOADED = """
import sys


def test_what_is_loaded():
    assert "rtlab.pytest_plugin" in sys.modules
    heavy = {"tornado", "pandas", "numpy", "plotly", "rtlab.servers", "rtlab.results", "rtlab.errors"}
    assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def run(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_mine.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    loaded = [] if registered() else ["-p", "rtlab.pytest_plugin"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *loaded, *options, "test_mine.py"]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=100, check=False
    )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return kept | {"PYTHONPATH": str(ROOT)}


def registered() -> bool:
    return any(point.value == "rtlab.pytest_plugin" for point in entry_points(group="pytest11"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


def test_the_fixtures_work_in_a_project_of_somebody_else(folder: Path) -> None:
    ended = run(folder, PROJECT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "5 passed" in ended.stdout


def test_who_does_not_use_them_loads_next_to_nothing(folder: Path) -> None:
    ended = run(
        folder, LOADED, "-p", "no:xdist", "-p", "no:anyio", "-p", "no:schemathesis", "-p", "no:hypothesispytest"
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
