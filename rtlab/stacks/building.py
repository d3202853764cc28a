"""Builds a stack in the user's cache folder, once for each content of its project."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rtlab import clock
from rtlab.errors import LabError, MissingExtra, WaitTimeout
from rtlab.resources import user_cache
from rtlab.stacks.program import Program
from rtlab.stacks.stack import Command, Stack

BUILD_TIMEOUT_S = 900.0
_BUILT = ".rtlab-built"
_LEFT_OUT = {"__pycache__", "node_modules", "target", ".venv"}
_LOCK_PAUSE_S = 0.2


def cache_folder() -> Path:
    """Where stacks are built: ``RTLAB_CACHE``, or the user's folder for such files."""
    own = os.environ.get("RTLAB_CACHE")
    return Path(own) if own else user_cache()


def build(stack: Stack, *, timeout_s: float = BUILD_TIMEOUT_S) -> Path:
    """Build a stack, or find it built.

    Args:
        stack: The stack.
        timeout_s: How long all of its commands may take together, in seconds.

    Returns:
        The folder with the built project.

    Raises:
        MissingExtra: A program that it needs is not here; the text says how to get it.
        LabError: A command failed; the text has its last lines.
        WaitTimeout: It took too long.
    """
    if stack.obstacle:
        raise MissingExtra(stack.obstacle)
    folder = cache_folder() / "stacks" / f"{stack.name}-{content_key(stack)}"
    end_ns = clock.now_ns() + round(timeout_s * 1e9)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_name(folder.name + ".lock"), end_ns):
            if not (folder / _BUILT).is_file():
                _build(stack, folder, end_ns)
    except WaitTimeout:  # an OSError by way of TimeoutError, and no matter of the disk
        raise
    except OSError as error:
        advice = "Name a folder of yours in RTLAB_CACHE."
        raise LabError(f"{stack.title} cannot be built in {folder}: {error}. {advice}") from error
    return folder


def remove_builds() -> Path:
    """Remove all that was built; what is built next begins anew.

    Returns:
        The folder that is gone.

    Raises:
        LabError: A file cannot be removed, perhaps because its program runs.
    """
    folder = cache_folder() / "stacks"
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise LabError(f"{folder} cannot be removed: {error}. End what runs in it.") from error
    return folder


def content_key(stack: Stack) -> str:
    """Give a short key of all that the build depends on: the project's files, the platform and the interpreter."""
    digest = hashlib.sha256(f"{platform.platform()} {sys.version} {sys.prefix}".encode())
    for path in _files(stack.folder):
        digest.update(f"\0{path.relative_to(stack.folder).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def command_in(folder: Path, command: Command) -> Command:
    """Fill in what a ``stack.json`` leaves open: ``{python}`` is this interpreter, ``{venv}`` the project's own."""
    inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    known = {"{python}": sys.executable, "{venv}": str(folder.joinpath(".venv", *inside))}
    return tuple(known.get(word, word) for word in command)


def _build(stack: Stack, folder: Path, end_ns: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(stack.folder, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for command in stack.build:
        left_s = (end_ns - clock.now_ns()) / 1e9
        if left_s <= 0:
            raise WaitTimeout(f"{stack.title} was not built in time; the next was {' '.join(command)!r}.")
        with Program(command_in(folder, command), folder) as program:
            try:
                program.wait(left_s)
            except LabError as error:
                raise LabError(f"{stack.title} could not be built. {error}") from error
            except WaitTimeout as error:
                raise WaitTimeout(f"{stack.title} could not be built in time. {error}") from error
    (folder / _BUILT).touch()


def _files(folder: Path) -> list[Path]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in paths if not _LEFT_OUT & set(path.relative_to(folder).parts)]


@contextmanager
def _locked(path: Path, end_ns: int) -> Iterator[None]:
    """Keep another kernel from building the same; the system frees the lock when a kernel ends."""
    with path.open("a+b") as file:
        while not _try_lock(file.fileno()):
            if clock.now_ns() > end_ns:
                raise WaitTimeout(f"Another program has been building in {path.with_suffix('')} for too long.")
            threading.Event().wait(_LOCK_PAUSE_S)
        yield


def _try_lock(descriptor: int) -> bool:
    with suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
