"""What this machine can give: processor, cores, load and memory, as far as the system tells without asking long.

A container often may use less than the machine has. Its limits are read too, or a figure from a shared server
would look like one from a strong machine.
"""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from rtlab.errors import MissingExtra
from rtlab.pages.browsers import find_browser

_CONTROL_GROUP = Path("/sys/fs/cgroup")


def cpu_model() -> str:
    """Name the processor, or at least its architecture."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    except OSError:
        pass  # not Linux
    if platform.system() == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=2, check=True).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            pass
    return (platform.processor() if platform.system() == "Windows" else "") or platform.machine()


def cores() -> int:
    """Count the logical processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def core_limit() -> float | None:
    """Tell how many cores' time a container may use, for example 0.5; None where nothing limits it."""
    quota, _, period = _control_group("cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        return round(int(quota) / int(period), 2)
    return None


def load_1min() -> float | None:
    """Tell how many processes wanted a core, on average over the last minute; None where nobody counts."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):  # Windows has no such function
        return None


def memory_bytes() -> int | None:
    """Tell how much memory the machine has, or a container may use; None where the system does not say."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows
        return None
    limit = _control_group("memory.max")
    return min(total, int(limit)) if limit.isdigit() else total


def chromium() -> str | None:
    """Find a Chromium, Chrome or Edge that can be started beside the kernel; None where there is none."""
    try:
        return find_browser("chromium")
    except MissingExtra:
        return None


def _control_group(name: str) -> str:
    try:
        return (_CONTROL_GROUP / name).read_text(encoding="ascii").strip()
    except OSError:
        return ""
