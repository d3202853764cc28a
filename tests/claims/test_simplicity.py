"""The experiments on resuming and idle lines judge from what they see: with a planted fault they say otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rtlab.claims import simplicity
from rtlab.clients.event_source import EventSource
from rtlab.experiments import idle_cut, listeners
from rtlab.network.faults.ending import IdleCut
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.measuring


class Forgetful(EventSource):
    """Comes back, but names no id."""

    async def _connect(self) -> object:  # type: ignore[override]
        self.last_event_id = ""
        return await super()._connect()


def test_a_client_that_names_no_id_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "EventSource", Forgetful)
    evidence = simplicity.resumes_by_itself(lab)
    assert evidence.verdict == "wrong"
    assert "some, or got them twice, where it kept them" in evidence.finding


def test_servers_that_all_keep_everything_make_the_claim_on_resuming_hold(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = simplicity.SERVERS["ids, enough history"]
    monkeypatch.setattr(simplicity, "SERVERS", dict.fromkeys(simplicity.SERVERS, kind))
    assert simplicity.resumes_by_itself(lab).verdict == "holds"


@pytest.mark.parametrize(
    ("replaced", "by", "verdict"),
    [("sseclient-py", "EventSource", "holds"), ("EventSource", "sseclient-py", "wrong")],
)
def test_what_comes_back_alone_decides_on_less_to_handle(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, replaced: str, by: str, verdict: str
) -> None:
    monkeypatch.setitem(listeners.DESIGNS, replaced, listeners.DESIGNS[by])
    assert simplicity.less_to_handle(lab).verdict == verdict


@pytest.mark.parametrize(("cuts_after_s", "verdict"), [(1_000.0, "wrong"), (0.05, "imprecise")])
def test_a_proxy_that_cuts_nothing_or_all_is_seen(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, cuts_after_s: float, verdict: str
) -> None:
    planted: Callable[[float], IdleCut] = lambda idle_s: IdleCut(cuts_after_s)  # noqa: E731
    monkeypatch.setattr(idle_cut, "IdleCut", planted)
    assert simplicity.needs_special_settings(lab).verdict == verdict
