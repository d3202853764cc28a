from dataclasses import replace

import pytest

from rtlab.findings.load import LoadConnection, LoadReport, LoadSecond, SampleCheck, ShareFailure, ShareReport
from rtlab.findings.swarm import LatencyPoint, SwarmSecond, SwarmTotals
from rtlab.tables.load import (
    load_connections_table,
    load_latency_table,
    load_seconds_table,
    load_table,
    load_validity_table,
    load_workers_table,
)
from rtlab.tables.schema import TABLES
from rtlab.tables.validity import is_valid

TOTALS = SwarmTotals(
    transport="websocket",
    workers=2,
    lost_workers=0,
    connections=10,
    opened=10,
    late=0,
    ended=0,
    planned=50,
    sent=50,
    returns="to the sender",
    expected=50,
    missing=0,
    messages=50,
    aged=50,
    messages_per_s=25.0,
    bytes_down_per_s=100.0,
    bytes_up_per_s=200.0,
    p50_ms=1.0,
    p99_ms=2.0,
    max_ms=3.0,
    lag_p99_ms=0.5,
    cpu_share=0.2,
    stall_ms=5.0,
    from_future=0,
    clock_error_ms=0.0,
    sample=SampleCheck(1, 5),
)
SILENT = replace(TOTALS, planned=0, sent=0, expected=None, missing=None, p50_ms=None, p99_ms=None, max_ms=None)

ROWS = (
    LoadConnection(2, 1.5, 3, 4, 3, 4, 100, 200, ""),
    LoadConnection(0, None, 0, 0, 0, 0, 0, 0, "Connection refused"),
)
SHARE = ShareReport(1, 5, 3, {}, ROWS, (LoadSecond(0),), "", SampleCheck(), 0.25, 2.0, 0)
REPORT = LoadReport({}, {}, (SHARE,), (ShareFailure(0, 2, 5, "Worker 0 ended"),))


def test_the_swarm_is_one_row():
    table = load_table(TOTALS)
    assert list(table) == [column.name for column in TABLES["load"]]
    assert table.to_dict("records")[0]["missing"] == 0
    assert load_table(SILENT)["missing"].isna().all()
    assert load_table(SILENT)["p50_ms"].isna().all()


def test_each_second_is_a_row():
    table = load_seconds_table([SwarmSecond(-1, 5, 0, 0, 0, 10, None, None, None), SwarmSecond(0, 0, *[1] * 7)])
    assert list(table["second"]) == [-1, 0]
    assert list(table["p99_ms"].isna()) == [True, False]


def test_each_percentile_is_a_row_and_there_may_be_none():
    assert list(load_latency_table([LatencyPoint(50.0, 1.0), LatencyPoint(100.0, 2.0)])["latency_ms"]) == [1, 2]
    assert load_latency_table([]).empty


def test_each_connection_is_a_row_by_number():
    table = load_connections_table(REPORT)
    assert list(table["connection_id"]) == [0, 2]
    assert list(table["worker"]) == [1, 1]
    assert list(table["error"]) == ["Connection refused", ""]
    assert list(table["opened_ms"].isna()) == [True, False]


def test_each_worker_is_a_row_even_if_it_was_lost():
    table = load_workers_table(REPORT, {1: (0.1, 0.9)})
    assert list(table["worker"]) == [0, 1]
    assert list(table["error"]) == ["Worker 0 ended", ""]
    assert list(table["opened"]) == [0, 1]
    assert table["lag_p99_ms"].isna()[0]
    assert table["lag_p99_ms"][1] == 0.9


def failed(totals):
    table = load_validity_table(totals)
    return list(table.loc[~table["passed"], "check"])


def test_a_sound_swarm_passes_every_check():
    assert is_valid(load_validity_table(TOTALS))


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"lost_workers": 1}, "every worker reported"),
        ({"opened": 9}, "every connection opened"),
        ({"late": 1}, "every connection was open in time"),
        ({"ended": 1}, "every connection stayed open"),
        ({"cpu_share": 0.81}, "the workers had time to spare"),
        ({"stall_ms": 51.0}, "the loops were not held up"),
        ({"sample": SampleCheck(1, 5, disagreements=1)}, "the sample agrees"),
        ({"sample": SampleCheck(1, 5, damaged=1)}, "the sample agrees"),
        ({"sample": SampleCheck(1, 5, out_of_order=1)}, "the sample agrees"),
        ({"from_future": 1}, "messages arrived after they were sent"),
        ({"clock_error_ms": 5.1, "p50_ms": 90.0}, "the clocks agree"),
        ({"clock_error_ms": 0.6}, "the clocks agree"),
        ({"lag_p99_ms": 20.1}, "the senders kept the plan"),
        ({"lag_p99_ms": None}, "the senders kept the plan"),
        ({"sent": 49}, "every planned message was sent"),
        ({"missing": 1}, "nothing is missing"),
        ({"missing": None, "expected": None}, "nothing is missing"),
    ],
)
def test_each_way_to_be_fooled_fails_its_own_check(change, check):
    assert failed(replace(TOTALS, **change)) == [check]


def test_a_swarm_that_listens_is_not_asked_what_it_sent():
    assert failed(SILENT) == []
    assert len(load_validity_table(SILENT)) == len(load_validity_table(TOTALS)) - 3
