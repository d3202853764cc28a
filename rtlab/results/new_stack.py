"""``adoption.new_stack()``: a folder with a small stack, to be changed and tried."""

from __future__ import annotations

import os
from pathlib import Path

from rtlab.errors import InputError
from rtlab.results.own_copy import own_copy
from rtlab.results.stack_sources import StackSources, read_source
from rtlab.stacks.stack import read_stack

_EXAMPLES = ("first", "hunted")


def new_stack(folder: str | os.PathLike[str] = "my_stack", *, example: str = "first") -> StackSources:
    """Write a small stack into a folder beside the notebook, for you to change; one that is there stays as it is.

    Give the folder's name to ``adoption.run()``: it takes the same way as each stack that comes with rtlab.

    Args:
        folder: The folder; it is made if it is not there.
        example: ``"first"``, whose event stream cannot resume, or ``"hunted"``, which has a bug to find.

    Returns:
        The server's text as it is now.

    Raises:
        InputError: There is no such example, or the folder cannot be written.
        RecordingError: The folder is there and holds no stack.
    """
    if example not in _EXAMPLES:
        raise InputError(f"The examples are {' and '.join(map(repr, _EXAMPLES))}, not {example!r}.")
    target = own_copy(Path(folder), "stacks", example)
    return StackSources([read_source(read_stack(target), "server")])
