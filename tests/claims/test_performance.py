"""The experiments on performance judge from what they see: with other findings they say something else."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from rtlab.claims import performance
from rtlab.claims.ledger import ledger
from rtlab.findings.messages import MessageCost
from rtlab.findings.performance import Drained, FactorEffect, FileTransfer, JoinedSends, SizeLimit
from rtlab.findings.upstream import Upstream
from rtlab.results.effects import Effects
from rtlab.servers.lab import Lab


def run(way: str, rate: float) -> Drained:
    return Drained("x", way, 50, 32, 1.0, int(rate), int(rate) * 40, 0, 0.9, 0.3)


def test_libraries_that_agree_settle_it_and_others_do_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = {"rtlab": 1_000.0, "tornado": 1_000.0}
    monkeypatch.setattr(
        performance,
        "measure_speeds",
        lambda *arguments, library, **settings: (
            (run("sse", 1_000), run("sse", 1_001)),
            (run("websocket", speeds[library]), run("websocket", speeds[library] + 1)),
        ),
    )
    assert performance.perform_alike(lab).verdict == "holds"
    speeds |= {"rtlab": 2_000.0, "tornado": 3_000.0}
    assert performance.perform_alike(lab).verdict == "wrong"
    speeds["tornado"] = 500.0
    assert performance.perform_alike(lab).verdict == "needs measuring"
    speeds["tornado"] = 1_000.0
    assert performance.perform_alike(lab).verdict == "needs measuring"


def test_ways_that_cost_nothing_or_the_same_are_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = dict.fromkeys(("SSE event, no id", "WebSocket, server", "SSE event, base64", "WebSocket, binary"), 0)
    monkeypatch.setattr(
        performance,
        "message_costs",
        lambda lab, sizes: [
            MessageCost(way, "text", size, size + more) for way, more in beside.items() for size in sizes
        ],
    )
    assert performance.no_limit_built_in(lab).verdict == "holds"
    beside["SSE event, no id"] = 13
    assert performance.no_limit_built_in(lab).verdict == "imprecise"


def test_a_client_that_answers_each_message_would_be_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    up, joined = {"sse": 0, "websocket": 300_000}, 9_000.0
    monkeypatch.setattr(
        performance, "push_only", lambda lab, way, count: Upstream(way, count, count, 100, up[way], 1_700_000)
    )
    monkeypatch.setattr(
        performance,
        "measure_joined",
        lambda *arguments, **settings: [
            JoinedSends(way, join, (run(way, rate),))
            for way in ("sse", "websocket")
            for join, rate in ((1, 1_000.0), (16, joined))
        ],
    )
    assert performance.fire_and_forget(lab).verdict == "holds"
    up["websocket"] = 12
    assert performance.fire_and_forget(lab).verdict == "wrong"
    joined = 1_000.0
    assert performance.fire_and_forget(lab).verdict == "needs measuring"


def test_only_the_parser_or_nothing_at_all_would_be_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = {"client's parser": 9.0, "TLS": 9.0}
    monkeypatch.setattr(
        performance,
        "factors",
        lambda *arguments, **settings: Effects(
            [
                FactorEffect(factor, "websocket", "a → b", "time", (1.0, 1.1, 0.9), (us, us + 0.1, us - 0.1))
                for factor, us in changed.items()
            ]
        ),
    )
    assert performance.only_the_client(lab).verdict == "wrong"
    changed["TLS"] = 1.0
    assert performance.only_the_client(lab).verdict == "holds"
    changed["client's parser"] = 1.0
    assert performance.only_the_client(lab).verdict == "needs measuring"


def test_files_that_cost_much_or_nothing_everywhere_are_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = {"sse": 1_340, "websocket": 1_400}
    monkeypatch.setattr(
        performance,
        "transfer_files",
        lambda *arguments, **settings: [
            FileTransfer(way, 1_000, size, (5.0,), 2_000) for way, size in wire.items()
        ],
    )
    monkeypatch.setattr(performance, "size_limits", lambda lab: [SizeLimit("server", 1_048_576, 1009)])
    assert performance.files_cost(lab).verdict == "holds"
    wire["websocket"] = 1_004
    found = performance.files_cost(lab)
    assert found.verdict == "needs measuring"
    assert found.numbers["close code server"] == 1009
    wire["sse"] = 1_004
    assert performance.files_cost(lab).verdict == "wrong"


def test_faults_that_the_runs_do_not_reveal_are_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = [{"stall", "own"}, {"stall", "other"}, {"stall"}, {"stall"}, {"stall"}]

    def benchmark(lab: Lab, number: int) -> SimpleNamespace:
        checks = ["stall", "own", "other"]
        passed = [check not in failing[number - 1] for check in checks]
        return SimpleNamespace(validity=pd.DataFrame({"check": checks, "passed": passed}))

    monkeypatch.setattr(performance, "broken", benchmark)
    found = performance.own_tests(lab)
    assert (found.verdict, found.numbers["signs of survivors only"]) == ("imprecise", 1)
    failing[:2] = [{"stall"}, {"stall"}]
    assert performance.own_tests(lab).verdict == "wrong"
    failing[:] = [{check} for check in ("own", "other", "own", "stall", "stall")]
    assert performance.own_tests(lab).verdict == "holds"


def test_claims_on_performance_are_tried() -> None:
    live = {claim.id for claim in ledger("Performance") if claim.kind == "live"}
    assert live <= performance.EXPERIMENTS.keys()
