"""The experiments on HTTP/2 judge from what they see: with a planted fault they say something else."""

from __future__ import annotations

from functools import partial

import pytest

import rtlab.experiments.multiplexing
from rtlab.claims import multiplexing
from rtlab.clients.http2 import Http2End
from rtlab.experiments.http2_server import Http2Server
from rtlab.experiments.multiplexing import stand_still
from rtlab.findings.protocol import ConnectionCount
from rtlab.servers.lab import Lab


@pytest.mark.parametrize(("connections", "verdict"), [(1, "imprecise"), (20, "holds")])
def test_sockets_that_share_no_connection_are_seen(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, connections: int, verdict: str
) -> None:
    counted = ConnectionCount("websocket, HTTP/2", 20, 0, connections, 20)
    monkeypatch.setattr(multiplexing, "count_multiplexed", lambda *_: counted)
    assert multiplexing.one_connection_each(lab).verdict == verdict


def test_streams_that_go_on_beside_an_unread_one_are_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtlab.experiments.multiplexing, "WINDOW_BYTES", 60_000)  # leaves the window open
    evidence = multiplexing.shared_window(lab)
    assert evidence.verdict == "holds"
    assert evidence.numbers["meanwhile, same connection"] == 10


@pytest.mark.parametrize(("allowed", "verdict"), [(1_000, "holds"), (6, "wrong")])
def test_another_limit_of_streams_is_seen(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, allowed: int, verdict: str
) -> None:
    monkeypatch.setattr(rtlab.experiments.multiplexing, "Http2Server", lambda _: Http2Server(allowed))
    most = rtlab.experiments.multiplexing.wait_for_stream
    monkeypatch.setattr(multiplexing, "wait_for_stream", lambda streams=100: most(min(streams, allowed)))
    assert multiplexing.limit_of_streams(lab).verdict == verdict


def test_a_line_that_cannot_be_held_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Http2End, "pause", lambda _: None)
    monkeypatch.setattr(multiplexing, "stand_still", partial(stand_still, held_s=5.0))
    evidence = multiplexing.two_kinds_of_blocking(lab)
    assert evidence.verdict == "imprecise"
    assert evidence.numbers["meanwhile, one connection"] == 10


def test_answers_that_keep_their_order_are_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    in_line = multiplexing.wait_in_line(lab, held_s=0.05)
    monkeypatch.setattr(multiplexing, "wait_beside", lambda: in_line[:2])
    assert multiplexing.two_kinds_of_blocking(lab).verdict == "imprecise"
