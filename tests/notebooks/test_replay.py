"""Every notebook runs in replay mode from its recording: no socket is used, and no process is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rtlab.replay.tape import SUFFIX, Tape, digest
from rtlab.resources import data_path

pytestmark = [pytest.mark.notebooks, pytest.mark.timeout(360)]
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MARK = "Replayed, not measured here"
UNMEASURED = "The article's 77 claims"
"""The figure of the ledger: it shows what was judged, not what was measured."""
HELP = "its recording does not fit; make it anew with: python -m rtlab.replay record notebooks/{}"

# Without a kernel, for a kernel itself talks over sockets. rtlab.doctor() may ask for one: that is its question.
PROGRAM = """
import json, sys, traceback
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

FORBIDDEN = {"socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
             "subprocess.Popen", "os.fork", "os.posix_spawn"}
attempts = []

def refuse(event, details):
    if event in FORBIDDEN:
        stack = traceback.extract_stack()
        if not any(frame.filename.replace("\\\\", "/").rpartition("/rtlab/")[2].startswith("surroundings/")
                   for frame in stack):
            attempts.append([event, *(str(frame) for frame in stack[-6:])])
        raise PermissionError(f"{event} is forbidden here")

def run(source):
    with capture_output() as captured:
        outcome = shell.run_cell(source, store_history=True)
    failed = outcome.error_before_exec or outcome.error_in_exec
    return {"source": source, "failed": repr(failed) if failed else "",
            "shown": [each.data for each in captured.outputs], "printed": captured.stdout + captured.stderr}

shell = InteractiveShell.instance()
sys.addaudithook(refuse)
found = {}
for name, cells in json.load(sys.stdin).items():
    shell.reset()
    attempts.clear()
    found[name] = {"cells": [run(cell) for cell in cells], "attempts": list(attempts)}
json.dump(found, sys.stdout, default=str)
"""
CHANGED = ["import rtlab\nlab = rtlab.start_lab()", "lab.publish('Something else')"]


def sources(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all notebooks, one after the other, in one process."""
    folder = str(tmp_path_factory.mktemp("replay"))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM],
        input=json.dumps({path.stem: sources(path) for path in NOTEBOOKS} | {"changed": CHANGED}),
        env=os.environ | {"RTLAB_REPLAY": "1", "IPYTHONDIR": folder},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def recording(notebook: Path) -> Path:
    path = data_path("replays") / f"{notebook.stem}{SUFFIX}"
    assert path.is_file(), HELP.format(notebook.name)
    return path


def test_its_recording_knows_every_cell(notebook: Path) -> None:
    tape = Tape.load(recording(notebook))
    assert tape.missing(sources(notebook)) == [], HELP.format(notebook.name)
    assert tape.notebook == notebook.stem


def test_its_recording_is_small(notebook: Path) -> None:
    assert recording(notebook).stat().st_size < 400_000


def test_it_runs_in_a_replay_without_a_socket_and_is_marked(notebook: Path, replayed: dict[str, Any]) -> None:
    assert replayed[notebook.stem]["attempts"] == []
    tape = Tape.load(recording(notebook))
    for cell in replayed[notebook.stem]["cells"]:
        assert not cell["failed"], (cell["source"], cell["failed"], HELP.format(notebook.name))
        assert "Traceback" not in cell["printed"], cell
        if tape.cells[digest(cell["source"])]:
            assert MARK in json.dumps(cell["shown"]), cell["source"]
        for shown in cell["shown"]:
            figure = shown.get("application/vnd.plotly.v1+json")
            if figure and not figure["layout"]["title"]["text"].startswith(UNMEASURED):
                assert MARK in figure["layout"]["title"]["text"]
                assert figure["layout"]["meta"]["description"].startswith(MARK)


def test_a_changed_cell_is_told_that_a_replay_does_not_know_it(replayed: dict[str, Any]) -> None:
    failed = replayed["changed"]["cells"][1]["failed"]
    assert failed.startswith("RecordingError")
    assert "No recording knows start_lab().publish('Something else') in this cell." in failed
