from __future__ import annotations

import socket
import sys
from contextlib import ExitStack

import psutil
import pytest

from rtlab.errors import InputError
from rtlab.experiments import herd
from rtlab.experiments.herd import STRATEGIES, common_costs, herd_return, interval_s, measure_herd, most_connections
from rtlab.findings.herd import HerdCosts
from rtlab.resources import data_path

pytestmark = pytest.mark.measuring

FOLDER = data_path("reference_programs")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_all_clients_come_back_and_each_attempt_is_counted(strategy: str) -> None:
    found, costs = measure_herd(FOLDER, strategy, clients=30)
    assert (found.strategy, found.source, found.clients) == (strategy, "measured", 30)
    assert found.back_95_s is not None
    assert found.back_all_s is not None
    assert herd.DOWN_S <= found.back_95_s <= found.back_all_s
    assert found.attempts == sum(found.slices) >= 30
    assert found.peak == max(found.slices)
    assert 0 < costs.notice_first_s <= costs.notice_last_s
    assert costs.backlog > 0


def test_a_fixed_delay_keeps_the_herd_together_and_jitter_parts_it() -> None:
    together, parted = (
        measure_herd(FOLDER, strategy, clients=40)[0] for strategy in ("fixed delay", "full jitter")
    )
    assert sum(1 for count in parted.slices if count) > sum(1 for count in together.slices if count)


def test_attempts_and_returns_are_summed_up() -> None:
    found = herd_return("full jitter", "measured", 20, [0.05, 0.15, 0.15], [float(n) for n in range(1, 21)])
    assert found.slices == (1, 2)
    assert (found.attempts, found.peak) == (3, 2)
    assert (found.back_95_s, found.back_all_s) == (19.0, 20.0)


def test_who_is_not_back_is_told() -> None:
    found = herd_return("full jitter", "measured", 20, [0.05], [float(n) for n in range(1, 20)])
    assert (found.back_95_s, found.back_all_s) == (19.0, None)


def test_one_moment_may_stand_for_several_clients() -> None:
    found = herd_return("full jitter", "simulated", 200, [0.05, 0.05], [float(n) for n in range(1, 21)], weight=10)
    assert (found.attempts, found.peak) == (20, 20)
    assert (found.back_95_s, found.back_all_s) == (19.0, 20.0)


def test_the_interval_is_that_of_the_densest_part() -> None:
    assert interval_s([0.0, 1.0, 2.0, 2.1, 2.2, 9.0], 0.5) == pytest.approx(0.4)
    assert interval_s([0.0, 1.0], 0.5) == 0.0


def test_of_several_runs_the_quickest_counts() -> None:
    costs = common_costs([HerdCosts(0.2, 9, 0.3, 0.0, 1.0), HerdCosts(0.1, 9, 0.4, 0.2, 3.0)])
    assert costs == HerdCosts(0.1, 9, 0.3, 0.1, 2.0)


@pytest.mark.parametrize(
    ("strategy", "clients"), [("at once", 100), ("full jitter", 9), ("full jitter", 2_001), ("full jitter", 50.0)]
)
def test_settings_out_of_range_are_refused(strategy: str, clients: float) -> None:
    with pytest.raises(InputError, match="full jitter"):
        measure_herd(FOLDER, strategy, clients)  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_more_clients_than_open_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 256))
    with pytest.raises(InputError, match="about 156 connections"):
        measure_herd(FOLDER, "full jitter", 500)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_what_is_open_already_leaves_less_for_a_herd(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 256))
    with ExitStack() as stack:
        for _ in range(120):
            stack.enter_context(socket.socket())
        assert most_connections() + psutil.Process().num_fds() <= 256
