"""Where the toolkit's own files lie: data, quizzes and notebooks, and what it builds and fetches.

An installed wheel carries its data inside the package; a checkout keeps them beside it. Nobody else needs to know.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rtlab.errors import InputError, RtlabError

_PACKAGE = Path(__file__).parent


def data_path(*parts: str) -> Path:
    """Find a file or folder of the data that comes with rtlab.

    Args:
        parts: The way below ``data``, one name each, such as ``"quizzes", "00_start_here.toml"``.

    Returns:
        A path that exists.

    Raises:
        InputError: There is no such file.
        RtlabError: The data folder itself is missing.
    """
    return _find("data", *parts)


def notebooks_path() -> Path:
    """Find the folder of the course's notebooks.

    Returns:
        A path that exists.

    Raises:
        RtlabError: The folder is missing.
    """
    return _find("notebooks")


def page_script() -> Path:
    """Find the script that makes a page an instrument; the notebook's widget and the lab's own page run it.

    Returns:
        A path that exists.
    """
    return _PACKAGE / "widgets" / "static" / "page.js"


def user_cache() -> Path:
    """Give the user's folder for what rtlab builds and fetches; nothing may be there yet."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "rtlab"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rtlab"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rtlab"


def _find(folder: str, *parts: str) -> Path:
    roots = [_PACKAGE]
    if (_PACKAGE.parent / "pyproject.toml").is_file():  # site-packages/data would be somebody else's
        roots.append(_PACKAGE.parent)
    for root in roots:
        base = root / folder
        if base.is_dir():
            path = base.joinpath(*parts)
            if path.exists():
                return path
            raise InputError(f"rtlab has no file {'/'.join((folder, *parts))}; look into {base}.")
    raise RtlabError(f"The folder {folder!r} of rtlab is missing; install rtlab again.")
