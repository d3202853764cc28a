"""What the tests of the probe share: a busy lab, and the ids of what was found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from rtlab.results.probe import Probe
from rtlab.servers.lab import Lab

Key = TypeVar("Key")
Result = TypeVar("Result")
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n"


def ids(probe: Probe, *severities: str) -> set[str]:
    """The ids of findings of some severities; of errors and warnings, if none is named."""
    return {each.id for each in probe.findings if each.severity in (severities or ("error", "warning"))}


def at_once(jobs: Mapping[Key, Callable[[], Result]]) -> dict[Key, Result]:
    """Do several things at the same time, for a probe mostly waits; give what each returned."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        running = {name: pool.submit(job) for name, job in jobs.items()}
        return {name: job.result(60) for name, job in running.items()}


@contextmanager
def publishing(lab: Lab, rate_per_s: float = 40.0) -> Iterator[None]:
    """Publish to the lab's channel all the time, from a thread of its own."""
    over = threading.Event()

    def publish() -> None:
        number = 0
        while not over.wait(1 / rate_per_s):
            lab.publish(f"message number {number}")
            number += 1

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)
