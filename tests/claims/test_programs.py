"""The experiments on whole programs judge from what they see: with other findings they say something else."""

from __future__ import annotations

import pytest

from rtlab.claims import programs as claims
from rtlab.findings.programs import ProgramSize, Trial
from rtlab.results.programs import Programs
from rtlab.servers.lab import Lab


def found(bare: tuple[int, int], robust: tuple[int, int], passed: bool = True) -> Programs:
    sizes = [
        ProgramSize(protocol, level, "server", lines, 5)
        for level, pair in (("bare", bare), ("robust", robust))
        for protocol, lines in zip(("sse", "websocket"), pair, strict=True)
    ]
    trials = [
        Trial(protocol, level, "cut line", "", passed or protocol == "websocket", 10, 0, 0, "")
        for protocol in ("sse", "websocket")
        for level in ("bare", "robust")
    ]
    return Programs(sizes, trials)


def test_sse_is_simpler_at_both_levels_at_one_or_at_none() -> None:
    assert claims.judge_simplicity(found((80, 100), (80, 100))) == "holds"
    assert claims.judge_simplicity(found((99, 100), (80, 100))) == "needs measuring"
    assert claims.judge_simplicity(found((99, 100), (110, 100))) == "wrong"


def test_fewer_lines_that_survive_less_are_not_simpler() -> None:
    assert claims.judge_simplicity(found((80, 100), (80, 100), passed=False)) == "wrong"


def test_a_server_that_always_tells_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "close_codes", lambda folder: {"bare": 1011, "robust": 1011, "rtlab": 1011})
    assert claims.errors_are_yours(lab).verdict == "wrong"


def test_a_library_that_stays_away_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    died = Trial("websocket", "bare", "cut line", "died", False, 10, 5, 0, "")
    monkeypatch.setattr(claims, "try_fault", lambda *arguments, **settings: (died,))
    assert claims.reconnect_by_yourself(lab).verdict == "holds"


def test_a_program_that_writes_the_handshake_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = Trial("websocket", "bare", "wrong token", "let in", False, 10, 0, 0, "")
    monkeypatch.setattr(claims, "try_fault", lambda *arguments: (quiet,))
    monkeypatch.setattr(claims, "source", lambda *names: "Sec-WebSocket-Accept")
    assert claims.upgrade_by_yourself(lab).verdict == "holds"
