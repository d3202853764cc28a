"""A foreign program as a child process that ends with the kernel, with the last lines of what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from rtlab.errors import LabError, WaitTimeout
from rtlab.stacks import keeper

KEPT_LINES = 30
"""So many of the last lines are kept for the text of an error."""
_LONGEST_LINE = 2_000
_STOP_S = 3 * keeper.STOP_S


class Program:
    """A running program.

    Between the kernel and the program stands :mod:`rtlab.stacks.keeper`: it ends the whole process group when its
    standard input closes. A thread reads what the program prints, so a full pipe never stops it.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        environment: Further variables.
        keep_output: Keep standard output apart, for :meth:`output`; else it is among the last lines.

    Raises:
        LabError: There is no such program, or it cannot be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        keep_output: bool = False,
    ) -> None:
        self.command = tuple(command)
        found = shutil.which(str(folder / command[0])) or shutil.which(command[0])
        if found is None:
            raise LabError(f"There is no program {command[0]!r} here.")
        self._last: deque[str] = deque(maxlen=KEPT_LINES)
        self._output: list[str] = []
        self._stopped = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", keeper.__file__, found, *command[1:]],
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if keep_output else subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                **_own_group(),
            )
        except OSError as error:
            raise LabError(f"{command[0]!r} cannot be started in {folder}: {error}.") from error
        pipes = [(self._process.stdout, self._output if keep_output else self._last)]
        if keep_output:
            pipes.append((self._process.stderr, self._last))
        self._readers = [
            threading.Thread(target=_read, args=pipe, name="rtlab stack output", daemon=True) for pipe in pipes
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        """The keeper's process; the program is its child."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._process.poll()

    @property
    def last_lines(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self._last)

    def wait(self, timeout_s: float) -> str:
        """Wait until it has ended in good order; a program that takes too long is ended.

        Args:
            timeout_s: How long it may take, in seconds.

        Returns:
            What it printed, if that is kept.

        Raises:
            WaitTimeout: It took longer.
            LabError: It failed; the text has its last lines.
        """
        shown = " ".join(map(str, self.command))
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            self.stop()
            raise WaitTimeout(f"{shown!r} took more than {timeout_s:g} s. {self._said}") from error
        finally:
            self.stop()
        if code:
            raise LabError(f"{shown!r} failed with exit code {code}. {self._said}")
        return "".join(self._output)

    def stop(self) -> None:
        """End it and all that it started; a second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        process = self._process
        assert process.stdin and process.stdout
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_S)
        for reader in self._readers:
            reader.join(_STOP_S)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    @property
    def _said(self) -> str:
        return f"It said last:\n{self.last_lines}" if self._last else "It said nothing."


def _read(pipe: Any, lines: deque[str] | list[str]) -> None:
    with suppress(ValueError):  # closed while it was read
        for line in pipe:
            lines.append(line.rstrip()[:_LONGEST_LINE] if isinstance(lines, deque) else line)


def _own_group() -> dict[str, Any]:
    """An interrupt of a cell is for the kernel, not for the program."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
