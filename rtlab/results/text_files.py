"""Writes the text files that a result becomes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rtlab.errors import RecordingError


def write_files(files: Mapping[str, str], folder: Path) -> tuple[Path, ...]:
    """Write files; folders that are not there are made, files of these names are replaced.

    Args:
        files: The text of each by its name, which may begin with folders.
        folder: Where to.

    Returns:
        The files, in their order.

    Raises:
        RecordingError: A file cannot be written.
    """
    written = []
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"{name} cannot be written: {error}.") from error
        written.append(path)
    return tuple(written)
