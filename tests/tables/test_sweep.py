from dataclasses import replace

import pytest

from rtlab.findings.sweep import SweepCase, SweepRun
from rtlab.tables.schema import TABLES
from rtlab.tables.sweep import sweep_runs_table, sweep_table

from .test_load import TOTALS

CASE = SweepCase(10, 20.0, 64)


def run(repeat, *, case=CASE, lost=(), error="", **changed):
    totals = None if error else replace(TOTALS, **changed)
    return SweepRun(case, repeat, "2026-01-01T00:00:00+00:00", totals, lost, error)


def test_a_run_is_a_row_and_one_that_failed_has_no_numbers():
    table = sweep_runs_table(
        "websocket", [run(0), run(1, error="OSError: no line"), run(2, lost=("Worker 1 died",))]
    )
    assert list(table) == [column.name for column in TABLES["sweep_runs"]]
    assert table["messages"].tolist()[0] == 50
    assert table["messages"].isna().tolist() == [False, True, False]
    assert table["error"].tolist() == ["", "OSError: no line", "Worker 1 died"]


def test_checks_that_failed_are_named():
    table = sweep_runs_table("websocket", [run(0), run(1, late=1, missing=2)])
    assert table["failed_checks"].tolist() == ["", "every connection was open in time; nothing is missing"]


def test_a_combination_is_a_row_with_the_middle_of_its_whole_runs():
    runs = [
        run(0, p50_ms=1.0),
        run(1, p50_ms=4.0),
        run(2, p50_ms=100.0, lost=("Worker 1 died",)),
        run(3, error="x"),
    ]
    (row,) = sweep_table("websocket", runs).to_dict("records")
    assert (row["runs"], row["lost"], row["invalid"]) == (2, 2, 0)
    assert row["p50_ms"] == pytest.approx(2.0)
    assert row["p50_low_ms"] < 1.0 < 4.0 < row["p50_high_ms"]


def test_one_run_has_no_interval():
    (row,) = sweep_table("websocket", [run(0)]).to_dict("records")
    assert row["p99_ms"] == pytest.approx(2.0)
    assert row["p99_low_ms"] != row["p99_low_ms"]


def test_messages_without_a_stamp_have_no_age():
    (row,) = sweep_table("sse", [run(0, p50_ms=None, p99_ms=None)]).to_dict("records")
    assert row["p50_ms"] != row["p50_ms"]
    assert row["messages_per_s"] == pytest.approx(25.0)


def test_combinations_keep_their_order():
    cases = [SweepCase(100, None, 64), SweepCase(10, None, 64)]
    table = sweep_table("sse", [run(repeat, case=case) for repeat in range(2) for case in cases])
    assert table["connections"].tolist() == [100, 10]
    assert table["rate_per_s"].isna().all()
