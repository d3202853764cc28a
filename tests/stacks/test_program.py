from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rtlab.errors import LabError, WaitTimeout
from rtlab.stacks.program import KEPT_LINES, Program

from ..processes import is_gone

PATIENCE_S = 30.0
Until = Callable[..., object]
SPAWNER = """
import subprocess, sys, threading
child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait(120)"])
print(child.pid, flush=True)
threading.Event().wait(120)
"""
DEAF_SPAWNER = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SPAWNER


def python(text: str, *, keep_output: bool = False) -> Program:
    return Program([sys.executable, "-c", text], Path.cwd(), keep_output=keep_output)


def test_output_is_kept_apart_from_what_it_says_beside() -> None:
    with python("import sys; print('result'); print('noise', file=sys.stderr)", keep_output=True) as program:
        assert program.wait(PATIENCE_S) == "result\n"
        assert program.last_lines == "noise"


def test_a_program_that_fails_is_told_with_its_last_lines_and_no_more() -> None:
    program = python("import sys\nfor n in range(100): print('line', n)\nsys.exit(3)")
    with program, pytest.raises(LabError, match="exit code 3") as caught:
        program.wait(PATIENCE_S)
    assert "line 99" in str(caught.value)
    assert len(program.last_lines.splitlines()) == KEPT_LINES


def test_a_program_that_hangs_is_ended_after_its_time(until: Until) -> None:
    with python("import threading; print('on my way', flush=True); threading.Event().wait(120)") as program:
        until(lambda: program.last_lines, "its line")
        with pytest.raises(WaitTimeout, match="on my way"):
            program.wait(0.05)
        assert program.exit_code is not None


def test_a_program_that_floods_its_output_is_not_held_up() -> None:
    with python("for n in range(20_000): print('x' * 50)") as program:
        program.wait(PATIENCE_S)


def test_a_program_that_does_not_exist_is_told() -> None:
    with pytest.raises(LabError, match="no program 'rtlab-has-no-such-program'"):
        Program(["rtlab-has-no-such-program"], Path.cwd())


@pytest.mark.parametrize(
    "text", [SPAWNER, pytest.param(DEAF_SPAWNER, id="deaf to SIGTERM", marks=pytest.mark.stacks)]
)
def test_stop_ends_its_children_too(text: str, until: Until) -> None:
    program = python(text)
    try:
        until(lambda: program.last_lines, "the child's number")
        child = int(program.last_lines)
        assert not is_gone(child)
    finally:
        program.stop()
        program.stop()
    until(lambda: is_gone(child), "the child's end")
    assert is_gone(program.pid)


def test_children_of_a_program_that_has_ended_do_not_stay(until: Until) -> None:
    with python(SPAWNER[: SPAWNER.rindex("threading")]) as program:
        until(lambda: program.last_lines, "the child's number")
        child = int(program.last_lines)
        until(lambda: is_gone(child), "the child's end")


def test_a_kernel_that_dies_leaves_nothing_behind(tmp_path: Path, until: Until) -> None:
    kernel = tmp_path / "kernel.py"
    kernel.write_text(
        f"""
import os, sys, threading
from pathlib import Path
from rtlab.stacks.program import Program
program = Program([sys.executable, "-c", {SPAWNER!r}], Path.cwd())
while not program.last_lines:
    threading.Event().wait(0.01)
print(program.last_lines, flush=True)
os._exit(1)
""",
        encoding="utf-8",
    )
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, str(kernel)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    child = int(run.stdout)
    until(lambda: is_gone(child), "the child's end")
