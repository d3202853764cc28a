"""What every load tool has: how it is found, what it can see, how it is run and how its result is read."""

from __future__ import annotations

import csv
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtlab.errors import LabError, MissingExtra
from rtlab.exports.scenario import Scenario
from rtlab.tools.program import Ended, ask_version, find_program

SINGLE = "single"
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Job:
    """One run to be made.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        scenario: What to do; it has the address of this transport only.
        folder: A fresh folder, where the tool works.
    """

    transport: str
    scenario: Scenario
    folder: Path

    @property
    def kind(self) -> str:
        """The transport as the scripts call it."""
        return "sse" if self.transport == "sse" else "ws"

    @property
    def url(self) -> str:
        """Where to connect."""
        return self.scenario.sse_url or self.scenario.ws_url

    def write(self, name: str, text: str) -> str:
        """Put a file into the folder and give its name."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tool's result says; the attributes are those of ``ToolRun``.

    Attributes:
        messages: How many messages arrived.
        answers: How many answers were finished.
        p50_ms: The median age of the messages on arrival.
        p95_ms: 95 of 100 were younger.
        answer_ms: The median time of an answer.
        single: Whether it saw messages when they came; None if their ages are the proof.
    """

    messages: int | None = None
    answers: int | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    answer_ms: float | None = None
    single: bool | None = None


class Tool(ABC):
    """One tool.

    Attributes:
        name: What it is called by.
        sse: How it sees event streams: ``"single"`` events, or the ``"whole"`` body; empty if not at all.
        websocket: The same for WebSocket.
        ages: The transports for which it tells how old messages are on arrival.
        install: The command that installs it.
        start_s: How long it may need beside the messages themselves.
        fine_codes: Exit codes of a run that came to its end; some tools have one for a failed check.
        version_option: What makes it tell its version.
        version_form: The words around its version, which is captured; empty if it tells none.
    """

    name: str
    sse: str = ""
    websocket: str = ""
    ages: tuple[str, ...] = ()
    install: str
    start_s: float = 60.0
    fine_codes: tuple[int, ...] = (0,)
    version_option: str = "--version"
    version_form: str = ""

    @property
    def sees(self) -> dict[str, str]:
        """How it sees each transport that it speaks."""
        return {name: how for name, how in (("sse", self.sse), ("websocket", self.websocket)) if how}

    @property
    def program(self) -> str:
        """The program's name."""
        return self.name

    def find(self) -> str:
        """Give the way to the program.

        Raises:
            MissingExtra: It is not installed; the text says how to install it.
        """
        found = find_program(self.program, *self.folders())
        if found is None:
            raise self.missing(f"{self.program} was not found")
        return found

    def folders(self) -> Sequence[Path]:
        """Where else the program may lie."""
        return ()

    def missing(self, what: str) -> MissingExtra:
        """Say that it is not installed, and how to install it."""
        return MissingExtra(f"{self.name} is not installed here ({what}). Install it: {self.install}")

    def version(self, folder: Path) -> str:
        """Tell its version; empty if it tells none.

        Args:
            folder: Where it may leave files when it is asked.
        """
        if not self.version_form:
            return ""
        found = re.search(self.version_form, ask_version([self.find(), self.version_option], folder))
        return found[1] if found else ""

    @abstractmethod
    def command(self, job: Job) -> list[str]:
        """Prepare what the run needs, such as a script, and give the command.

        Raises:
            MissingExtra: It is not installed.
            LabError: The preparation failed.
        """

    @abstractmethod
    def read(self, job: Job, ended: Ended) -> Reading:
        """Read its result.

        Raises:
            LabError: There is no result, or it cannot be understood.
        """

    def shown(self, command: Sequence[str]) -> str:
        """Write a command as people type it, without the way to the program."""
        return " ".join([Path(command[0]).name, *command[1:]])

    def unreadable(self, what: object) -> LabError:
        """Say that the result is of no use."""
        return LabError(f"The result of {self.name} cannot be read: {what}.")

    def load_json(self, path: Path) -> Any:
        """Read a result in JSON.

        Raises:
            LabError: The file is missing, or no JSON.
        """
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise self.unreadable(f"{path.name}: {error}") from error

    def load_rows(self, path: Path) -> list[dict[str, str]]:
        """Read a result in CSV whose first line has the names.

        Raises:
            LabError: The file is missing, or no CSV.
        """
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file, strict=True))
        except (OSError, ValueError, csv.Error) as error:
            raise self.unreadable(f"{path.name}: {error}") from error


def percentile(values: Sequence[float], part: float) -> float | None:
    """Give the smallest value that so many of the values do not exceed; None without values.

    Args:
        values: The values.
        part: From 0 to 1.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None
