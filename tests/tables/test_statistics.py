from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.tables.schema import check
from rtlab.tables.statistics import difference, milliseconds, summary

Latencies = Sequence[float] | np.ndarray


def deliveries(runs_by_transport: Mapping[str, Sequence[Latencies]], client: str = "rtlab") -> pd.DataFrame:
    """Make a deliveries table from latencies in ms, one list a run; NaN is a lost message."""
    rows = [
        {
            "run_id": f"{transport}-{repeat}",
            "transport": transport,
            "client": client,
            "repeat": repeat,
            "connection_id": 0,
            "seq": seq,
            "payload_bytes": 64,
            "scheduled_ns": 0,
            "sent_ns": 0,
            "received_ns": None if math.isnan(latency) else round(latency * 1e6),
            "duplicate": False,
            "latency_ms": latency,
            "service_ms": latency,
        }
        for transport, runs in runs_by_transport.items()
        for repeat, run in enumerate(runs)
        for seq, latency in enumerate(run)
    ]
    return check(pd.DataFrame(rows).astype({"received_ns": "Int64"}), "deliveries")


def lognormal(
    seed: int, repeats: int, median_ms: float, *, spread: float = 0.0, messages: int = 200
) -> list[np.ndarray]:
    """Draw runs of log-normal latencies, each run with a speed of its own."""
    chance = np.random.default_rng(seed)
    speeds = median_ms * np.exp(chance.normal(0, spread, repeats))
    return [speed * np.exp(chance.normal(0, 0.5, messages)) for speed in speeds]


def test_transports_come_in_the_order_of_the_course() -> None:
    table = summary(deliveries({name: [[1.0]] for name in ("polling", "websocket", "sse")}))
    assert table["transport"].tolist() == ["sse", "websocket", "polling"]


def test_clients_of_one_transport_are_kept_apart() -> None:
    both = pd.concat(
        [deliveries({"sse": [[1.0]]}), deliveries({"sse": [[3.0]]}, client="other")], ignore_index=True
    )
    table = summary(both)
    assert list(zip(table["client"], table["median_ms"], strict=True)) == [("other", 3.0), ("rtlab", 1.0)]


def test_percentiles_are_latencies_that_occurred() -> None:
    row = summary(deliveries({"sse": [np.arange(1.0, 201.0)]})).iloc[0]
    assert (row["median_ms"], row["p95_ms"], row["p99_ms"], row["max_ms"]) == (100.0, 190.0, 198.0, 200.0)


@pytest.mark.parametrize(
    ("messages", "p95", "p99"), [(19, False, False), (20, True, False), (99, True, False), (100, True, True)]
)
def test_a_percentile_needs_a_message_beyond_it(messages: int, p95: bool, p99: bool) -> None:
    row = summary(deliveries({"sse": [np.arange(1.0, messages + 1)]})).iloc[0]
    assert (not math.isnan(row["p95_ms"]), not math.isnan(row["p99_ms"])) == (p95, p99)


def test_losing_the_slow_messages_does_not_make_percentiles_better() -> None:
    slow = np.arange(1.0, 101.0)
    lossy = np.where(slow > 94, np.nan, slow)
    row = summary(deliveries({"sse": [slow], "websocket": [lossy]})).set_index("transport")
    assert row.loc["sse", "p95_ms"] == 95.0
    assert row.loc["websocket", "p95_ms"] == row.loc["websocket", "max_ms"] == math.inf
    assert row.loc["websocket", "median_ms"] == 50.0
    assert (row.loc["websocket", "expected"], row.loc["websocket", "delivered"], row.loc["websocket", "lost"]) == (
        100,
        94,
        6,
    )


def test_a_duplicate_is_counted_and_its_time_is_not() -> None:
    frame = deliveries({"sse": [[1.0, 2.0, 50.0]]})
    frame.loc[2, ["seq", "duplicate"]] = [1, True]
    row = summary(frame).iloc[0]
    assert (row["expected"], row["duplicated"], row["max_ms"]) == (2, 1, 2.0)


