"""What rtlab keeps, as JSON files that anybody can read, with a format name that later versions can tell."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from rtlab.errors import RecordingError

Kept = TypeVar("Kept")


def save_json(content: dict[str, Any], path: str | os.PathLike[str], *, format: str, what: str) -> Path:
    """Write a file; an older one of that name is replaced only when the new one is complete.

    Args:
        content: What to keep.
        path: Where to; its folder must exist.
        format: The name of the format.
        what: What it is, for people, such as ``"recording"``.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written, or a value has no form in JSON.
    """
    target = Path(path)
    try:
        unfinished = target.with_name(target.name + ".part")
        text = json.dumps({"format": format, **content}, ensure_ascii=False, allow_nan=False)
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, ValueError, TypeError) as error:
        raise RecordingError(f"The {what} cannot be saved to {target}: {error}.") from error
    return target


def load_json(
    path: str | os.PathLike[str], build: Callable[[dict[str, Any]], Kept], *, format: str, what: str
) -> Kept:
    """Read a file.

    Args:
        path: A file that was saved.
        build: Makes the thing from the file's content.
        format: The name of the format that ``build`` understands.
        what: What it is, for people.

    Returns:
        What ``build`` made.

    Raises:
        RecordingError: The file is missing, damaged, or of a later format.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"{path} cannot be read as a {what}: {error}.") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != format:
        raise RecordingError(f"{path} has the format {found!r}; this version of rtlab reads {format!r}.")
    try:
        return build(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path} is damaged: {error!r}.") from error
