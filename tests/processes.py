"""Processes that a test looks at from outside."""

from __future__ import annotations

import psutil


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, though perhaps nobody has reaped it yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
