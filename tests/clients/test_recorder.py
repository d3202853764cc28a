from __future__ import annotations

from rtlab.clients.client import Received
from rtlab.clients.recorder import Recorder
from rtlab.workload import Workload


def test_arrivals_are_kept_in_their_order_doubled_ones_too() -> None:
    recorder = Recorder(3)
    for at_ns, seq in enumerate((2, 0, 2)):
        recorder.received(Received(f"{seq:010d} x", at_ns))
    assert recorder.arrivals == [(2, 0), (0, 1), (2, 2)]
    assert not recorder.complete.is_set()
    recorder.received(Received(f"{1:010d} ".encode(), 3))
    assert recorder.complete.is_set()


def test_it_is_complete_after_the_whole_workload_whatever_the_order() -> None:
    messages = Workload(rate_per_s=100, count=50, payload_bytes=11).messages()
    recorder = Recorder(50)
    for message in reversed(messages):
        assert not recorder.complete.is_set()
        recorder.received(Received(message.text, 0))
    assert recorder.complete.is_set()


def test_what_is_none_of_the_workloads_is_a_stranger() -> None:
    seen: list[tuple[int, int]] = []
    recorder = Recorder(2, lambda seq, at_ns: seen.append((seq, at_ns)))
    for data in ("", "hello", "000000000x y", b"\xff" * 20, f"{2:010d} beyond the last"):
        recorder.received(Received(data, 1))
    assert recorder.strangers == 5
    assert recorder.arrivals == seen == []
    recorder.received(Received(f"{1:010d} ours", 2))
    assert recorder.arrivals == seen == [(1, 2)]
