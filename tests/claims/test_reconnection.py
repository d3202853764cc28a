"""The experiment on coming back judges from what it sees: with a planted fault it says something else."""

from __future__ import annotations

import pytest

from rtlab.claims import reconnection
from rtlab.clients import event_source
from rtlab.codecs.http1 import ResponseHead
from rtlab.errors import ConnectionFailed
from rtlab.results.status_matrix import BREAKS
from rtlab.servers.lab import Lab


def test_a_client_that_never_gives_up_makes_the_claim_hold(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def require(head: ResponseHead) -> None:
        if head.status != 200 or head.get("Content-Type") != "text/event-stream":
            raise ConnectionFailed("not now")  # not for good: it will try again

    monkeypatch.setattr(event_source, "_require_event_stream", require)
    evidence = reconnection.keeps_retrying(lab)
    assert evidence.verdict == "holds"
    assert "gave up for good after: nothing" in evidence.finding
    assert f"Chromium came back after {'; '.join(BREAKS)}." in evidence.finding


def test_a_client_that_never_comes_back_makes_the_claim_wrong(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_source.EventSource, "_note", _give_up)
    assert reconnection.keeps_retrying(lab).verdict == "wrong"


def _give_up(source: event_source.EventSource, why: str) -> None:
    if source.state != "closed":
        raise event_source.ForGood(why)
