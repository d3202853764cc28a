from __future__ import annotations

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionFailed, InputError, LabNotRunning
from rtlab.findings.proxies import ProxyBehaviour
from rtlab.network.real_proxies import ProxyName
from rtlab.results.real_proxies import ProxyAgreement, real_proxy
from rtlab.servers.lab import Lab, start_lab


def test_our_clients_reach_a_lab_behind_a_real_proxy(lab: Lab, proxy_name: ProxyName) -> None:
    with real_proxy(proxy_name, lab, upgrade=True) as proxied:
        with EventSource(proxied.sse_url("news")) as source, WebSocket(proxied.ws_url("news")) as socket:
            lab.publish("hello", channel="news")
            assert source.receive().data == "hello"
            assert socket.receive().data == "hello"
        assert proxied.http_url in repr(proxied)
        assert str(lab.port) in proxied.config
    assert "stopped" in repr(proxied)
    with pytest.raises(LabNotRunning):
        proxied.sse_url()


def test_without_upgrade_a_websocket_is_refused(lab: Lab, proxy_name: ProxyName) -> None:
    with real_proxy(proxy_name, lab) as proxied, pytest.raises(ConnectionFailed) as failure:
        WebSocket(proxied.ws_url("news")).open()
    assert failure.value.status == 400


def test_a_lab_that_is_stopped_or_speaks_tls_is_refused(lab: Lab) -> None:
    lab.stop()
    with pytest.raises(LabNotRunning):
        real_proxy("nginx", lab)
    with start_lab("behind a proxy", tls=True) as secure, pytest.raises(InputError, match="without TLS"):
        real_proxy("nginx", secure)


def test_the_sentence_counts_and_names_what_differs() -> None:
    alike = ProxyBehaviour("small", "s", "F()", "held", "held", "", "")
    late = ProxyBehaviour("small", "t", "", "at once", "", "late", "It waits.")
    other = ProxyBehaviour("big", "u", "", "at once", "", "late", "")
    untried = ProxyBehaviour("none", "v", "", "at once", "", "", "Never said.")
    found = ProxyAgreement([alike, late, other, untried], {"nginx": "1", "haproxy": "2"})
    assert found.text == (
        "In 1 of 3 conversations the relay does what nginx 1 and haproxy 2 do. It waits. Not alike: big, u."
    )
    assert "note" not in found.table
    assert list(found.details["note"]) == ["", "It waits.", "", "Never said."]
    assert list(found.defaults.columns) == ["what", "nginx", "haproxy"]


def test_what_was_not_tried_is_a_dash_in_a_notebook() -> None:
    behaviour = ProxyBehaviour("a request", "its default", "Answer()", "answers 503", "", "answers 503", "")
    shown = ProxyAgreement([behaviour], {"haproxy": "2.6"})._repr_mimebundle_()["text/html"]
    assert "<td>–</td>" in shown
    assert "NA" not in shown
