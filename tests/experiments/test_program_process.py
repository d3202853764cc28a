from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from rtlab.errors import LabError, WaitTimeout
from rtlab.experiments.program_process import ProgramProcess

OnLoop = Callable[[Coroutine[Any, Any, Any]], Any]


async def run(path: Path, *arguments: str, timeout_s: float = 10.0) -> tuple[list[dict[str, Any]], str, int | None]:
    heard: list[dict[str, Any]] = []
    program = await ProgramProcess.start(path, *arguments, on_line=heard.append)
    try:
        assert await program.first(timeout_s) == program.said[0]
        await program.ended(timeout_s)
    finally:
        await program.kill()
    assert heard == program.said
    return heard, program.last_words, program.exit_code


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "program.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_lines_arguments_last_words_and_exit_code_are_told(program: Callable[[str], Path], on_loop: OnLoop) -> None:
    path = program('import json, sys\nprint(json.dumps({"said": sys.argv[1]}))\nsys.exit("over")')
    assert on_loop(run(path, "hello")) == ([{"said": "hello"}], "over", 1)


def test_a_program_that_ends_without_a_word_is_told(program: Callable[[str], Path], on_loop: OnLoop) -> None:
    with pytest.raises(LabError, match="ZeroDivisionError"):
        on_loop(run(program("1 / 0")))


def test_a_silent_program_is_not_waited_for_without_end(program: Callable[[str], Path], on_loop: OnLoop) -> None:
    with pytest.raises(WaitTimeout, match="said nothing"):
        on_loop(
            run(program("import sys\nsys.stdin.read()\nimport threading\nthreading.Event().wait()"), timeout_s=0.3)
        )


def test_a_killed_program_has_ended(program: Callable[[str], Path], on_loop: OnLoop) -> None:
    async def kill(path: Path) -> int | None:
        running = await ProgramProcess.start(path)
        await running.first()
        assert running.exit_code is None
        await running.kill()
        await running.kill()
        return running.exit_code

    path = program("import threading\nprint('{}', flush=True)\nthreading.Event().wait()")
    assert on_loop(kill(path)) == (1 if sys.platform == "win32" else -9)


def test_a_program_ends_with_its_standard_input(program: Callable[[str], Path], on_loop: OnLoop) -> None:
    async def let_go(path: Path) -> bool:
        running = await ProgramProcess.start(path)
        try:
            await running.first()
            assert running._process.stdin
            running._process.stdin.close()
            return await running.ended(10.0)
        finally:
            await running.kill()

    assert on_loop(let_go(program("import threading\nprint('{}', flush=True)\nthreading.Event().wait()")))
