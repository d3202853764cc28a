from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments.broken_benchmarks import BENCHMARKS, SOUND, WORKLOADS, run_benchmark
from rtlab.results.broken import _FAULTS, FAULTS, BrokenBenchmark, broken
from rtlab.servers.lab import Lab, start_lab

pytestmark = pytest.mark.measuring

NOISY = "the first messages were warm"
"""On a busy machine an honest benchmark may fail this check, too."""
CHECKS = {fault.check for fault in _FAULTS.values() if fault.check}


@pytest.fixture(scope="module")
def found() -> dict[int, BrokenBenchmark]:
    """Every benchmark, really run."""
    with start_lab("broken-benchmarks") as lab:
        return {number: broken(lab, number) for number in range(1, 7)}


def failed(benchmark: BrokenBenchmark) -> set[str]:
    report = benchmark.validity
    return set(report.loc[~report["passed"], "check"])


@pytest.fixture(params=range(1, 6))
def planted(request: pytest.FixtureRequest, found: dict[int, BrokenBenchmark]) -> Iterator[BrokenBenchmark]:
    yield found[request.param]


def test_there_are_five_faults_and_one_sound_benchmark(found: dict[int, BrokenBenchmark]) -> None:
    assert [each.answer for each in found.values()] == list(FAULTS)
    assert set(FAULTS) == {
        "timing the close",
        "no warm-up",
        "server-side clock",
        "survivors only",
        "closed loop",
        "nothing",
    }
    assert set(BENCHMARKS) | {SOUND} == set(FAULTS) == set(_FAULTS)
    assert set(WORKLOADS) == set(BENCHMARKS)


def test_each_fault_is_caught_by_its_check_and_by_that_of_no_other(planted: BrokenBenchmark) -> None:
    check = _FAULTS[planted.answer].check
    assert check in failed(planted)
    # Without that check nothing that is certain would object: "nothing was lost" goes with the survivors.
    assert failed(planted) & (CHECKS - {NOISY, check}) == set()
    assert not planted.valid


def test_the_sound_benchmark_passes_all_these_checks(found: dict[int, BrokenBenchmark]) -> None:
    assert failed(found[6]) & (CHECKS - {NOISY}) == set()
    assert found[6].check("nothing")


def test_naming_the_fault_is_right_and_says_why(planted: BrokenBenchmark) -> None:
    judged = planted.check(f" {planted.answer.upper()} ")
    assert judged
    assert repr(judged).startswith(f"Right: the check {_FAULTS[planted.answer].check!r} failed (")
    assert judged.text.endswith(_FAULTS[planted.answer].why)


@pytest.mark.parametrize("number", range(1, 7))
def test_naming_another_is_wrong_and_gives_nothing_away(found: dict[int, BrokenBenchmark], number: int) -> None:
    for name in set(FAULTS) - {found[number].answer}:
        judged = found[number].check(name)
        assert not judged
        assert repr(judged).startswith("No: ")
        assert found[number].answer not in judged.text
        assert _FAULTS[found[number].answer].why not in judged.text


def test_a_name_that_is_no_fault_is_refused(planted: BrokenBenchmark) -> None:
    with pytest.raises(InputError, match="closed loop, no warm-up, nothing, server-side clock, survivors only"):
        planted.check("bad luck")


@pytest.mark.parametrize("number", range(1, 7))
def test_what_is_shown_does_not_give_the_fault_away(found: dict[int, BrokenBenchmark], number: int) -> None:
    shown = found[number]
    figure = shown.figure()
    words = f"{shown!r} {shown._repr_mimebundle_()} {figure.layout.title.text} {figure.layout.meta}".lower()
    assert shown.text in repr(shown)
    for fault in _FAULTS.values():
        assert fault.name == SOUND or fault.name not in words
    assert "not valid" not in words


def test_the_claims_follow_from_the_figures(found: dict[int, BrokenBenchmark]) -> None:
    rows = {number: each.table.set_index("transport") for number, each in found.items()}
    assert rows[1].loc["sse", "p95_ms"] > 500 > rows[1].loc["websocket", "p95_ms"]
    assert rows[3].loc["websocket", "messages_per_s"] > 1.5 * rows[3].loc["sse", "messages_per_s"]
    assert found[5].recording.deliveries[0].received_ns == found[5].recording.deliveries[0].sent_ns
    for table in rows.values():
        assert list(table) == ["messages_per_s", "median_ms", "p95_ms", "max_ms"]
        assert table.notna().all(axis=None)


@pytest.mark.parametrize("number", [0, 7, -1])
def test_a_number_that_does_not_exist_is_refused(lab: Lab, number: int) -> None:
    with pytest.raises(InputError, match="1 to 5"):
        broken(lab, number)


def test_a_fault_that_does_not_exist_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="closed loop"):
        run_benchmark(lab, "bad luck")


@pytest.mark.parametrize("options", [{"ids": False}, {"retry_ms": 100}, {"retry_ms": 60_000}])
def test_a_lab_on_which_a_fault_would_not_show_is_refused(make_lab: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="ids and a retry_ms"):
        broken(make_lab(**options), 1)


def test_a_check_that_fails_without_the_fault_is_no_evidence(lab: Lab) -> None:
    cold = run_benchmark(lab, "no warm-up")
    mistaken = BrokenBenchmark("closed loop", cold)  # as if this one had been noisy
    assert "failed" not in mistaken.check("no warm-up").text
    assert "passed" in mistaken.check("survivors only").text


def test_a_lab_that_was_stopped_is_refused(lab: Lab) -> None:
    lab.stop()
    with pytest.raises(LabNotRunning):
        broken(lab, 2)


def test_a_lab_in_a_process_of_its_own_serves_as_well() -> None:
    with start_lab("broken-isolated", isolated=True) as lab:
        closed = broken(lab, 2)
    assert _FAULTS["closed loop"].check in failed(closed)
    assert closed.recording.conditions["route"] == "own process"
    assert all(run.server_cpu_ns is not None for run in closed.recording.runs)
