"""The lab's log: a ring buffer that ``lab.log`` shows.

Nothing prints from the server's thread: whatever is printed there lands in whichever cell happens to run.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass

from rtlab import clock


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


class LoopLogHandler(logging.Handler):
    """Leads what libraries log on the loop's own thread into a lab's log; other threads print as before.

    Args:
        log: Where the lines go.
    """

    def __init__(self, log: RingLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self._thread_id = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's text, or hand it to the interpreter's last resort."""
        if record.thread == self._thread_id:
            self._log.add(f"{record.name}: {record.getMessage()}", record.levelname.lower())
        elif logging.lastResort and not logging.getLogger().handlers:
            logging.lastResort.handle(record)
