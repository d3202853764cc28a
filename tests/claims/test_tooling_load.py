"""The experiments on load tools judge from what they see: with other findings they say something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rtlab.claims import tooling_load
from rtlab.claims.evidence import try_claims
from rtlab.errors import MissingExtra
from rtlab.findings.tools import ToolRun
from rtlab.servers.lab import Lab

SOCKET = ToolRun("k6", "1.1.0", "websocket", "2026-11-23", "k6", 3, 60, 60, single=True, p50_ms=1.0)


def test_support_holds_is_imprecise_or_wrong() -> None:
    seen = {"gatling": True, "jmeter": True}
    assert tooling_load.judge_support(seen, {"gatling": True, "jmeter": True}) == "holds"
    assert tooling_load.judge_support(seen, {"gatling": True, "jmeter": False}) == "imprecise"
    assert tooling_load.judge_support({**seen, "jmeter": False}, {"gatling": True, "jmeter": False}) == "wrong"


def test_a_k6_that_sees_single_events_makes_the_claim_outdated() -> None:
    assert tooling_load.judge_k6(SOCKET, built_in=False, extended=False) == "holds"
    assert tooling_load.judge_k6(SOCKET, built_in=True, extended=False) == "outdated"
    assert tooling_load.judge_k6(SOCKET, built_in=False, extended=True) == "outdated"
    assert tooling_load.judge_k6(replace(SOCKET, messages=59), built_in=True, extended=True) == "wrong"


def test_the_best_by_every_measure_by_some_or_by_none() -> None:
    best, others = frozenset({"gatling", "k6"}), frozenset({"jmeter", "locust"})
    assert tooling_load.judge_best([best, best]) == "holds"
    assert tooling_load.judge_best([best, others]) == "needs measuring"
    assert tooling_load.judge_best([others, others]) == "wrong"
    assert tooling_load.two_best({"a": 1.0, "b": 2.0, "c": 2.0, "d": 3.0}) == {"a", "b", "c"}


def test_a_claim_whose_tools_are_missing_is_left_out_or_refused(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda kind: str(tmp_path))
    assert [claim_id for claim_id in ("C71", "C72", "C73", "C74") if tooling_load.has_tools(claim_id)] == ["C72"]
    with pytest.raises(MissingExtra, match="gatling is not installed"):
        try_claims(lab, "C71", progress=False)
