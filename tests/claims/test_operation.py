"""The experiments on operation judge from what they see: with other findings they say something else."""

from __future__ import annotations

import pytest

from rtlab.claims import operation
from rtlab.findings.idle_connections import IdleCost
from rtlab.servers.lab import Lab


def test_an_address_is_enough_not_enough_or_couples_more() -> None:
    assert operation.judge_coupling([], ["rename"]) == "holds"
    assert operation.judge_coupling(["rename"], ["rename"]) == "imprecise"
    assert operation.judge_coupling(["rename", "drop"], ["rename"]) == "wrong"


def test_a_note_that_finds_its_way_to_any_server_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "notes_back", lambda *arguments: 5)
    assert operation.second_channel(lab).verdict == "wrong"


def test_connections_that_cost_nothing_are_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    free = IdleCost("sse", (50, 100), (7, 7), (9, 9), 0.0, 0.0)
    monkeypatch.setattr(operation, "idle_cost", lambda way: free)
    assert operation.strains_resources(lab).verdict == "wrong"
