"""Notes which message of a workload arrived when; no formatting, no drawing, while a run is on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rtlab.clients.client import Received
from rtlab.workload import read_seq


class Recorder:
    """Takes the messages of one connection; safe from any thread.

    Args:
        expected: How many messages shall come.
        watch: Called with each arrival ``(seq, received_ns)``, for a live chart; None while measuring.
    """

    def __init__(self, expected: int, watch: Callable[[int, int], None] | None = None) -> None:
        self.arrivals: list[tuple[int, int]] = []
        """``(seq, received_ns)`` in the order of arrival, doubled ones included."""
        self.strangers = 0
        """Messages that are none of the workload's."""
        self.complete = threading.Event()
        self._expected = expected
        self._missing = set(range(expected))
        self._watch = watch

    def received(self, message: Received) -> None:
        """Note one message."""
        payload = message.data.encode() if isinstance(message.data, str) else message.data
        seq = read_seq(payload)
        if seq is None or seq >= self._expected:
            self.strangers += 1
            return
        self.arrivals.append((seq, message.received_ns))
        self._missing.discard(seq)
        if self._watch:
            self._watch(seq, message.received_ns)
        if not self._missing:
            self.complete.set()
