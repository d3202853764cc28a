"""Where a swarm's workers run. The engine here is this machine's: one child process a worker.

An engine gives one result a share, in the order of the shares: a report, or a failure that says what is lost. It
starts all shares at one instant, and leaves nothing behind, whatever ends it.
"""

from __future__ import annotations

import collections
import json
import operator
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import reduce
from typing import Any, Protocol

from rtlab import clock
from rtlab.findings.load import LoadProgress, ShareFailure, ShareReport
from rtlab.load.limits import check_connections, check_ports
from rtlab.load.plan import Share

OnProgress = Callable[[LoadProgress], None]

READY_TIMEOUT_S = 60.0
"""How long the workers may take to start."""
_HEADSTART_NS = 100_000_000
_LOOK_S = 0.1
_END_TIMEOUT_S = 5.0
_LAST_WORDS = 5


class Engine(Protocol):
    """Runs shares somewhere."""

    def run(
        self, shares: Sequence[Share], on_progress: OnProgress, timeout_s: float
    ) -> list[ShareReport | ShareFailure]:
        """Run all shares at the same time, and wait for them.

        Args:
            shares: The parts of one plan.
            on_progress: Called now and then with the sum over all workers.
            timeout_s: How long it may take from the start; a share that takes longer has failed.

        Returns:
            One for each share, in their order.

        Raises:
            InputError: So many connections are not allowed here.
        """


class ProcessEngine:
    """Runs each share in a child process of its own."""

    def run(
        self, shares: Sequence[Share], on_progress: OnProgress, timeout_s: float
    ) -> list[ShareReport | ShareFailure]:
        """Run all shares at the same time, and wait for them; see :meth:`Engine.run`."""
        plan = shares[0].plan
        check_ports(plan.connections, plan.address)
        for share in shares:
            check_connections(len(share.connections))
        lines: _Lines = queue.Queue()
        workers: list[_Worker] = []
        try:
            for share in shares:
                workers.append(_Worker(share, lines))
            _collect(workers, lines, lambda worker: worker.is_ready, READY_TIMEOUT_S, on_progress)
            start_ns = clock.now_ns() + _HEADSTART_NS
            for worker in workers:
                worker.say({"start_ns": start_ns})
            _collect(workers, lines, lambda worker: False, timeout_s, on_progress)
            return [worker.result() for worker in workers]
        finally:
            for worker in workers:
                worker.hush()
            for worker in workers:
                worker.end()


class _Worker:
    """A child process with one share.

    Attributes:
        progress: How far it has come.
        is_ready: Whether it waits for the start.
        is_over: Whether nothing more will come of it.
    """

    def __init__(self, share: Share, lines: _Lines) -> None:
        self.progress = LoadProgress()
        self.is_ready = False
        self.is_over = False
        self._share = share
        self._report: ShareReport | None = None
        self._reason = ""
        self._last_words = collections.deque[str](maxlen=_LAST_WORDS)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rtlab.load.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            # An interrupt of the cell is for the kernel, which ends its workers then.
            **_own_group(),
        )
        self._reader = threading.Thread(target=self._read, args=(lines,), name="rtlab load worker", daemon=True)
        self._reader.start()
        self.say({"share": share.to_json()})

    def say(self, message: dict[str, Any]) -> None:
        """Write one line to it; one that has died is found out by its silence."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()

    def take(self, message: dict[str, Any] | None) -> None:
        """Take note of what it said; None for its end."""
        match message:
            case None:
                self.is_over = True
            case {"ready": True}:
                self.is_ready = True
            case {"progress": progress}:
                self.progress = LoadProgress(**progress)
            case {"report": report}:
                self._report = ShareReport.from_json(report)
            case {"error": reason}:
                self._reason = reason

    def give_up(self, reason: str) -> None:
        """Wait for it no longer."""
        self.is_over = True
        self._reason = reason

    def result(self) -> ShareReport | ShareFailure:
        """Give its report, or what is known of its end."""
        if self._report is not None:
            return self._report
        words = self._reason or " ".join(self._last_words) or "it said nothing"
        code = self._process.poll()
        ended = "was given up" if code is None else f"ended with exit code {code}"
        share = self._share
        reason = f"Worker {share.number} {ended}: {words}"
        return ShareFailure(share.number, len(share.connections), share.planned, reason)

    def hush(self) -> None:
        """Close its standard input, so that it ends."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.close()

    def end(self) -> None:
        """Wait for its end, with force if it takes long."""
        try:
            self._process.wait(_END_TIMEOUT_S)
        finally:
            self._process.kill()
            self._process.wait(_END_TIMEOUT_S)
            self._reader.join(_END_TIMEOUT_S)
            assert self._process.stdout
            self._process.stdout.close()

    def _read(self, lines: _Lines) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            if isinstance(message, dict):
                lines.put((self, message))
            else:
                self._last_words.append(line.strip())
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_TIMEOUT_S)
        lines.put((self, None))


_Lines = queue.Queue[tuple[_Worker, dict[str, Any] | None]]


def _collect(
    workers: Sequence[_Worker],
    lines: _Lines,
    is_enough: Callable[[_Worker], bool],
    timeout_s: float,
    on_progress: OnProgress,
) -> None:
    """Hear the workers until each has said enough or is over; give up those that take too long."""
    deadline_ns = clock.now_ns() + timeout_s * 1e9
    while waiting := [worker for worker in workers if not worker.is_over and not is_enough(worker)]:
        if clock.now_ns() > deadline_ns:
            for worker in waiting:
                worker.give_up(f"it was not done within {timeout_s:g} s")
            return
        try:
            worker, message = lines.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        worker.take(message)
        if message and "progress" in message:
            on_progress(reduce(operator.add, (worker.progress for worker in workers)))


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
