"""``adoption.stacks()``, ``run()`` and ``compare()``: what both protocols take in a language of yours.

The verbs that show programs, dates and remarks stand in files of their own, and are found here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from rtlab.errors import InputError, RtlabError
from rtlab.findings.adoption import StackTrial
from rtlab.results.adoption_trials import Adoption
from rtlab.results.direction import Finding
from rtlab.results.new_stack import new_stack
from rtlab.results.progress import ProgressBar
from rtlab.results.releases import Releases, releases
from rtlab.results.remarks import Remarks, remarks
from rtlab.results.stack_sources import StackSources, beside, read_source
from rtlab.servers.lab import start_lab
from rtlab.stacks.archive import shipped_trials
from rtlab.stacks.choice import chosen_stack
from rtlab.stacks.stack import Stack, shipped_stack, stack_names
from rtlab.stacks.trial import try_stack
from rtlab.tables.adoption import stacks_table

__all__ = [
    "Adoption",
    "Releases",
    "Remarks",
    "StackSources",
    "Stacks",
    "beside",
    "compare",
    "dated",
    "known",
    "measure",
    "new_stack",
    "releases",
    "remarks",
    "run",
    "source",
    "stacks",
]

_LAB = "adoption"
_measured: dict[str, StackTrial] = {}
"""What this process has measured of the stacks that come with rtlab, the last trial of each."""


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
        name: Such as ``"go"``; :func:`stacks` lists them. Or a folder of your own, as :func:`new_stack` makes it.
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
        names: Which, folders of your own among them; all that come with rtlab if None.
        bench: Measure events and echoes a second, too.
        progress: Show a progress bar.

    Returns:
        One row a stack, as :func:`run` makes it.

    Raises:
        InputError: There is no such stack, or none was named.
    """
    with ProgressBar(progress) as bar:
        return measure(names, bench=bench, tell=bar.tell)


def known(*names: str) -> Adoption:
    """Show what is known of stacks without building one: what this process measured, else what came with rtlab.

    A stack that has nothing to build is run, if it can be.

    Args:
        names: Names of stacks that come with rtlab.
    """
    stacks = map(shipped_stack, names)
    ready = [each.name for each in stacks if not (each.build or each.obstacle or each.name in _measured)]
    if ready:
        measure(ready, bench=False)
    trials = shipped_trials() | _measured
    return Adoption([trials[name] for name in names if name in trials], tuple(_measured), {})


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
    found = {name: chosen_stack(name) for name in chosen}
    shipped, trials, here, notes = shipped_trials(), [], [], {}
    with start_lab(name=_LAB) as lab:
        for done, (name, stack) in enumerate(found.items()):
            tell(done, len(found), stack.title)
            try:
                trials.append(try_stack(stack, lab, bench=bench))
            except RtlabError as error:
                notes[stack.name] = str(error)
                if name in shipped:
                    trials.append(shipped[name])
            else:
                here.append(stack.name)
                if name in shipped:
                    _measured[name] = trials[-1]
    return Adoption(trials, here, notes)


def source(name: str, part: str = "server") -> str:
    """Show the text of a stack's server or client.

    Args:
        name: Such as ``"go"``, or a folder of your own.
        part: ``"server"`` or ``"client"``.

    Returns:
        The program.

    Raises:
        InputError: There is no such stack or part, or it has no client.
    """
    return read_source(chosen_stack(name), part).text
