from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.records import Connection, Delivery, Recording, Run
from rtlab.tables.build import connections_table, deliveries_table, runs_table
from rtlab.tables.schema import TABLES

START = 2**60 + 1
"""A float would round this start away: it has room for 53 bits."""


def delivery(seq: int, received_ms: float | None, *, sent_ms: float = 0.25, connection_id: int = 0) -> Delivery:
    received_ns = None if received_ms is None else START + round(received_ms * 1e6)
    return Delivery(
        "sse-2", "sse", "rtlab", connection_id, seq, 64, START, START + round(sent_ms * 1e6), received_ns
    )


RUN = Run("sse-2", "sse", "rtlab", 2, START, START + 3_000_000_000, 600_000_000, 4_000_000)
CONNECTION = Connection("sse-2", "sse", "rtlab", 0, START - 5, 1, 150, 900)


def recording(
    *deliveries: Delivery, count: int = 3, connections: tuple[Connection, ...] = (CONNECTION,)
) -> Recording:
    return Recording({"count": count}, {}, (RUN,), deliveries, connections)


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.mark.parametrize("rows", [(), (delivery(0, 1.0), delivery(1, None))])
def test_tables_follow_the_schema_even_when_empty(rows: tuple[Delivery, ...]) -> None:
    full = recording(*rows)
    empty = Recording({"count": 3}, {}, (), (), ())
    for seen in (full, empty):
        for name, build in (
            ("deliveries", deliveries_table),
            ("connections", connections_table),
            ("runs", runs_table),
        ):
            assert dtypes(build(seen)) == {column.name: column.dtype for column in TABLES[name]}


def test_latency_counts_from_the_schedule_and_service_from_the_sending() -> None:
    row = deliveries_table(recording(delivery(0, 1.5, sent_ms=1.0))).iloc[0]
    assert row["latency_ms"] == 1.5
    assert row["service_ms"] == 0.5
    assert row["repeat"] == 2


def test_nanoseconds_are_kept_to_the_last_digit() -> None:
    table = deliveries_table(recording(delivery(0, 0.000001), delivery(1, None)))
    assert table["received_ns"].tolist() == [START + 1, pd.NA]
    assert table["latency_ms"].iloc[0] == 0.000001


def test_a_lost_message_is_a_row_without_latency() -> None:
    table = deliveries_table(recording(delivery(0, 1.0), delivery(1, None)))
    assert len(table) == 2
    assert pd.isna(table["received_ns"].iloc[1])
    assert table["latency_ms"].isna().tolist() == [False, True]
    assert table["duplicate"].tolist() == [False, False]


def test_of_two_arrivals_the_earlier_counts_whatever_their_order_in_the_recording() -> None:
    table = deliveries_table(recording(delivery(0, 9.0), delivery(0, 1.0), delivery(1, 2.0)))
    assert table["duplicate"].tolist() == [True, False, False]
    assert table["latency_ms"].tolist() == [9.0, 1.0, 2.0]


def test_the_same_number_on_another_connection_is_no_duplicate() -> None:
    table = deliveries_table(recording(delivery(0, 1.0), delivery(0, 1.0, connection_id=1)))
    assert not table["duplicate"].any()


def test_a_delivery_of_an_unknown_run_is_refused() -> None:
    stray = replace(delivery(0, 1.0), run_id="sse-9")
    with pytest.raises(InputError, match="'sse-9' but no such run"):
        deliveries_table(recording(stray))


def test_a_run_counts_what_was_lost_doubled_and_out_of_order() -> None:
    rows = [delivery(0, 1.0), delivery(2, 2.0), delivery(1, 3.0), delivery(1, 4.0), delivery(3, None)]
    run = runs_table(recording(*rows, count=4)).iloc[0]
    assert (run["expected"], run["delivered"], run["lost"]) == (4, 3, 1)
    assert (run["duplicated"], run["out_of_order"]) == (1, 1)
    assert (run["duration_s"], run["cpu_s"], run["stall_ms"]) == (3.0, 0.6, 4.0)


def test_leaving_out_the_rows_of_lost_messages_does_not_hide_them() -> None:
    run = runs_table(recording(delivery(0, 1.0), count=4)).iloc[0]
    assert (run["expected"], run["delivered"], run["lost"]) == (4, 1, 3)


def test_every_connection_is_owed_every_message_even_one_that_never_opened() -> None:
    second = replace(CONNECTION, connection_id=1, opened_ns=None, error="refused")
    rows = [delivery(seq, 1.0 + seq) for seq in range(3)]
    run = runs_table(recording(*rows, connections=(CONNECTION, second))).iloc[0]
    assert (run["connections"], run["expected"], run["lost"]) == (2, 6, 3)


def test_order_is_judged_on_each_connection_alone() -> None:
    rows = [delivery(1, 1.0), delivery(0, 2.0, connection_id=1), delivery(1, 3.0, connection_id=1)]
    assert runs_table(recording(*rows))["out_of_order"].tolist() == [0]


def test_bytes_are_summed_over_connections_and_shared_among_delivered_messages() -> None:
    second = replace(CONNECTION, connection_id=1, requests=2, bytes_up=50, bytes_down=100)
    rows = [
        delivery(0, 1.0),
        delivery(1, 2.0),
        delivery(0, 1.0, connection_id=1),
        delivery(1, None, connection_id=1),
    ]
    run = runs_table(recording(*rows, count=2, connections=(CONNECTION, second))).iloc[0]
    assert (run["requests"], run["bytes_up"], run["bytes_down"]) == (3, 200, 1000)
    assert run["bytes_up_per_message"] == pytest.approx(200 / 3)
    assert run["bytes_down_per_message"] == pytest.approx(1000 / 3)


def test_one_hidden_count_hides_the_sum() -> None:
    hidden = replace(CONNECTION, connection_id=1, bytes_up=None)
    run = runs_table(recording(delivery(0, 1.0), connections=(CONNECTION, hidden))).iloc[0]
    assert pd.isna(run["bytes_up"]) and pd.isna(run["bytes_up_per_message"])
    assert run["bytes_down"] == 1800


def test_a_run_that_delivered_nothing_has_no_bytes_per_message() -> None:
    run = runs_table(recording(delivery(0, None), count=1)).iloc[0]
    assert (run["delivered"], run["lost"]) == (0, 1)
    assert pd.isna(run["bytes_down_per_message"])


def test_a_workload_without_a_count_is_refused() -> None:
    with pytest.raises(InputError, match="must say its count"):
        runs_table(replace(recording(delivery(0, 1.0)), workload={}))


def test_connections_keep_their_error_and_the_missing_opening() -> None:
    failed = replace(CONNECTION, connection_id=1, opened_ns=None, error="refused")
    table = connections_table(recording(connections=(CONNECTION, failed)))
    assert table["opened_ns"].tolist() == [START - 5, pd.NA]
    assert table["error"].tolist() == ["", "refused"]
