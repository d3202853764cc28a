from __future__ import annotations

from dataclasses import replace

import pytest

from rtlab.errors import InputError, RtlabError
from rtlab.experiments.herd import ATTEMPT_TIMEOUT_S, DOWN_S, STRATEGIES
from rtlab.experiments.herd_simulation import HerdSimulation
from rtlab.findings.herd import HerdCosts, HerdReturn

COSTS = HerdCosts(service_s=0.001, backlog=1_024, knock_s=0.0005, notice_first_s=0.0, notice_last_s=0.1)
MODEL = HerdSimulation(COSTS)
MEASURED = [replace(MODEL.run(strategy, 500), source="measured") for strategy in STRATEGIES]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_all_clients_come_back(strategy: str) -> None:
    found = MODEL.run(strategy, 300)
    assert found.back_all_s is not None
    assert found.back_all_s > DOWN_S
    assert found.attempts == sum(found.slices) >= 300


def test_the_same_seed_gives_the_same_herd() -> None:
    assert MODEL.run("full jitter", 200, seed=7) == MODEL.run("full jitter", 200, seed=7)
    assert MODEL.run("full jitter", 200, seed=7) != MODEL.run("full jitter", 200, seed=8)


def test_a_queue_is_served_one_after_another() -> None:
    found = MODEL.run("fixed delay", 500)  # all knock at 1 s, in vain, and from 2 s on
    assert found.attempts == 1_000
    assert found.back_all_s == pytest.approx(2.0 + 500 * COSTS.service_s, abs=0.15)


def test_who_finds_no_room_asks_again() -> None:
    crowded = HerdSimulation(replace(COSTS, backlog=10, knock_s=0.0, notice_last_s=0.0)).run("fixed delay", 100)
    roomy = HerdSimulation(replace(COSTS, backlog=100, knock_s=0.0, notice_last_s=0.0)).run("fixed delay", 100)
    assert roomy.attempts == 200
    assert crowded.attempts > 300
    assert roomy.back_all_s is not None and crowded.back_all_s is not None
    assert crowded.back_all_s > roomy.back_all_s + ATTEMPT_TIMEOUT_S


def test_more_servers_are_quicker() -> None:
    one, ten = (MODEL.run("full jitter", 20_000, servers=servers).back_95_s for servers in (1, 10))
    assert one is not None and ten is not None
    assert ten < one


def test_processes_that_stand_for_several_clients_come_back_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = MODEL.run("full jitter", 4_000)
    monkeypatch.setattr("rtlab.experiments.herd_simulation.MOST_PROCESSES", 1_000)
    coarse = MODEL.run("full jitter", 4_000)
    assert fine.back_95_s is not None
    assert coarse.back_95_s == pytest.approx(fine.back_95_s, rel=0.1)
    assert coarse.attempts == pytest.approx(fine.attempts, rel=0.1)
    assert coarse.peak == pytest.approx(fine.peak, rel=0.3)


def test_what_is_reproduced_may_be_extrapolated_with_a_machine_for_each_client() -> None:
    assert HerdSimulation.checked(MEASURED, [COSTS] * 4).costs == replace(COSTS, knock_s=0.0)


def planted(**changes: object) -> list[HerdReturn]:
    return [*MEASURED[:3], replace(MEASURED[3], **changes)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (planted(peak=3 * MEASURED[3].peak), "retry: from the server: a peak of"),
        (planted(peak=MEASURED[3].peak // 3), "retry: from the server: a peak of"),
        (planted(back_95_s=4.0), "s until 95 % are back, not 4.0 s"),
        (planted(back_95_s=None), "not all came back"),
    ],
)
def test_what_is_not_reproduced_is_not_extrapolated(measured: list[HerdReturn], said: str) -> None:
    with pytest.raises(RtlabError, match="does not reproduce the measured herd") as refused:
        HerdSimulation.checked(measured, [COSTS] * 4)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"clients": 9},
        {"clients": 10_000_001},
        {"clients": 100, "servers": 0},
        {"clients": 1e6},
        {"clients": 100, "servers": 1.5},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match="servers: from 1"):
        MODEL.run("full jitter", **settings)  # type: ignore[arg-type]
