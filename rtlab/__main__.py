"""``python -m rtlab`` is the same as ``rtlab``."""

from __future__ import annotations

import sys

from rtlab.cli import main

if __name__ == "__main__":
    sys.exit(main())
