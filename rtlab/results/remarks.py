"""``adoption.remarks()``: what surprised whoever wrote the stacks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.results.direction import Finding
from rtlab.stacks.choice import chosen_stack
from rtlab.stacks.stack import Stack, stack_names
from rtlab.tables.releases import remarks_table


class Remarks(Finding):
    """What is worth knowing before you adopt a stack.

    Args:
        stacks: Those that have something to say.
    """

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self._said = tuple((stack.title, stack.version, stack.notes) for stack in stacks if stack.notes)

    @property
    def table(self) -> pd.DataFrame:
        """One row a stack (``describe("remarks")``)."""
        return remarks_table(self._said)

    @property
    def text(self) -> str:
        """Where this comes from, as one sentence."""
        return "Found while the stacks were written and tried; other versions may behave in another way."


def remarks(*names: str) -> Remarks:
    """Tell the defaults and traps that were met in the stacks.

    Args:
        names: Names of stacks, such as ``"quarkus"``; all if none is given.

    Raises:
        InputError: There is no such stack.
    """
    return Remarks([chosen_stack(name) for name in names or stack_names()])
