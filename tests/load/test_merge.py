from dataclasses import replace

import pytest

from rtlab.findings.load import LoadSecond
from rtlab.load.merge import latency_points, make_report, swarm_seconds, swarm_totals
from rtlab.load.plan import LoadPlan

from .reports import FAILURE, PLAN, report, row, share, times


def test_the_workers_seconds_are_added_up():
    other = share(1, [row(1), row(3)], seconds=(LoadSecond(2, messages=1, latencies=times(7)),))
    seconds = swarm_seconds(report(share(0, [row(0), row(2)]), other))
    assert [each.second for each in seconds] == [-1, 0, 1, 2]
    assert [each.messages for each in seconds] == [0, 4, 0, 1]
    assert [each.opened for each in seconds] == [2, 0, 0, 0]
    assert (seconds[1].p50_ms, seconds[1].max_ms) == (pytest.approx(2, rel=1e-3), pytest.approx(4, rel=1e-3))
    assert seconds[2].p50_ms is None


def test_a_swarm_without_workers_has_no_seconds():
    empty = report(failures=[FAILURE])
    assert swarm_seconds(empty) == []
    assert latency_points(empty) == []
    totals = swarm_totals(empty)
    assert (totals.lost_workers, totals.opened, totals.messages, totals.p50_ms) == (1, 0, 0, None)


def test_the_ramp_up_is_not_measured():
    totals = swarm_totals(report(share(0, [row(0), row(2)])))
    assert (totals.messages, totals.aged) == (4, 4)
    assert totals.max_ms == pytest.approx(4, rel=1e-3)
    assert totals.bytes_up_per_s == 75


def test_what_comes_after_the_end_counts_but_not_for_the_rate():
    late = (LoadSecond(1, messages=6, latencies=times(1)), LoadSecond(2, messages=5, latencies=times(8)))
    totals = swarm_totals(report(share(0, [row(0), row(2)], seconds=late)))
    assert (totals.messages, totals.messages_per_s) == (11, 3.0)
    assert totals.max_ms == pytest.approx(8, rel=1e-3)


def test_the_worst_worker_speaks_for_all():
    slow = share(1, [row(1, own=0)], cpu_share=0.9, stall_ms=70.0, clock_error_ms=2.0, from_future=3, lags=times(9))
    totals = swarm_totals(report(share(0, [row(0, own=0)]), slow))
    assert (totals.cpu_share, totals.stall_ms, totals.clock_error_ms, totals.from_future) == (0.9, 70.0, 2.0, 3)
    assert totals.lag_p99_ms == pytest.approx(9, rel=1e-3)


def test_the_errors_of_two_clocks_add_up_unless_each_message_comes_back_to_its_own():
    shares = [share(number, [row(number)], clock_error_ms=float(number)) for number in (0, 1, 2)]
    assert swarm_totals(report(*shares)).clock_error_ms == 0
    shares = [share(number, [row(number, own=0)], clock_error_ms=float(number)) for number in (0, 1, 2)]
    assert swarm_totals(report(*shares)).clock_error_ms == 3


def test_percentiles_are_told_as_far_as_so_many_messages_can_tell():
    def told(count):
        seconds = (LoadSecond(0, messages=count, latencies=times(*range(1, count + 1))),)
        return [point.percentile for point in latency_points(report(share(0, [row(0)], seconds=seconds)))]

    assert told(1) == [100]
    assert told(2) == [10, 25, 50, 100]
    assert told(100) == [10, 25, 50, 75, 90, 95, 99, 100]
    assert told(999)[-2:] == [99.5, 100]
    assert told(1000)[-2:] == [99.9, 100]


def account(*rows, plan=PLAN, failures=()):
    totals = swarm_totals(report(share(0, rows), plan=plan, failures=failures))
    return totals.returns, totals.expected, totals.missing


def test_an_echo_that_gives_all_back_misses_nothing():
    assert account(row(0), row(1)) == ("to the sender", 4, 0)


def test_what_an_echo_keeps_is_missing():
    assert account(row(0), row(1, own=0, ours=0)) == ("to the sender", 4, 2)


def test_a_message_that_came_twice_makes_up_for_none():
    assert account(row(0, own=3, ours=3), row(1, own=1, ours=1)) == ("to the sender", 4, 1)


def test_a_channel_owes_every_message_to_every_connection():
    assert account(row(0, ours=4), row(1, ours=3)) == ("to all", 8, 1)


def test_a_channel_that_spares_the_sender_owes_it_the_others():
    assert account(row(0, own=0, ours=2), row(1, own=0, ours=1)) == ("to all others", 4, 1)


def test_posted_messages_are_owed_to_all_even_if_each_came_to_one_only():
    plan = replace(PLAN, publish_url="http://127.0.0.1:1/p")
    assert account(row(0, own=2, ours=2), row(1, own=2, ours=2), plan=plan) == ("to all", 8, 4)


def test_if_nothing_comes_back_it_is_not_known():
    assert account(row(0, own=0, ours=0)) == ("nothing", None, None)


def test_a_swarm_that_listens_knows_of_nothing_that_is_missing():
    assert account(row(0, sent=0, own=0, ours=0), plan=replace(PLAN, rate_per_s=None)) == ("", None, None)


def test_a_connection_that_opened_late_is_owed_nothing():
    late = row(1, ours=0, own=0, sent=0, opened_ms=1501.0)
    assert account(row(0, ours=3, own=1, sent=1), row(2, sent=2, own=2, ours=3), late) == ("to all", 6, 0)
    totals = swarm_totals(report(share(0, [row(0), late])))
    assert (totals.opened, totals.late) == (2, 1)


def test_a_connection_that_ended_early_is_owed_its_messages():
    ended = row(1, own=1, ours=1, error="the server ended the connection")
    assert account(row(0), ended) == ("to the sender", 4, 1)
    assert swarm_totals(report(share(0, [row(0), ended]))).ended == 1


def test_a_lost_worker_leaves_an_echo_known_and_a_channel_unknown():
    assert account(row(0), failures=[FAILURE]) == ("to the sender", 2, 0)
    assert account(row(0, ours=4), failures=[FAILURE]) == ("unknown", None, None)


def test_secrets_are_not_kept():
    plan = LoadPlan("ws://127.0.0.1:1/a", headers=(("Authorization", "Bearer secret"),))
    kept = make_report(plan, {}, []).to_json()
    assert "secret" not in str(kept)
    assert {"headers", "ca_pem"}.isdisjoint(kept["plan"])
    assert LoadPlan(**kept["plan"]) == LoadPlan("ws://127.0.0.1:1/a")
