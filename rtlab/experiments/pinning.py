"""Keeps the measuring process and the server on different cores while a measurement is on.

A scheduler moves processes from core to core, and puts two on one core although another is free. Both cost time
that belongs to no transport. Linux and Windows let a program choose its cores; macOS does not.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

NOT_POSSIBLE = "no: this system lets no program choose its cores"
NOT_ALLOWED = "no: the system did not allow it"
_TOPOLOGY = Path("/sys/devices/system/cpu")


@contextmanager
def pinned(server_pid: int | None, wanted: bool = True) -> Iterator[str]:
    """Keep this process on one core and the server on another; afterwards both may run everywhere again.

    Args:
        server_pid: The server's process; None if it is this one.
        wanted: False changes nothing.

    Yields:
        What was done, in a few words, such as ``"client on core 0, server on core 1"``.
    """
    why_not = _why_not(server_pid, wanted)
    if why_not or server_pid is None:
        yield why_not
        return
    client_core, server_core = two_cores(_allowed(os.getpid()))
    before = {pid: _affinities(pid) for pid in (os.getpid(), server_pid)}
    try:
        _pin(os.getpid(), [client_core])
        _pin(server_pid, [server_core])
        done = _is_on(os.getpid(), client_core) and _is_on(server_pid, server_core)
        yield f"client on core {client_core}, server on core {server_core}" if done else NOT_ALLOWED
    finally:
        for pid, affinities in before.items():
            _pin(pid, _everywhere(affinities), affinities)


def two_cores(allowed: Sequence[int]) -> tuple[int, int]:
    """Choose two cores that share as little as possible: two threads of one core would slow each other.

    Args:
        allowed: The logical processors to choose from, at least two.

    Returns:
        The client's and the server's.
    """
    first = allowed[0]
    siblings = _siblings(first) if sys.platform == "linux" else {first, first + 1 - 2 * (first % 2)}
    others = [core for core in allowed if core != first]
    return first, next((core for core in others if core not in siblings), others[0])


def _why_not(server_pid: int | None, wanted: bool) -> str:
    if not wanted:
        return "no: not wanted"
    if server_pid is None:
        return "no: client and server are one process"
    if sys.platform == "darwin" or not hasattr(psutil.Process, "cpu_affinity"):
        return NOT_POSSIBLE
    return "" if len(_allowed(os.getpid())) > 1 else "no: there is one core"


def _allowed(pid: int) -> list[int]:
    return sorted(psutil.Process(pid).cpu_affinity() or ())


def _siblings(core: int) -> set[int]:
    """Tell which logical processors are one core of the machine."""
    try:
        text = (_TOPOLOGY / f"cpu{core}" / "topology" / "thread_siblings_list").read_text(encoding="ascii")
        ends = [part.partition("-") for part in text.strip().split(",")]
        return {number for low, _, high in ends for number in range(int(low), int(high or low) + 1)}
    except (OSError, ValueError):  # a container may hide it
        return {core}


def _affinities(pid: int) -> dict[int, list[int]]:
    """Tell where each thread may run; on Windows a process has one answer for all."""
    found = {}
    with suppress(psutil.Error):  # the process is gone
        for thread in _threads(pid):
            with suppress(psutil.Error):
                found[thread] = _allowed(thread)
    return found


def _everywhere(affinities: dict[int, list[int]]) -> list[int]:
    return sorted({core for cores in affinities.values() for core in cores})


def _pin(pid: int, cores: list[int], affinities: dict[int, list[int]] | None = None) -> None:
    """Let every thread run on some cores; those in ``affinities`` on cores of their own."""
    with suppress(psutil.Error, OSError):  # the process is gone
        done: set[int] = set()
        while new := set(_threads(pid)) - done:  # a thread may begin meanwhile, by one that was not pinned yet
            for thread in new:
                with suppress(psutil.Error, OSError, ValueError):  # the thread is gone, or it may not go there
                    psutil.Process(thread).cpu_affinity((affinities or {}).get(thread, cores))
            done |= new


def _is_on(pid: int, core: int) -> bool:
    try:
        return _allowed(pid) == [core]
    except psutil.Error:
        return False


def _threads(pid: int) -> list[int]:
    # On Linux each thread has an affinity of its own, and a number that psutil takes for a process's.
    return [thread.id for thread in psutil.Process(pid).threads()] if sys.platform == "linux" else [pid]
