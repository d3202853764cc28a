"""Which stack is meant: one that comes with rtlab, or one in a folder of the learner."""

from __future__ import annotations

from pathlib import Path

from rtlab.errors import InputError
from rtlab.stacks.stack import Stack, read_stack, shipped_stack, stack_names


def chosen_stack(name: str) -> Stack:
    """Find a stack.

    Args:
        name: Such as ``"go"``, or a folder with a ``stack.json``, such as ``"my_stack"`` or ``"./go"``.

    Raises:
        InputError: There is none of that name, and no such folder.
        RecordingError: The folder's ``stack.json`` cannot be read.
    """
    if name in stack_names():
        return shipped_stack(name)
    folder = Path(name).resolve()
    if not (folder / "stack.json").is_file():
        raise InputError(
            f"There is no stack {name!r}, and no folder of that name with a stack.json; "
            f"there are {', '.join(stack_names())}."
        )
    return read_stack(folder)
