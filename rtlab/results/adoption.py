"""``adoption.stacks()``, ``run()`` and ``compare()``: what both protocols take in a language of yours."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError, RtlabError
from rtlab.figures.adoption import figure_adoption
from rtlab.findings.adoption import StackTrial
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import start_lab
from rtlab.stacks.archive import save_trials, shipped_trials
from rtlab.stacks.stack import Stack, shipped_stack, stack_names
from rtlab.stacks.trial import try_stack
from rtlab.tables.adoption import adoption_table, stacks_table

__all__ = ["Adoption", "Stacks", "compare", "dated", "measure", "run", "source", "stacks"]

_LAB = "adoption"


class Stacks(Finding):
    """The stacks that come with rtlab.

    Args:
        found: What each ``stack.json`` says.
    """

    def __init__(self, found: Sequence[Stack]) -> None:
        self._found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a stack: what it is, whether it can run here, and what to do if not (``describe("stacks")``)."""
        return stacks_table(
            [
                {
                    **{
                        name: getattr(stack, name)
                        for name in ("title", "language", "version", "licence", "released")
                    },
                    "stack": stack.name,
                    "offers": " and ".join(stack.offers),
                    "can_run": not stack.obstacle,
                    "how": stack.obstacle,
                }
                for stack in self._found
            ]
        )

    @property
    def text(self) -> str:
        """How many can run here, as one sentence."""
        able = sum(not stack.obstacle for stack in self._found)
        return f"{able} of {len(self._found)} stacks can run here; of the others there is a dated result."


class Adoption(Finding):
    """What stacks take, and how they do.

    Args:
        trials: One a stack.
        here: The names of those that were measured just now.
        notes: Why others were not, by name.
    """

    def __init__(self, trials: Sequence[StackTrial], here: Sequence[str], notes: dict[str, str]) -> None:
        self.trials = tuple(trials)
        self._here = tuple(here)
        self._notes = dict(notes)

    @property
    def table(self) -> pd.DataFrame:
        """One row a stack (``describe("adoption")``)."""
        return adoption_table(self.trials, self._here, self._notes)

    @property
    def dull(self) -> list[str]:
        """The columns that say nothing here, or only something to who looks twice."""
        table = self.table
        empty = [name for name in map(str, table) if table[name].isna().all() or (table[name] == "").all()]
        return list(dict.fromkeys(["stack", "language", "tools", "unimplemented", *empty]))

    @property
    def text(self) -> str:
        """What resume costs to write, what was lost, and what is old, in a few sentences."""
        streams = [trial for trial in self.trials if trial.sent is not None]
        parts = []
        if streams:
            costs = sorted({trial.resume_lines for trial in streams})
            lines = " to ".join(dict.fromkeys(map(str, (costs[0], costs[-1]))))
            lost = sum(trial.lost or 0 for trial in streams)
            parts.append(
                f"Resume takes {lines} lines of the server; after cuts of the line "
                f"{lost} of {sum(trial.sent or 0 for trial in streams)} events were lost."
            )
        sockets = [trial for trial in self.trials if trial.failed is not None]
        if sockets:
            flawless = sum(not trial.failed for trial in sockets)
            parts.append(f"{flawless} of {len(sockets)} WebSocket servers fail no vector.")
        if any(trial.events_per_s or trial.echoes_per_s for trial in self.trials):
            parts.append(
                "Events and echoes a second are of a short bench with one connection: an order of magnitude."
            )
        old = [f"{trial.title} ({trial.date_utc[:10]})" for trial in self.trials if trial.stack not in self._here]
        if old:
            parts.append(f"Not measured here, but at the date given: {', '.join(old)}.")
        parts += [note for name, note in self._notes.items() if all(trial.stack != name for trial in self.trials)]
        return " ".join(parts)

    def figure(self) -> go.Figure:
        """Draw what each stack takes, and how many vectors it fails."""
        return figure_adoption(self.table)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write what was measured, with dates and versions, as JSON.

        Raises:
            RecordingError: The file cannot be written.
        """
        return save_trials(self.trials, path)


def stacks() -> Stacks:
    """List the stacks that come with rtlab, and whether each can run on this machine.

    Returns:
        A table; where something is missing it says how to get it.
    """
    return Stacks([shipped_stack(name) for name in stack_names()])


def run(name: str, *, bench: bool = True, progress: bool = True) -> Adoption:
    """Build and start one stack, and see how it does.

    The first build fetches packages from their registries and may take minutes; a second one is free. The server
    listens on loopback only and ends with the call. It goes through the WebSocket vectors, two cuts of the line
    of its event stream, a probe, and a short bench; its own client reads from a lab whose line is cut once.

    Args:
        name: Such as ``"go"``; :func:`stacks` lists them.
        bench: Measure events and echoes a second, too.
        progress: Show a progress bar.

    Returns:
        One row; the dated one that comes with rtlab if a program is missing or the stack fails, with the reason.

    Raises:
        InputError: There is no such stack.
    """
    return compare([name], bench=bench, progress=progress)


def compare(names: Sequence[str] | None = None, *, bench: bool = True, progress: bool = True) -> Adoption:
    """Put several stacks side by side.

    Args:
        names: Which; all if None.
        bench: Measure events and echoes a second, too.
        progress: Show a progress bar.

    Returns:
        One row a stack, as :func:`run` makes it.

    Raises:
        InputError: There is no such stack, or none was named.
    """
    with ProgressBar(progress) as bar:
        return measure(names, bench=bench, tell=bar.tell)


def dated(names: Sequence[str] | None = None) -> Adoption:
    """Show the results that come with rtlab, without running anything.

    Args:
        names: Which; all if None.
    """
    known = shipped_trials()
    return Adoption([known[name] for name in (known if names is None else names) if name in known], (), {})


def measure(
    names: Sequence[str] | None,
    *,
    bench: bool,
    tell: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> Adoption:
    """Do the work of :func:`compare`; ``tell`` hears what is done, of how many, and what is on."""
    chosen = tuple(dict.fromkeys(stack_names() if names is None else names))
    if not chosen:
        raise InputError(f"Name one of {', '.join(stack_names())}.")
    found = [shipped_stack(name) for name in chosen]
    known, trials, here, notes = shipped_trials(), [], [], {}
    with start_lab(name=_LAB) as lab:
        for done, stack in enumerate(found):
            tell(done, len(found), stack.title)
            try:
                trials.append(try_stack(stack, lab, bench=bench))
                here.append(stack.name)
            except RtlabError as error:
                notes[stack.name] = str(error)
                if stack.name in known:
                    trials.append(known[stack.name])
    return Adoption(trials, here, notes)


def source(name: str, part: str = "server") -> str:
    """Show the text of a stack's server or client.

    Args:
        name: Such as ``"go"``.
        part: ``"server"`` or ``"client"``.

    Returns:
        The program.

    Raises:
        InputError: There is no such stack or part, or it has no client.
    """
    stack = shipped_stack(name)
    sources = {"server": stack.server_sources, "client": stack.client_sources}.get(part)
    if not sources:
        raise InputError(f"{stack.title} has no {part!r}; ask for 'server', or for 'client' where there is one.")
    return "\n".join((stack.folder / path).read_text(encoding="utf-8") for path in sources)
