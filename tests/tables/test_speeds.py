from __future__ import annotations

import numpy as np
import pytest

from rtlab.findings.performance import Drained, FactorEffect, FileTransfer, JoinedSends
from rtlab.tables.ratios import Ratio
from rtlab.tables.speeds import (
    ages_table,
    effects_table,
    files_table,
    joined_table,
    speed_ratios_table,
    speeds_table,
    who_leads,
)


def run(way: str, deliveries: int, size: int = 100, ages_us: tuple[float, ...] = ()) -> Drained:
    return Drained("rtlab", way, 10, size, 2.0, deliveries, deliveries * 120, 0, 1.0, 0.5, ages_us)


CASES = (
    (run("sse", 2_000), run("sse", 8_000)),
    (run("websocket", 4_000), run("websocket", 16_000)),
    (run("sse", 2_000, 5_000),),
)


def test_speeds_are_geometric_means_with_shares_of_a_core() -> None:
    first = speeds_table(CASES).iloc[0]
    assert first["deliveries_per_s"] == pytest.approx(2_000)
    assert first["payload_mb_per_s"] == pytest.approx(0.2)
    assert first["server_us_each"] == pytest.approx(250)
    assert (first["repeats"], first["server_percent"], first["client_percent"]) == (2, 50, 25)
    assert np.isnan(speeds_table(CASES).iloc[2]["deliveries_low_per_s"])


def test_ratios_are_taken_where_both_were_measured() -> None:
    (row,) = speed_ratios_table(CASES).to_dict("records")
    assert (row["payload_bytes"], row["connections"], row["ratio"]) == (100, 10, pytest.approx(2))
    assert row["finding"] == "WebSocket leads"


@pytest.mark.parametrize(
    ("ratio", "finding"),
    [
        (Ratio(1.0, 0.95, 1.04, 5), "alike within 5 %"),
        (Ratio(1.0, 0.999, 1.001, 5), "alike within 1 %"),
        (Ratio(1.2, 0.9, 1.6, 5), "cannot tell"),
        (Ratio(1.2, np.nan, np.nan, 1), "cannot tell"),
        (Ratio(1.2, 1.1, 1.3, 5), "WebSocket leads"),
        (Ratio(0.8, 0.7, 0.9, 5), "SSE leads"),
    ],
)
def test_a_finding_says_no_more_than_its_interval(ratio: Ratio, finding: str) -> None:
    assert who_leads(ratio) == finding


def test_ages_have_percentiles_and_the_share_of_what_was_due() -> None:
    ages_us = tuple(float(age) for age in range(1, 201))
    rows = ages_table([(10, [run("sse", 200, ages_us=ages_us)]), (1, [run("sse", 10, ages_us=(5.0,) * 10)])])
    first, second = rows.to_dict("records")
    assert (first["p50_us"], first["p99_us"], first["delivered_percent"]) == pytest.approx((100, 198, 100))
    assert second["p50_us"] == pytest.approx(5)
    assert np.isnan(second["p99_us"])
    assert (second["messages"], second["delivered_percent"]) == (10, 50)


def test_joined_sends_are_divided_by_the_first_of_their_transport() -> None:
    found = [
        JoinedSends(way, join, (run(way, 2_000 * join), run(way, 2_000 * join)))
        for way in ("sse", "websocket")
        for join in (1, 4)
    ]
    table = joined_table(found)
    assert list(table["gain"]) == pytest.approx([1, 4, 1, 4])
    assert table["age_ratio"].isna().all()


def test_ages_in_bursts_are_compared_with_those_of_messages_sent_alone() -> None:
    together, alone = (
        tuple(run("sse", 3, ages_us=(age, age, age)) for age in ages) for ages in ((10.0, 20.0), (40.0, 80.0))
    )
    row = joined_table([JoinedSends("sse", 4, (run("sse", 9),), together, alone)]).iloc[0]
    assert row["alone_p50_us"] == pytest.approx(4 * row["together_p50_us"])
    assert [row["age_ratio"], row["age_ratio_low"]] == pytest.approx([0.25, 0.25])


def test_effects_are_sorted_by_size_whichever_way_they_go() -> None:
    found = [
        FactorEffect(name, "sse", "a → b", "time", (10.0, 10.0), (10.0 * ratio, 10.0 * ratio))
        for name, ratio in (("small", 1.1), ("saves", 0.1), ("costs", 5.0))
    ]
    table = effects_table(found)
    assert list(table["factor"]) == ["saves", "costs", "small"]
    assert list(table["ratio"]) == pytest.approx([0.1, 5, 1.1])
    assert table["base_us"].iloc[0] == pytest.approx(10)


def test_a_refused_file_has_neither_speed_nor_overhead() -> None:
    sent, refused = files_table(
        [
            FileTransfer("sse", 1_000, 1_340, (4.0, 9.0), 3_000),
            FileTransfer("websocket", 1_000, 0, (), 0, "close code 1009"),
        ]
    ).to_dict("records")
    assert (sent["form"], sent["overhead_percent"], sent["mb_per_s"]) == (
        "base64",
        pytest.approx(34),
        pytest.approx(6),
    )
    assert (refused["form"], refused["refused"]) == ("binary", "close code 1009")
    assert np.isnan(refused["overhead_percent"])
    assert np.isnan(refused["mb_per_s"])
