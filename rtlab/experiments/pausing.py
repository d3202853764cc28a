"""The process of the readers, of whom some pause: ``python -m rtlab.experiments.pausing`` takes one order.

The schedule is even, so the time when a message was due is its number, too: order and gaps are exact.
"""

from __future__ import annotations

import json
import selectors
import sys
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import psutil

from rtlab import clock
from rtlab.errors import LabError, RtlabError
from rtlab.experiments.pinning import pinned
from rtlab.experiments.stamped_reader import Reader
from rtlab.findings.slow_readers import Reading

_FIRST_TIMEOUT_S = 10.0
_QUIET_S = 1.5
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Order:
    """What to read, and who pauses when.

    Attributes:
        url: An http or ws URL.
        readers: How many read all the time.
        slow: How many pause.
        payload_bytes: Size of each payload.
        rate_per_s: How many messages are due each second.
        count: How many messages there are.
        before_s: From the first message to the pause, in seconds.
        pause_s: Length of the pause, in seconds.
        server_pid: The server's process.
    """

    url: str
    readers: int
    slow: int
    payload_bytes: int
    rate_per_s: float
    count: int
    before_s: float
    pause_s: float
    server_pid: int


class Readers:
    """All of them, and the order of events.

    Args:
        order: What to read, and who pauses when.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._selector = selectors.DefaultSelector()
        self._good: list[Reader] = []
        self._slow: list[Reader] = []
        self._server = psutil.Process(order.server_pid)

    @property
    def _all(self) -> list[Reader]:
        return self._good + self._slow

    def run(self) -> dict[str, Any]:
        """Read, pause, and read again until nothing comes any more.

        Returns:
            ``good`` and ``slow``, one row of :class:`Reading` each; ``p99_ms`` and ``server_bytes``.

        Raises:
            LabError: A message came twice, out of order or damaged.
        """
        order = self._order
        try:
            for kind, count, slow in ((self._good, order.readers, False), (self._slow, order.slow, True)):
                for _ in range(count):
                    kind.append(Reader(order.url, slow=slow))
            self._listen(self._all)
            pause_ns = self._until_all_have_some() + round(order.before_s * 1e9)
            self._read_until(pause_ns)
            self._listen(self._slow, False)
            before_bytes = self._server.memory_info().rss
            most_bytes = self._read_until(pause_ns + round(order.pause_s * 1e9))
            self._listen(self._slow)
            first_ns = min(reader.due_ns[0] for reader in self._all)
            self._read_to_the_end(first_ns + round((order.count - 1) * 1e9 / order.rate_per_s))
            return {
                "good": [asdict(self._reading(reader, first_ns, pause_ns)) for reader in self._good],
                "slow": [asdict(self._reading(reader, first_ns, pause_ns)) for reader in self._slow],
                "p99_ms": self._p99_ms(),
                "server_bytes": max(0, most_bytes - before_bytes),
            }
        finally:
            self._selector.close()
            for reader in self._all:
                reader.socket.close()

    def _listen(self, readers: list[Reader], wanted: bool = True) -> None:
        for reader in readers:
            if wanted and not reader.ended:
                self._selector.register(reader.socket, selectors.EVENT_READ, reader)
            elif not reader.ended:
                self._selector.unregister(reader.socket)

    def _read_once(self, limit_s: float) -> bool:
        """Read what is there, or wait a little; tell whether something came."""
        ready = self._selector.select(max(0.0, min(limit_s, _LOOK_S)))
        for key, _ in ready:
            reader: Reader = key.data
            reader.read()
            if reader.ended:
                self._selector.unregister(reader.socket)
        return bool(ready)

    def _until_all_have_some(self) -> int:
        deadline_ns = clock.now_ns() + round(_FIRST_TIMEOUT_S * 1e9)
        while not all(reader.due_ns for reader in self._all):
            if clock.now_ns() > deadline_ns:
                raise LabError("Not all readers got a message.")
            self._read_once(_LOOK_S)
        return clock.now_ns()

    def _read_until(self, end_ns: int) -> int:
        """Read until an instant; give the largest memory that the server had."""
        most_bytes, looked_ns = 0, 0
        while (now_ns := clock.now_ns()) < end_ns:
            self._read_once((end_ns - now_ns) / 1e9)
            if now_ns - looked_ns > _LOOK_S * 1e9:
                most_bytes, looked_ns = max(most_bytes, self._server.memory_info().rss), now_ns
        return most_bytes

    def _read_to_the_end(self, last_due_ns: int) -> None:
        """Read until everybody has the last message or its end, or nothing has come for a while."""
        heard_ns = clock.now_ns()
        while clock.now_ns() - heard_ns < _QUIET_S * 1e9:
            if all(reader.ended or reader.due_ns[-1] >= last_due_ns for reader in self._all):
                return
            if self._read_once(_LOOK_S):
                heard_ns = clock.now_ns()

    def _p99_ms(self) -> float:
        """Give the age that 99 % of the good readers' messages did not exceed."""
        ages_ns = [np.subtract(reader.read_ns, reader.due_ns) for reader in self._good]
        return float(np.percentile(np.concatenate(ages_ns), 99, method="inverted_cdf")) / 1e6

    def _reading(self, reader: Reader, first_ns: int, pause_ns: int) -> Reading:
        order = self._order
        reader.check(order.payload_bytes)
        numbers = [round((due_ns - first_ns) * order.rate_per_s / 1e9) for due_ns in reader.due_ns]
        steps = [late - early for early, late in pairwise(numbers)]
        if any(step < 1 for step in steps) or (numbers and numbers[-1] >= order.count):
            raise LabError("A message came twice, or out of order.")
        read_ns = np.asarray(reader.read_ns)
        during = int(((read_ns >= pause_ns) & (read_ns < pause_ns + order.pause_s * 1e9)).sum())
        return Reading(
            received=len(numbers),
            gaps=sum(step > 1 for step in steps),
            missed=sum(steps) - len(steps),
            newest=numbers[-1] if numbers else -1,
            cut=reader.ended,
            got_per_s=during / order.pause_s,
        )


def main() -> int:
    """Carry out the order on standard input.

    Returns:
        The exit code: 0, or 1 after an error, which is then what the JSON line holds.
    """
    order = Order(**json.loads(sys.stdin.readline()))
    try:
        with pinned(order.server_pid):
            found = Readers(order).run()
    except (RtlabError, OSError, psutil.Error) as error:
        found = {"error": str(error) or repr(error)}
    sys.stdout.write(json.dumps(found) + "\n")
    return int("error" in found)


if __name__ == "__main__":
    sys.exit(main())
