"""A lab behind nginx and HAProxy: what they do by their settings is found, and nothing where they do nothing."""

from __future__ import annotations

import pytest

from rtlab.network.real_proxies import ProxySettings, RealProxy, find_proxy
from rtlab.results.probe import probe

from ..absent import needed
from .planted import ids, publishing

pytestmark = pytest.mark.measuring

HELD = {"SSE-COMPRESSED", "HTTP-NO-ANSWER"}
STREAMS = {
    "nginx, which collects": ("nginx", ProxySettings(honours_accel=False), {"SSE-BUFFERED"}),
    "nginx, which the server tells not to": ("nginx", ProxySettings(), set()),
    "nginx, set up well": ("nginx", ProxySettings(buffering=False, http_1_1=True), set()),
    "nginx, which compresses": ("nginx", ProxySettings(honours_accel=False, compression=True), HELD),
    "HAProxy": ("haproxy", ProxySettings(no_delay=True), set()),
    "HAProxy, which compresses": ("haproxy", ProxySettings(compression=True), {"SSE-COMPRESSED"}),
}
WEBSOCKETS = {
    "nginx, by its defaults": ("nginx", ProxySettings(), {"WS-REFUSED"}),
    "nginx, which lets it pass": ("nginx", ProxySettings(upgrade=True), set()),
    "HAProxy": ("haproxy", ProxySettings(upgrade=True), set()),
}


@pytest.mark.parametrize("case", STREAMS)
def test_an_event_stream_behind(lab, case):
    name, settings, wanted = STREAMS[case]
    needed(find_proxy, name)
    with RealProxy(name, "127.0.0.1", lab.port, settings) as proxy, publishing(lab, rate_per_s=200):
        result = probe(f"http://127.0.0.1:{proxy.port}/sse/news", seconds=4.0)
    assert ids(result) == wanted, result


@pytest.mark.parametrize("case", WEBSOCKETS)
def test_a_websocket_behind(lab, case):
    name, settings, wanted = WEBSOCKETS[case]
    needed(find_proxy, name)
    with RealProxy(name, "127.0.0.1", lab.port, settings) as proxy, publishing(lab):
        result = probe(f"ws://127.0.0.1:{proxy.port}/ws/news", seconds=1.0)
    assert ids(result) == wanted, result


@pytest.mark.parametrize("name", ["nginx", "haproxy"])
def test_the_limit_of_a_proxy_that_is_shorter_than_the_heartbeat(lab, name):
    needed(find_proxy, name)
    with RealProxy(name, "127.0.0.1", lab.port, ProxySettings(upgrade=True, read_timeout_s=1)) as proxy:
        assert ids(probe(f"http://127.0.0.1:{proxy.port}/sse/news", seconds=3.0)) == {"HTTP-CUT"}
        assert ids(probe(f"ws://127.0.0.1:{proxy.port}/ws/news", seconds=3.0)) == {"WS-CUT"}
