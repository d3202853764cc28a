from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlab.errors import LabError, WaitTimeout
from rtlab.tools.program import ask_version, find_program, run_program

from ..processes import is_gone

PYTHON = sys.executable


def test_a_program_s_exit_code_output_and_last_words_are_kept(tmp_path: Path) -> None:
    said = "import sys; print('to out'); print('to err', file=sys.stderr); sys.exit(3)"
    ended = run_program([PYTHON, "-c", said], tmp_path, 60)
    assert (ended.exit_code, ended.output.strip(), ended.last_words) == (3, "to out", "to out to err")
    assert ended.seconds > 0


def test_a_program_gets_no_standard_input_and_works_in_its_folder(tmp_path: Path) -> None:
    ended = run_program([PYTHON, "-c", "import os, sys; print(repr(sys.stdin.read()), os.getcwd())"], tmp_path, 60)
    assert ended.output.split(" ", 1)[0] == "''"
    assert os.path.samefile(ended.output.split(" ", 1)[1].strip(), tmp_path)


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path, until: Callable[..., object]) -> None:
    hanging = (
        "import subprocess, sys, threading\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait(600)'])\n"
        "print(child.pid, flush=True)\n"
        "threading.Event().wait(600)\n"
    )
    with pytest.raises(WaitTimeout, match="did not end within 6 s and was killed") as caught:
        run_program([PYTHON, "-c", hanging], tmp_path, 6)
    pid = int(str(caught.value).rsplit(" ", 1)[1])
    until(lambda: is_gone(pid), "its end")


@pytest.mark.skipif(sys.platform == "win32", reason="processes have no groups there")
def test_a_child_that_outlives_its_program_is_killed_too(tmp_path: Path, until: Callable[..., object]) -> None:
    leaving = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait(600)'])\n"
        "print(child.pid)\n"
    )
    pid = int(run_program([PYTHON, "-c", leaving], tmp_path, 60).output)
    until(lambda: is_gone(pid), "its end")


def test_a_file_that_is_no_program_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "tool"
    path.write_text("no program")
    with pytest.raises(LabError, match="tool cannot be started"):
        run_program([str(path)], tmp_path, 5)


def test_a_program_that_does_not_tell_its_version_has_none(tmp_path: Path) -> None:
    assert ask_version([str(tmp_path / "nothing")], tmp_path) == ""


def test_a_version_is_read_however_much_is_said_after_it(tmp_path: Path) -> None:
    assert ask_version([PYTHON, "-c", "print('tool 7.8', 'and more ' * 200)"], tmp_path).startswith("tool 7.8")


def test_programs_beside_this_python_are_found_without_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_program("pytest")
    assert find_program("no-such-program") is None