def test_one_run_has_no_interval() -> None:
    row = summary(deliveries({"sse": lognormal(1, 1, 1.0)})).iloc[0]
    assert math.isnan(row["median_low_ms"]) and math.isnan(row["median_high_ms"])


def test_the_interval_holds_the_median_and_repeats_with_its_seed() -> None:
    frame = deliveries({"sse": lognormal(2, 5, 1.0, spread=0.1)})
    row = summary(frame).iloc[0]
    assert row["median_low_ms"] < row["median_ms"] < row["median_high_ms"]
    pd.testing.assert_frame_equal(summary(frame), summary(frame))
    assert summary(frame, seed=2)["median_low_ms"].iloc[0] != row["median_low_ms"]


def test_messages_of_one_run_are_not_independent_witnesses() -> None:
    # The same 600 latencies: once spread evenly over the runs, once one run slow, one middling, one fast.
    latencies = np.sort(np.concatenate(lognormal(3, 3, 1.0)))
    mixed = summary(deliveries({"sse": [latencies[start::3] for start in range(3)]})).iloc[0]
    parted = summary(deliveries({"sse": np.split(latencies, 3)})).iloc[0]
    assert mixed["median_ms"] == parted["median_ms"]
    assert parted["median_high_ms"] / parted["median_low_ms"] > 3 * mixed["median_high_ms"] / mixed["median_low_ms"]


@pytest.mark.parametrize(("repeats", "spread"), [(3, 0.0), (3, 0.2), (5, 0.2)])
def test_the_interval_covers_the_truth_as_often_as_it_says(repeats: int, spread: float) -> None:
    covered = 0
    for seed in range(40):
        row = summary(deliveries({"sse": lognormal(seed, repeats, 1.0, spread=spread, messages=40)})).iloc[0]
        covered += row["median_low_ms"] <= 1.0 <= row["median_high_ms"]
    assert covered >= 36  # of 40: below this, "95 %" would be a false promise


def test_equal_transports_are_rarely_told_apart() -> None:
    told = 0
    for seed in range(40):
        frame = deliveries(
            {
                "sse": lognormal(2 * seed, 3, 1.0, spread=0.2, messages=40),
                "websocket": lognormal(2 * seed + 1, 3, 1.0, spread=0.2, messages=40),
            }
        )
        told += difference(frame, "sse", "websocket").verdict != "no clear difference"
    assert told <= 4


@pytest.mark.parametrize(("a", "b"), [("sse", "polling"), ("polling", "sse")])
def test_a_clear_difference_names_the_faster_transport(a: str, b: str) -> None:
    frame = deliveries({"sse": lognormal(5, 4, 1.0, spread=0.05), "polling": lognormal(6, 4, 50.0, spread=0.05)})
    found = difference(frame, a, b)
    assert (found.verdict, found.reason, found.repeats) == ("SSE is faster", "", 4)
    assert found.ratio == found.median_b_ms / found.median_a_ms
    assert found.ratio_low < found.ratio < found.ratio_high
    assert (found.ratio > 1) == (a == "sse")


def test_pairing_takes_out_the_weather_that_both_had() -> None:
    weather = np.exp(np.random.default_rng(7).normal(0, 1.0, 6))
    sse, websocket = lognormal(8, 6, 1.0, messages=500), lognormal(9, 6, 2.0, messages=500)
    paired = deliveries(
        {
            "sse": [w * run for w, run in zip(weather, sse, strict=True)],
            "websocket": [w * run for w, run in zip(weather, websocket, strict=True)],
        }
    )
    crossed = deliveries(
        {
            "sse": [w * run for w, run in zip(weather, sse, strict=True)],
            "websocket": [w * run for w, run in zip(np.roll(weather, 1), websocket, strict=True)],
        }
    )
    assert difference(paired, "sse", "websocket").verdict == "SSE is faster"
    assert difference(crossed, "sse", "websocket").verdict == "no clear difference"


