from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.speeds import measure_ages, measure_joined, measure_speeds

pytestmark = pytest.mark.measuring

SECONDS = 0.1


def test_each_size_and_number_of_connections_is_measured_over_both() -> None:
    told: list[tuple[int, int]] = []
    found = measure_speeds(
        [32, 64], [2], seconds=SECONDS, repeats=1, progress=lambda done, total, text: told.append((done, total))
    )
    assert [(runs[0].way, runs[0].payload_bytes, len(runs)) for runs in found] == [
        ("sse", 32, 1),
        ("websocket", 32, 1),
        ("sse", 64, 1),
        ("websocket", 64, 1),
    ]
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4)]


def test_paced_runs_keep_their_rate_and_ages() -> None:
    found = measure_ages([100], [2], seconds=0.3, repeats=1)
    assert [(rate, runs[0].way) for rate, runs in found] == [(100, "sse"), (100, "websocket")]
    assert all(runs[0].ages_us for _, runs in found)


def test_joined_runs_keep_how_many_left_together_and_the_ages_in_bursts() -> None:
    found = measure_joined([1, 4], connections=2, seconds=0.2, repeats=1)
    assert [(each.way, each.join) for each in found] == [("sse", 1), ("sse", 4), ("websocket", 1), ("websocket", 4)]
    assert all(run.deliveries for each in found for run in each.runs)
    for each in found:
        bursts = each.together + each.alone
        assert len(bursts) == 2 * (each.join > 1)
        assert all(len(run.ages_us) == run.deliveries > 0 for run in bursts)


def test_the_speed_alone_takes_no_bursts() -> None:
    (sse, websocket) = measure_joined([2], connections=1, seconds=SECONDS, repeats=1, ages=False)
    assert (sse.together, websocket.alone) == ((), ())


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(InputError, match="rates_per_s"):
        measure_ages([0], [1])
    with pytest.raises(InputError, match="pending"):
        measure_joined([0])
    with pytest.raises(InputError, match="connections"):
        measure_speeds([32], [0])
