"""A foreign program: found, run with a hard time limit, and gone afterwards with all its children."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rtlab import clock
from rtlab.errors import LabError, WaitTimeout

_END_S = 10.0
_LAST_WORDS = 600
_VERSION_TIMEOUT_S = 60.0
_ALONE = {
    "NO_PROXY": "*",  # it talks to this machine alone
    "no_proxy": "*",
    "K6_NO_USAGE_REPORT": "true",
    "K6_AUTO_EXTENSION_RESOLUTION": "false",
    "ARTILLERY_DISABLE_TELEMETRY": "true",
    "NO_COLOR": "1",
}
"""No tool shall ask the network for anything."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended.

    Attributes:
        exit_code: Its exit code; negative for a signal.
        output: What it wrote to its standard output.
        last_words: The end of what it wrote to both outputs, in one line.
        seconds: How long it took.
    """

    exit_code: int
    output: str
    last_words: str
    seconds: float


def find_program(name: str, *folders: Path) -> str | None:
    """Find a program on the path, beside this Python, or in further folders.

    Args:
        name: Its name, without ``.exe``.
        folders: Where else to look.
    """
    places = (os.environ.get("PATH", os.defpath), sysconfig.get_path("scripts"), *map(str, folders))
    return shutil.which(name, path=os.pathsep.join(places))


def run_program(
    command: Sequence[str], folder: Path, timeout_s: float, *, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run a program to its end; it blocks, so no loop may call it.

    The program gets a process group of its own, and nothing of the group is left, however this ends.

    Args:
        command: The program and its arguments.
        folder: Where it works; its outputs are kept there, too.
        timeout_s: How long it may take, in seconds.
        environment: Further environment variables.

    Returns:
        How it ended, whatever its exit code.

    Raises:
        LabError: It cannot be started.
        WaitTimeout: It did not end in time and was killed.
    """
    name = Path(command[0]).name
    said, complained = folder / "stdout.txt", folder / "stderr.txt"
    begin_ns = clock.now_ns()
    with said.open("wb") as out, complained.open("wb") as err:
        try:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **_ALONE, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,  # an interrupt of the cell is for the kernel, which then ends the group
            )
        except OSError as error:
            raise LabError(f"{name} cannot be started: {error}.") from error
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            words = _last_words(said, complained)
            raise WaitTimeout(
                f"{name} did not end within {timeout_s:g} s and was killed. It said: {words}"
            ) from error
        finally:
            _end_group(child)
    seconds = (clock.now_ns() - begin_ns) / 1e9
    output = said.read_text(encoding="utf-8", errors="replace")
    return Ended(child.returncode, output, _last_words(said, complained), seconds)


def ask_version(command: Sequence[str], folder: Path) -> str:
    """Give all that a program says about its version; empty if it cannot be asked."""
    try:
        ended = run_program(command, folder, _VERSION_TIMEOUT_S)
    except (LabError, WaitTimeout):
        return ""
    return f"{ended.output} {ended.last_words}"  # some say it on standard error


def _end_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(subprocess.TimeoutExpired):
        if sys.platform == "win32":
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True, timeout=_END_S)
        else:
            with suppress(ProcessLookupError, PermissionError):  # the usual case: the whole group has ended
                os.killpg(child.pid, signal.SIGKILL)
        child.wait(_END_S)


def _last_words(*files: Path) -> str:
    words = " ".join(" ".join(file.read_text(encoding="utf-8", errors="replace").split()) for file in files)
    return words.strip()[-_LAST_WORDS:] or "nothing"
