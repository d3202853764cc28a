"""A file or folder of the learner's own, which begins as an example that comes with rtlab."""

from __future__ import annotations

import shutil
from pathlib import Path

from rtlab.errors import InputError
from rtlab.resources import data_path


def own_copy(path: Path, *example: str) -> Path:
    """Write an example to a place of the learner's; what is there already stays as it is.

    Args:
        path: The file or folder.
        example: The way to the example below ``data/reference_programs``, one name each.

    Returns:
        The path.

    Raises:
        InputError: It cannot be written.
    """
    if not path.exists():
        given = data_path("reference_programs", *example)
        try:
            if given.is_dir():
                shutil.copytree(given, path)
            else:
                shutil.copyfile(given, path)
        except OSError as error:
            why = error.strerror or error
            raise InputError(f"{path.name} cannot be written here ({why}); name another place.") from error
    return path
