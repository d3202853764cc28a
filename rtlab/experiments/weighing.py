"""What a process holds while something is done to it: memory and descriptors, looked at again and again."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Self

import psutil

from rtlab.errors import LabError

_EVERY_S = 0.02


def weigh(pid: int) -> tuple[int, int]:
    """Tell a process's memory in bytes, and how many descriptors it has open.

    Raises:
        LabError: It is gone.
    """
    try:
        process = psutil.Process(pid)
        if sys.platform == "win32":
            return process.memory_info().rss, process.num_handles()
        return process.memory_info().rss, process.num_fds()
    except psutil.Error as error:
        raise LabError(f"The server's process has ended, and cannot be weighed: {error}.") from error


def limit_descriptors(pid: int, most: int) -> None:
    """Let a process of ours have so many descriptors at most, where the system can do that to another one."""
    if sys.platform == "linux":
        psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE, (most, most))


class Weighing:
    """Weighs a process every 20 ms for as long as the ``with`` block lasts.

    Args:
        pid: The process.

    Attributes:
        grown_bytes: By how much it had grown at its largest.
        grown_descriptors: How many more descriptors it had at the most.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = weigh(pid)
        self.grown_bytes = self.grown_descriptors = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rtlab weighing", daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_S):
            self._look()

    def _look(self) -> None:
        try:
            memory_bytes, descriptors = weigh(self._pid)
        except LabError:  # it has ended; what was seen before counts
            return
        self.grown_bytes = max(self.grown_bytes, memory_bytes - self._before[0])
        self.grown_descriptors = max(self.grown_descriptors, descriptors - self._before[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._look()
