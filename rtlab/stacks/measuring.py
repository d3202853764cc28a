"""Counts what a stack takes: lines, lines for resume, dependencies, bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rtlab.errors import RecordingError
from rtlab.stacks.serving import run_in
from rtlab.stacks.stack import Command, Stack

RESUME_BEGINS, RESUME_ENDS = "resume begins", "resume ends"
_COMMENTS = ("//", "#", "/*", "* ", "*/")
_LIST_TIMEOUT_S = 120.0
_TOOLS = ("__pycache__", "pip", "setuptools")
"""What Python puts into an environment for the build, and makes again at any time."""


def count_lines(folder: Path, sources: Command) -> int:
    """Count the lines that say something: neither empty nor a comment alone.

    Args:
        folder: The project.
        sources: Its files.

    Raises:
        RecordingError: A file is missing.
    """
    return sum(1 for source in sources for line in _lines(folder, source) if _says_something(line))


def count_resume_lines(folder: Path, sources: Command) -> int:
    """Count the lines that stand between the comments ``resume begins`` and ``resume ends``.

    Args:
        folder: The project.
        sources: Its files.

    Raises:
        RecordingError: A file is missing, or a part that begins does not end.
    """
    counted = 0
    for source in sources:
        inside = False
        for line in _lines(folder, source):
            if RESUME_BEGINS in line or RESUME_ENDS in line:
                if inside == (RESUME_BEGINS in line):
                    raise RecordingError(f"The comments about resume do not match in {source}: {line.strip()!r}.")
                inside = not inside
            else:
                counted += inside and _says_something(line)
        if inside:
            raise RecordingError(f"A part of {source} begins with {RESUME_BEGINS!r} and does not end.")
    return counted


def list_dependencies(stack: Stack, built: Path) -> tuple[str, ...]:
    """Ask the project's own tool what it depends on.

    Args:
        stack: The stack.
        built: Where it was built.

    Returns:
        One name each, sorted; the project itself is not among them.

    Raises:
        LabError: The tool failed.
        WaitTimeout: The tool took too long.
    """
    if not stack.dependencies:
        return ()
    with run_in(built, stack.dependencies, {}, keep_output=True) as program:
        printed = program.wait(_LIST_TIMEOUT_S)
    return tuple(sorted({line.strip() for line in printed.splitlines() if line.strip()}))


def installed_bytes(stack: Stack, built: Path) -> int:
    """Add up the files that a run needs beside the language itself.

    Args:
        stack: The stack.
        built: Where it was built.
    """
    paths = {path for pattern in stack.installed for path in built.glob(pattern) if path.is_file()}
    own = (path for path in paths if not any(part.startswith(_TOOLS) for part in path.relative_to(built).parts))
    return sum(path.lstat().st_size for path in own)


def _lines(folder: Path, source: str) -> Iterable[str]:
    try:
        return (folder / source).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise RecordingError(f"{source} of the stack in {folder} cannot be read: {error}.") from error


def _says_something(line: str) -> bool:
    text = line.strip()
    is_comment = text.startswith(_COMMENTS) and not text.startswith("#[")  # that is an attribute of Rust
    return bool(text) and text != "*" and not is_comment
