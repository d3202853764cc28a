"""The browsers of this machine; nothing is ever downloaded."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from rtlab.errors import MissingExtra

Browser = Literal["chromium", "firefox"]

_ON_PATH = {
    "chromium": (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
        "msedge",
        "microsoft-edge",
    ),
    "firefox": ("firefox-esr", "firefox"),
}
_MAC = {
    "chromium": ("Google Chrome", "Chromium", "Microsoft Edge"),
    "firefox": ("Firefox",),
}
_WINDOWS = {
    "chromium": (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe"),
    "firefox": (r"Mozilla Firefox\firefox.exe",),
}


def find_browser(kind: Browser) -> str:
    """Find a browser that is installed.

    Args:
        kind: ``"chromium"`` for Chromium, Chrome or Edge; ``"firefox"``.

    Returns:
        The path of the program; ``RTLAB_CHROMIUM`` or ``RTLAB_FIREFOX`` may name it.

    Raises:
        MissingExtra: None is found.
    """
    named = os.environ.get(f"RTLAB_{kind.upper()}")
    if named and not shutil.which(named):
        raise MissingExtra(f"RTLAB_{kind.upper()} names {named}, which is no program.")
    found = named or next(filter(None, map(shutil.which, _ON_PATH[kind])), None) or _in_usual_place(kind)
    if not found:
        names = "Chromium, Chrome or Edge" if kind == "chromium" else "Firefox"
        raise MissingExtra(f"No {names} was found; install one, or name its program in RTLAB_{kind.upper()}.")
    return found


def has_browser(kind: Browser) -> bool:
    """Tell whether a browser is installed."""
    try:
        return bool(find_browser(kind))
    except MissingExtra:
        return False


def _in_usual_place(kind: Browser) -> str | None:
    places: list[Path] = []
    if sys.platform == "darwin":
        places = [Path(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in _MAC[kind]]
    elif sys.platform == "win32":
        folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        places = [Path(folder) / name for folder in folders if folder for name in _WINDOWS[kind]]
    return next((str(place) for place in places if place.is_file()), None)
