"""What all connections of a worker have seen together, second by second, and the buffer they all read into."""

from __future__ import annotations

from array import array

import numpy as np

from rtlab import clock
from rtlab.findings.load import LoadSecond
from rtlab.load.histogram import Times

_BUFFER_BYTES = 262_144
_SECOND_NS = 1_000_000_000


class Tally:
    """Counts for the second that is on; a second that is over is kept in short.

    Args:
        begin_ns: When measuring begins, on the swarm's clock.
        end_ns: When it ends; what comes later belongs to seconds of its own.
        clock_offset_ns: How far the swarm's clock is ahead of this process's.

    Attributes:
        begin_ns: The begin of measuring.
        view: Where every connection's bytes arrive; what lies there is good until the next read.
        opened: Connections opened in this second.
        sent: Messages sent in it.
        messages: Messages that arrived in it.
        bytes_down: Bytes received in it.
        bytes_up: Bytes sent in it.
        latencies_ns: The ages of the messages that arrived in it.
        lags_ns: How late its messages left.
        ours: Arrivals of the swarm's messages, from the start.
        from_future: Arrivals before the stamp, from the start.
        seconds: The seconds that are over.
    """

    def __init__(self, begin_ns: int, end_ns: int, clock_offset_ns: int = 0) -> None:
        self.view = memoryview(bytearray(_BUFFER_BYTES))
        self.seconds: list[LoadSecond] = []
        self.lags = Times()
        self.ours = 0
        self.from_future = 0
        self.begin_ns = begin_ns
        self._end_ns = end_ns
        self._offset_ns = clock_offset_ns
        self._second = 0
        self._next_ns = 0
        self._start_second(self.now_ns())

    def now_ns(self) -> int:
        """Tell the time on the swarm's clock."""
        return clock.now_ns() + self._offset_ns

    def turn(self) -> int:
        """Tell the time, and begin the next second if it is due; whoever counts calls this first."""
        now_ns = clock.now_ns() + self._offset_ns
        if now_ns >= self._next_ns:
            self.finish_second()
            self._start_second(now_ns)
        return now_ns

    def finish_second(self) -> None:
        """Keep the second that is on, as far as it has come."""
        times = Times()
        times.add(self.latencies_ns)
        self.lags.add(self.lags_ns)
        self.from_future += int((np.frombuffer(self.latencies_ns, dtype="int64") < 0).sum())
        self.seconds.append(
            LoadSecond(
                self._second,
                self.opened,
                self.sent,
                self.messages,
                self.bytes_down,
                self.bytes_up,
                times.encode(),
            )
        )

    def _start_second(self, now_ns: int) -> None:
        if now_ns < self._end_ns:
            self._second = (now_ns - self.begin_ns) // _SECOND_NS
            self._next_ns = min(self.begin_ns + (self._second + 1) * _SECOND_NS, self._end_ns)
        else:
            late = (now_ns - self._end_ns) // _SECOND_NS
            self._second = late - (self.begin_ns - self._end_ns) // _SECOND_NS  # the last one may be a part
            self._next_ns = self._end_ns + (late + 1) * _SECOND_NS
        self.opened = self.sent = self.messages = self.bytes_down = self.bytes_up = 0
        self.latencies_ns = array("q")
        self.lags_ns = array("q")
