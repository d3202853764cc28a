"""Where tools lie that no package manager of Python brings: archives for Java, packages of Node."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def tools_folder() -> Path:
    """Give the folder of installed tools: ``RTLAB_TOOLS``, or one among the user's caches."""
    if own := os.environ.get("RTLAB_TOOLS"):
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "rtlab" / "tools"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rtlab" / "tools"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "rtlab" / "tools"
