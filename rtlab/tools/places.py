"""Where tools lie that no package manager of Python brings: archives for Java, packages of Node."""

from __future__ import annotations

import os
from pathlib import Path

from rtlab.resources import user_cache


def tools_folder() -> Path:
    """Give the folder of installed tools: ``RTLAB_TOOLS``, or one among the user's caches."""
    own = os.environ.get("RTLAB_TOOLS")
    return Path(own) if own else user_cache() / "tools"
