"""Runs a program until it ends or standard input closes: ``python -I keeper.py PROGRAM ARGUMENT...``.

The program gets a process group of its own, and all of the group ends with it. The kernel holds the other end of
standard input, so nothing of the group outlives the kernel. It is run by its file, so it imports nothing of rtlab.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

STOP_S = 5.0
"""So long may a program take to end in good order."""


def main(command: Sequence[str]) -> int:
    """Run a command; give its exit code, negative for a signal."""
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_input, args=(program,), daemon=True).start()
    code = program.wait()
    _end_group(program, by_force=True)  # it may have left children behind
    return code


def _end_with_input(program: subprocess.Popen[bytes]) -> None:
    # Not sys.stdin: its lock would be held while the interpreter ends.
    with suppress(OSError):
        while os.read(0, 1_024):
            pass
    _end_group(program, by_force=False)
    try:
        program.wait(STOP_S)
    except subprocess.TimeoutExpired:
        _end_group(program, by_force=True)


def _end_group(program: subprocess.Popen[bytes], *, by_force: bool) -> None:
    if sys.platform == "win32":  # there is no polite word for a program without a window
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(program.pid)], check=False, timeout=STOP_S, **quiet)
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL if by_force else signal.SIGTERM)


if __name__ == "__main__":
    ended = main(sys.argv[1:])
    os._exit(ended if ended >= 0 else 128 - ended)
