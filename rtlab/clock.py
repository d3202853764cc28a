"""One clock for the whole toolkit, so that two times can always be subtracted.

``perf_counter_ns`` is monotonic, has the finest resolution that the system offers, and on Linux, macOS and
Windows it counts from one origin for all processes: a stamp made by the server's process can be subtracted
from a stamp of the client's. A browser has a clock of its own; its times are never subtracted from these.

This is the only module that imports ``time``.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ns() -> int:
    """Tell the time in nanoseconds since an origin that all processes of this machine share."""
    return time.perf_counter_ns()


def cpu_ns() -> int:
    """Tell how much processor time this process has used, in nanoseconds."""
    return time.process_time_ns()


def date_utc() -> str:
    """Tell the date and time in UTC as ISO 8601, to the second, for labels and never for differences."""
    return datetime.now(UTC).isoformat(timespec="seconds")
