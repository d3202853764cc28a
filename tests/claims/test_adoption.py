"""The claims on adoption judge from what ran: with other trials they say something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtlab.claims import adoption as claims
from rtlab.findings.adoption import StackTrial
from rtlab.results.adoption import dated
from rtlab.servers.lab import Lab

SHIPPED = {trial.stack: trial for trial in dated().trials}
NO_SOCKET = {"ok": None, "non_strict": None, "failed": None}


def judged(claim: str, lab: Lab, monkeypatch: pytest.MonkeyPatch, **changed: StackTrial) -> str:
    known = SHIPPED | {trial.stack: trial for trial in changed.values()}
    monkeypatch.setattr(claims, "_trials", lambda *names: {name: known[name] for name in names})
    return claims.EXPERIMENTS[claim](lab).verdict


def test_equal_servers_are_equally_easy(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("C63", lab, monkeypatch) == "needs measuring"
    plain = replace(SHIPPED["go"], stack="javascript-builtins")
    bare = replace(SHIPPED["go"], stack="python-websockets")
    assert judged("C63", lab, monkeypatch, bare=bare) == "wrong"
    assert judged("C63", lab, monkeypatch, plain=plain, bare=bare) == "holds"


def test_a_framework_that_loses_events_does_not_offer_them(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("C65", lab, monkeypatch) == "holds"
    assert judged("C65", lab, monkeypatch, lossy=replace(SHIPPED["quarkus"], lost=3)) == "wrong"
    assert judged("C65", lab, monkeypatch, deaf=replace(SHIPPED["quarkus"], **NO_SOCKET)) == "wrong"


def test_a_recent_akka_under_a_free_licence_would_do(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("C66", lab, monkeypatch) == "imprecise"
    assert judged("C66", lab, monkeypatch, new=replace(SHIPPED["akka-http"], released="2026-01-01")) == "holds"
    assert judged("C66", lab, monkeypatch, lossy=replace(SHIPPED["play"], lost=1)) == "wrong"


def test_what_the_article_leaves_out_counts_only_if_it_works(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged("C67", lab, monkeypatch) == "imprecise"
    ws = replace(SHIPPED["node-ws"], lost=9)
    plain = replace(SHIPPED["javascript-builtins"], lost=9)
    assert judged("C67", lab, monkeypatch, ws=ws, plain=plain) == "holds"
    assert judged("C67", lab, monkeypatch, total=replace(SHIPPED["total-js"], lost=1)) == "wrong"
