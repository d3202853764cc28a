"""A Python program in a process of its own that says what happens as JSON lines."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from rtlab.clients.client import end_task
from rtlab.errors import LabError, WaitTimeout

START_TIMEOUT_S = 20.0
END_TIMEOUT_S = 5.0
_LEASHED = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program that ends when its standard input closes, so that it cannot outlive the kernel."""
_LAST_WORDS = 20
"""Lines of its standard error that are kept."""


class ProgramProcess:
    """A running program; made by :meth:`start`.

    Attributes:
        pid: Its process id.
        said: What it has printed so far, one object a line.
    """

    def __init__(self, process: asyncio.subprocess.Process, on_line: Callable[[dict[str, Any]], None]) -> None:
        self._process = process
        self.pid = process.pid
        self.said: list[dict[str, Any]] = []
        self._words: list[str] = []
        self._on_line = on_line
        self._heard = asyncio.Event()
        self._reading = asyncio.create_task(self._listen())

    @classmethod
    async def start(
        cls, path: Path, *arguments: str, on_line: Callable[[dict[str, Any]], None] = lambda line: None
    ) -> Self:
        """Start a program.

        Args:
            path: The program's file.
            arguments: What its command line says.
            on_line: Called with each object that it prints.

        Returns:
            The running program.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _LEASHED,
            str(path),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "NO_PROXY": "*", "no_proxy": "*"},  # it talks to this machine alone
        )
        return cls(process, on_line)

    @property
    def exit_code(self) -> int | None:
        """How it ended, or None while it runs; negative for a signal."""
        return self._process.returncode

    @property
    def last_words(self) -> str:
        """The last line that it wrote to its standard error."""
        return self._words[-1] if self._words else ""

    async def first(self, timeout_s: float = START_TIMEOUT_S) -> dict[str, Any]:
        """Wait for the first object that it prints.

        Args:
            timeout_s: How long that may take, in seconds.

        Returns:
            The object.

        Raises:
            LabError: It ended without one; its last words are in the text.
            WaitTimeout: None came.
        """
        try:
            await asyncio.wait_for(self._heard.wait(), timeout_s)
        except TimeoutError as error:
            raise WaitTimeout(f"The program said nothing within {timeout_s:g} s.") from error
        if not self.said:
            raise LabError(f"The program ended before it said anything: {self.last_words}")
        return self.said[0]

    async def ended(self, timeout_s: float) -> bool:
        """Wait for its end.

        Args:
            timeout_s: How long to wait, in seconds.

        Returns:
            True if it has ended.
        """
        try:
            await asyncio.wait_for(self._process.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def kill(self) -> None:
        """End it by force, and read what it had to say; a second call does nothing."""
        if self._process.returncode is None:
            self._process.kill()
        await asyncio.wait_for(self._process.wait(), END_TIMEOUT_S)
        await asyncio.wait({self._reading}, timeout=END_TIMEOUT_S)
        await end_task(self._reading)

    async def _listen(self) -> None:
        await asyncio.gather(self._hear(), self._overhear())

    async def _hear(self) -> None:
        assert self._process.stdout
        try:
            async for line in self._process.stdout:
                said = json.loads(line)
                self.said.append(said)
                self._heard.set()
                self._on_line(said)
        finally:
            self._heard.set()

    async def _overhear(self) -> None:
        assert self._process.stderr
        async for line in self._process.stderr:
            self._words.append(line.decode(errors="replace").strip())
            del self._words[:-_LAST_WORDS]