def test_two_repeats_are_too_few_for_a_verdict() -> None:
    frame = deliveries({"sse": lognormal(10, 2, 1.0), "polling": lognormal(11, 2, 50.0)})
    found = difference(frame, "sse", "polling")
    assert (found.verdict, found.reason) == ("no clear difference", "there are fewer than 3 repeats")


def test_only_repeats_that_both_have_are_compared() -> None:
    frame = deliveries({"sse": [[9.0], [1.0], [1.0]], "polling": [[5.0]] * 3})
    found = difference(frame[frame["run_id"] != "polling-0"], "sse", "polling")
    assert (found.repeats, found.median_a_ms) == (2, 1.0)


def test_a_gap_below_the_resolution_is_no_difference_however_certain() -> None:
    frame = deliveries({"sse": [[0.20] * 50] * 5, "websocket": [[0.24] * 50] * 5})
    found = difference(frame, "sse", "websocket")
    assert found.ratio_low > 1
    assert (found.verdict, found.reason) == (
        "no clear difference",
        "the gap is below the 0.05 ms that can be told apart",
    )
    assert difference(frame, "sse", "websocket", resolution_ms=0.01).verdict == "SSE is faster"


def test_without_a_median_there_is_no_verdict() -> None:
    mostly_lost = [[1.0, math.nan, math.nan]] * 3
    found = difference(deliveries({"sse": mostly_lost, "websocket": [[1.0] * 3] * 3}), "sse", "websocket")
    assert found.verdict == "no clear difference"
    assert "more than half was lost" in found.reason
    assert found.text.endswith("median inf ms for SSE, 1 ms for WebSocket (3 pairs of runs).")


def test_the_text_is_one_sentence_with_medians_ratio_and_pairs() -> None:
    frame = deliveries({"sse": [[1.0] * 20] * 3, "websocket": [[2.0] * 20] * 3})
    assert difference(frame, "sse", "websocket").text == (
        "SSE is faster: median 1 ms for SSE, 2 ms for WebSocket "
        "(WebSocket / SSE = 2.00, 95 % interval 2.00 to 2.00, 3 pairs of runs)."
    )


def test_comparing_a_transport_with_itself_or_with_nothing_is_refused() -> None:
    frame = deliveries({"sse": [[1.0]] * 3})
    with pytest.raises(InputError, match="no repeat to compare"):
        difference(frame, "sse", "sse")
    with pytest.raises(InputError, match="'polling', found none"):
        difference(frame, "sse", "polling")


def test_two_clients_of_one_transport_are_not_mixed() -> None:
    frame = pd.concat(
        [deliveries({"sse": [[1.0]], "polling": [[9.0]]}), deliveries({"sse": [[1.0]]}, client="other")],
        ignore_index=True,
    )
    with pytest.raises(InputError, match="found other and rtlab"):
        difference(frame, "sse", "polling")


@pytest.mark.parametrize(
    ("value_ms", "text"), [(0.3141, "0.314 ms"), (52.16, "52.2 ms"), (1204.4, "1,204 ms"), (2.0, "2 ms")]
)
def test_times_are_written_with_the_digits_that_mean_something(value_ms: float, text: str) -> None:
    assert milliseconds(value_ms) == text


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.floats(0.01, 1000) | st.just(math.nan), min_size=1, max_size=30), min_size=1, max_size=5)
)
def test_percentiles_never_cross(runs: list[list[float]]) -> None:
    row = summary(deliveries({"sse": runs})).iloc[0]
    seen = [row[name] for name in ("median_ms", "p95_ms", "p99_ms", "max_ms") if not math.isnan(row[name])]
    assert seen == sorted(seen)
    assert row["delivered"] + row["lost"] == row["expected"] == sum(map(len, runs))
    if not math.isnan(row["median_low_ms"]):
        assert row["median_low_ms"] <= row["median_high_ms"]
