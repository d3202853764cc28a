"""Attacks that want to use a lab up: they succeed where their guard is off, and nowhere else."""

import sys
from dataclasses import fields

import pytest

from rtlab.experiments.attack_exhaustion import FAMILY, attempts, targets, weighed
from rtlab.experiments.exhaustion_cases import CASES
from rtlab.servers.guards import Guards

QUICK_S = 5.0
ELSEWHERE = {"check_host": "cross_site", "check_origin": "cross_site"}
"""Guards that attacks of another family prove."""
EXCEPTIONS = {"hosts", "origins"}
"""Lists of what a guard lets in."""


@pytest.fixture(scope="module")
def found():
    return attempts(QUICK_S)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack)
def test_each_attack_succeeds_without_its_guard_and_fails_with_it(found, case):
    outcomes = {each.target: each.succeeded for each in found if each.attack == case.attack}
    wanted = {"naive": True, "fixed": False, "default lab": False}
    assert outcomes == {target: wanted[target] for target in targets(case, QUICK_S)}


def test_each_attempt_tells_what_was_seen_and_what_helps(found):
    for each in found:
        assert each.family == FAMILY
        assert each.seen and each.fix and each.spec


def test_a_frame_header_alone_brings_the_refusal(found):
    refused = [each for each in found if each.attack == "a message of 2^40 bytes" and not each.succeeded]
    assert [each.target for each in refused] == ["fixed", "default lab"]
    for each in refused:
        assert len(each.sent) == 14
        assert each.sent[2:10] == (1 << 40).to_bytes(8)
        assert (1009).to_bytes(2) in each.received


def test_each_limit_of_the_guards_has_an_attack():
    attacked = {case.guard for case in CASES} | ELSEWHERE.keys() | EXCEPTIONS
    assert attacked == {field.name for field in fields(Guards)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack)
def test_a_value_that_switches_a_guard_off_is_looser_than_the_default(case):
    default = getattr(Guards(), case.guard)
    if case.guard == "spare_descriptors":
        assert case.off < default
    else:
        assert case.off > 1_000 * default
    assert case.tight is None or case.tight < default


@pytest.mark.measuring
@pytest.mark.timeout(300)
def test_the_default_lab_gives_up_whoever_is_slow(unique_name):
    slow = [case for case in CASES if case.default_s and case.default_s > QUICK_S]
    assert {case.guard for case in slow} == {"header_timeout_s", "body_timeout_s", "idle_timeout_s"}
    outcomes = {(each.attack, each.target): each.succeeded for each in attempts(90.0, slow)}
    for case in slow:
        assert outcomes[case.attack, "naive"]
        assert not outcomes[case.attack, "default lab"]


@pytest.mark.measuring
@pytest.mark.timeout(300)
def test_a_bomb_costs_a_guarded_process_a_small_part_of_what_it_unpacks_to():
    bomb = next(case for case in CASES if case.attack == "a decompression bomb")
    naive, default = (weighed(bomb, target, QUICK_S) for target in ("naive", "default lab"))
    assert naive.attempt.succeeded and not default.attempt.succeeded
    assert naive.memory_bytes > 32 * 1_048_576 > 2 * default.memory_bytes
    assert naive.bytes_up == default.bytes_up < 40_000
    assert naive.refused_ns is None and default.refused_ns > 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere another process's limit cannot be set")
def test_where_the_system_cannot_limit_a_process_that_attack_is_left_out(monkeypatch):
    case = next(case for case in CASES if case.descriptors)
    assert targets(case, QUICK_S) == ("naive", "fixed", "default lab")
    monkeypatch.setattr("sys.platform", "win32")
    assert targets(case, QUICK_S) == ()
