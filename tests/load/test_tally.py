from array import array

import pytest

from rtlab.load.histogram import Times
from rtlab.load.tally import Tally


@pytest.fixture
def at(monkeypatch):
    """Set the clock, in tenths of a second."""
    now = [0]
    monkeypatch.setattr("rtlab.clock.now_ns", lambda: now[0])

    def move(tenths):
        now[0] = tenths * 100_000_000

    return move


def test_seconds_count_from_the_begin_and_the_last_one_may_be_a_part(at):
    at(0)
    tally = Tally(1_500_000_000, 4_000_000_000)  # from 1.5 s to 4 s
    for tenths in (1, 6, 16, 26, 38, 41, 51):
        at(tenths)
        tally.turn()
        tally.messages += 1
    tally.finish_second()
    assert [(each.second, each.messages) for each in tally.seconds] == [
        (-2, 1),
        (-1, 1),
        (0, 1),
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 1),
    ]


def test_a_second_keeps_its_own_counts_and_ages(at):
    at(20)
    tally = Tally(0, 10_000_000_000)
    tally.sent += 3
    tally.latencies_ns.extend([1_000_000, -5])
    tally.lags_ns.append(7_000)
    at(35)
    assert tally.turn() == 3_500_000_000
    assert (tally.sent, tally.latencies_ns) == (0, array("q"))
    tally.finish_second()
    second, after = tally.seconds
    assert (second.second, second.sent, len(Times([second.latencies]))) == (2, 3, 2)
    assert (after.second, after.sent, after.latencies) == (3, 0, "")
    assert tally.from_future == 1
    assert len(tally.lags) == 1


def test_the_swarms_clock_may_be_ahead(at):
    at(5)
    assert Tally(0, 1, 10**12).now_ns() == 10**12 + 500_000_000
