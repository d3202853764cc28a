"""The lab's log: a ring buffer that ``lab.log`` shows.

Nothing prints from the server's thread: whatever is printed there lands in whichever cell happens to run.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass

from rtlab import clock

_LIBRARIES = ("asyncio", "concurrent.futures", "tornado.access", "tornado.application", "tornado.general")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that happened in the lab.

    Attributes:
        at_ns: When, on the shared clock.
        level: ``"info"``, ``"warning"`` or ``"error"``.
        text: What, with secrets already taken out.
    """

    at_ns: int
    level: str
    text: str


class RingLog:
    """The last lines that a lab logged; older ones are dropped.

    Args:
        capacity: How many lines are kept.
    """

    def __init__(self, capacity: int = 500) -> None:
        self._lines: deque[LogLine] = deque(maxlen=capacity)

    def add(self, text: str, level: str = "info") -> None:
        """Keep one line."""
        self._lines.append(LogLine(clock.now_ns(), level, text))

    def lines(self) -> tuple[LogLine, ...]:
        """Give the lines that are kept, oldest first."""
        return tuple(self._lines)


class LoopLogs(logging.Filter):
    """Leads what libraries log on the loop's own thread into the labs' logs; other threads log as before."""

    def __init__(self) -> None:
        super().__init__()
        self._logs: list[RingLog] = []
        self._thread_id = 0

    def lead_into(self, log: RingLog) -> None:
        """Add a lab's log; called on the loop's thread, which all labs share."""
        self._thread_id = threading.get_ident()
        self._logs.append(log)
        for name in _LIBRARIES:
            logging.getLogger(name).addFilter(self)  # a second time changes nothing

    def leave(self, log: RingLog) -> None:
        """Take a lab's log off; after the last one the libraries log as before."""
        self._logs.remove(log)
        if not self._logs:
            for name in _LIBRARIES:
                logging.getLogger(name).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep a record of the loop's thread from every handler (called by logging)."""
        if record.thread != self._thread_id:
            return True
        cause = f": {record.exc_info[1]!r}" if record.exc_info else ""
        for log in self._logs:
            log.add(f"{record.name}: {record.getMessage()}{cause}", record.levelname.lower())
        return False


loop_logs = LoopLogs()
"""The one of this process."""
