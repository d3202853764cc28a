"""What a reference stack is: its ``stack.json``, and whether it can run on this machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rtlab.errors import InputError, RecordingError
from rtlab.resources import data_path

Command = tuple[str, ...]

ADVICE = {
    "cargo": "Rust's cargo (rustup, or your system's packages cargo and rustc)",
    "go": "Go 1.23 or later (go.dev, or your system's package golang)",
    "java": "a Java development kit, 17 or later (adoptium.net, or your system's package openjdk-17-jdk)",
    "javac": "a Java development kit, 17 or later (adoptium.net, or your system's package openjdk-17-jdk)",
    "mvn": "Apache Maven 3.8 or later (maven.apache.org, or your system's package maven)",
    "node": "Node.js 20 or later (nodejs.org, or your system's package nodejs)",
    "npm": "npm, which comes with Node.js (nodejs.org, or your system's package npm)",
}
"""How to get a program that a stack needs."""

_ALWAYS_THERE = "python"
"""The interpreter that rtlab runs in."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One framework with the lab's two endpoints, as a project that can be built.

    Attributes:
        name: The folder's name, such as ``"go"``.
        title: Its name for people.
        language: What it is written in.
        framework: What it is written with.
        version: The version of that.
        licence: The licence of that version.
        released: When that version came out, an ISO 8601 date.
        needs: The programs that build and run it.
        build: The commands that build it, in order.
        start: The command that starts its server.
        client: The command that runs its client, or None if it has none.
        server_sources: The files of the server.
        client_sources: The files of the client.
        notes: What else is worth knowing.
        dependencies: The command that prints what it depends on, one a line.
        installed: Which files a run needs, as patterns below the folder.
        offers: ``"events"``, ``"echo"`` or both: what the server has without further libraries.
        folder: Where the project lies.
    """

    name: str
    title: str
    language: str
    framework: str
    version: str
    licence: str
    released: str
    needs: Command
    build: tuple[Command, ...]
    start: Command
    client: Command | None
    server_sources: Command
    client_sources: Command
    notes: str
    dependencies: Command
    installed: Command
    offers: Command
    folder: Path

    @property
    def missing(self) -> Command:
        """The programs that it needs and that are not here."""
        return tuple(name for name in self.needs if name != _ALWAYS_THERE and shutil.which(name) is None)

    @property
    def obstacle(self) -> str:
        """What is missing and how to get it, as a sentence; empty if it can run here."""
        if not self.missing:
            return ""
        wanted = "; ".join(dict.fromkeys(ADVICE.get(name, name) for name in self.missing))
        return f"{self.title} cannot run here without {' and '.join(self.missing)}. Install {wanted}."


def read_stack(folder: Path) -> Stack:
    """Read one project.

    Args:
        folder: Its folder, with a ``stack.json``.

    Returns:
        What the file says.

    Raises:
        RecordingError: The file is missing or damaged.
    """
    path = folder / "stack.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _stack(content, folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordingError(f"{path} cannot be read as a stack: {error!r}.") from error


def stack_names() -> tuple[str, ...]:
    """Name every stack that comes with rtlab."""
    return tuple(sorted(path.parent.name for path in data_path("reference_stacks").glob("*/stack.json")))


def shipped_stack(name: str) -> Stack:
    """Read one stack that comes with rtlab.

    Args:
        name: Such as ``"go"``.

    Raises:
        InputError: There is none of that name.
    """
    if name not in stack_names():
        raise InputError(f"There is no stack {name!r}; there are {', '.join(stack_names())}.")
    return read_stack(data_path("reference_stacks", name))


def _stack(content: Mapping[str, Any], folder: Path) -> Stack:
    known = {field.name for field in fields(Stack)} - {"folder"}
    unknown = content.keys() - known
    if unknown:
        raise KeyError(f"unknown: {', '.join(sorted(unknown))}")
    values = {"offers": ("events", "echo"), **{name: _frozen(value) for name, value in content.items()}}
    return Stack(**values, folder=folder)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
