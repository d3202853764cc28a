from __future__ import annotations

import os
import sys

import psutil
import pytest

from rtlab import clock
from rtlab.experiments.processor_time import ProcessorTime, machine_cores, processor_time

BURN = """
import time
end = time.process_time() + 0.5
while time.process_time() < end:
    pass
print(1, flush=True)
input()
"""


def test_what_this_process_and_the_server_use_is_told_apart(python) -> None:
    server = python("-c", BURN, stdin=-1)
    server.stdout.readline()
    used = processor_time(server.pid)
    assert used.server_ns is not None
    assert used.server_ns >= 480_000_000
    later = processor_time(server.pid).since(used)
    assert later.own_ns > 0
    assert later.server_ns is not None
    assert later.server_ns < used.server_ns


def test_what_others_use_is_what_is_left(python) -> None:
    before = processor_time(None)
    began_ns = clock.now_ns()
    other = python("-c", BURN, stdin=-1)
    other.stdout.readline()
    used = processor_time(None).since(before)
    assert used.server_ns is None
    others_ns = used.others_ns(used.at_ns)
    assert others_ns >= 400_000_000
    assert others_ns <= 1.1 * (clock.now_ns() - began_ns) * machine_cores()
    assert used.others_ns(used.at_ns // 2) == pytest.approx(others_ns / 2, rel=1e-6)


def test_a_server_that_has_ended_has_no_time(python) -> None:
    server = python("-c", "")
    server.wait(30)
    server.communicate(timeout=30)
    assert processor_time(server.pid).server_ns is None
    assert processor_time(server.pid).since(ProcessorTime(0, 5, 0, 0)).server_ns is None


def test_counters_that_tick_slowly_make_no_time_negative() -> None:
    assert ProcessorTime(20, 10, 25, 9).others_ns(9) == 0


def test_the_machine_has_at_least_the_cores_of_this_process() -> None:
    affinity = psutil.Process().cpu_affinity() if sys.platform != "darwin" else None
    assert machine_cores() >= len(affinity or range(os.cpu_count() or 1))
