"""C14 and C52: the verdict follows from what was seen, and only from that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtlab.claims import security
from rtlab.experiments.attack_cross_site import attempts_over_both
from rtlab.experiments.hijack import try_hijacking
from rtlab.findings.attacks import Attempt
from rtlab.findings.cross_site import HijackTry
from rtlab.servers.lab import Lab


@pytest.fixture(scope="module")
def over_both() -> tuple[Attempt, ...]:
    return attempts_over_both()


def judged(monkeypatch: pytest.MonkeyPatch, lab: Lab, found: tuple[Attempt, ...]) -> str:
    monkeypatch.setattr(security, "attempts_over_both", lambda: found)
    return security.weakness_of_websocket(lab).verdict


def test_more_attacks_on_websocket_only_without_guards_are_imprecise(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, over_both: tuple[Attempt, ...]
) -> None:
    assert judged(monkeypatch, lab, over_both) == "imprecise"


def test_an_attack_on_websocket_that_guards_do_not_stop_makes_the_claim_hold(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, over_both: tuple[Attempt, ...]
) -> None:
    worse = tuple(replace(each, succeeded=True) if each.transport == "websocket" else each for each in over_both)
    assert judged(monkeypatch, lab, worse) == "holds"


def test_as_many_attacks_on_both_make_the_claim_wrong(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, over_both: tuple[Attempt, ...]
) -> None:
    equal = tuple(replace(each, succeeded=each.target == "naive") for each in over_both)
    assert judged(monkeypatch, lab, equal) == "wrong"


def test_hijacking_holds_without_a_browser_too(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "has_browser", lambda kind: False)
    evidence = security.hijacking(lab)
    assert evidence.verdict == "holds"
    assert evidence.numbers == {"no defence": 1, "SameSite": 0, "Origin check": 0, "token": 0}
    assert "sent by a program" in evidence.finding


def test_hijacking_that_reads_nothing_makes_the_claim_wrong(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(places: tuple[str, ...], *, in_browser: bool) -> tuple[HijackTry, ...]:
        return tuple(replace(each, read=False) for each in try_hijacking(places, in_browser=False))

    monkeypatch.setattr(security, "try_hijacking", without)
    assert security.hijacking(lab).verdict == "wrong"
