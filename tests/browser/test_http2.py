"""Chromium as a client of the lab's HTTP/2: its own EventSource and WebSocket, on the connection it chooses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from rtlab.clients.websocket import WebSocket
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.lab import Lab, start_lab

pytestmark = pytest.mark.browser

OPEN_STREAMS = """count => {
    globalThis.sources ??= [];
    for (let number = 0; number < count; number++) {
        const source = new EventSource("/sse/news");
        source.texts = [];
        source.onmessage = event => source.texts.push(event.data);
        sources.push(source);
    }
}"""
OPEN_WEBSOCKET = """path => new Promise(resolve => {
    const socket = globalThis.socket = new WebSocket(location.origin.replace("http", "ws") + path);
    socket.texts = [];
    socket.onmessage = event => socket.texts.push(event.data);
    socket.onclose = event => socket.closed = [event.code, event.reason, event.wasClean];
    socket.onopen = () => resolve(socket.extensions);
    socket.onerror = () => resolve("failed");
})"""
IS_OPEN = "count => sources.filter(source => source.readyState === 1).length === count"
STATES = "() => sources.map(source => source.readyState)"


@pytest.fixture(params=[False, True], ids=["plain", "compressed"])
def http2_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with start_lab("chromium over http2", http2=True, compression=request.param) as lab:
        yield lab


@pytest.fixture
def open_page(playwright: Playwright, chromium: str) -> Iterator[Any]:
    """Open the lab's first page in a Chromium that trusts the key of that lab, and no other certificate."""
    running = []

    def open_in(lab: Lab) -> Page:
        trusted = f"--ignore-certificate-errors-spki-list={lab.server.key_sha256}"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", trusted]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        running.append(browser)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{lab.http_url}/")
        return page

    yield open_in
    for browser in running:
        browser.close()


def connections(lab: Lab) -> int:
    return sum(line.text == "HTTP/2: connection opened" for line in lab.log)


def test_sixty_event_sources_share_one_connection(open_page: Any, http2_lab: Lab) -> None:
    page = open_page(http2_lab)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    page.evaluate(OPEN_STREAMS, 60)
    page.wait_for_function(IS_OPEN, arg=60)
    for number in range(5):
        http2_lab.publish(str(number))
    page.wait_for_function("sources.every(source => source.texts.length === 5)")
    assert page.evaluate("sources.every(source => source.texts.join() === '0,1,2,3,4')")
    assert len(http2_lab.connections) == 60
    assert connections(http2_lab) == 1


def test_the_stream_after_the_limit_waits_until_one_is_free(open_page: Any) -> None:
    with start_lab("chromium at its limit", http2=Http2Options(max_streams=100)) as lab:
        page = open_page(lab)
        page.evaluate(OPEN_STREAMS, 100)
        page.wait_for_function(IS_OPEN, arg=100)
        page.evaluate(OPEN_STREAMS, 1)
        lab.publish("for a hundred")
        page.wait_for_function("sources.slice(0, 100).every(source => source.texts.length === 1)")
        assert page.evaluate(STATES) == [1] * 100 + [0]
        page.evaluate("sources[0].close()")
        page.wait_for_function("sources[100].readyState === 1")
        assert connections(lab) == 1


def test_an_event_source_comes_back_after_a_cut_and_misses_nothing(open_page: Any, http2_lab: Lab) -> None:
    page = open_page(http2_lab)
    page.evaluate(OPEN_STREAMS, 1)
    page.wait_for_function(IS_OPEN, arg=1)
    http2_lab.publish("before")
    page.wait_for_function("sources[0].texts.length === 1")
    assert http2_lab.cut() == 1
    http2_lab.publish("meanwhile")
    page.wait_for_function("sources[0].texts.length === 2")
    assert page.evaluate("sources[0].texts") == ["before", "meanwhile"]
    assert connections(http2_lab) == 1


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4123, "bye, ä")])
def test_a_page_closes_a_websocket_over_http2(open_page: Any, http2_lab: Lab, code: int, reason: str) -> None:
    page = open_page(http2_lab)
    agreed = page.evaluate(OPEN_WEBSOCKET, "/echo")
    assert agreed.startswith("permessage-deflate") == bool(http2_lab.server.compression)
    page.evaluate("text => socket.send(text)", "x" * 100_000)
    page.wait_for_function("socket.texts.length === 1")
    assert page.evaluate("socket.texts[0]") == "x" * 100_000
    assert connections(http2_lab) == 1
    assert [each.transport for each in http2_lab.connections] == ["websocket"]
    page.evaluate("([code, reason]) => socket.close(code, reason)", [code, reason])
    page.wait_for_function("socket.closed")
    assert page.evaluate("socket.closed") == [code, "", True]
    said = f"websocket echo: client closed, {code} {reason}".rstrip()
    assert said in [line.text for line in http2_lab.log]


def test_the_lab_closes_a_websocket_with_its_code_and_reason(open_page: Any, http2_lab: Lab) -> None:
    page = open_page(http2_lab)
    page.evaluate(OPEN_WEBSOCKET, "/ws/news")
    page.evaluate("socket.send(new Uint8Array(3))")
    page.wait_for_function("socket.closed")
    assert page.evaluate("socket.closed") == [1003, "A channel carries text, not binary messages.", True]


def test_a_page_and_a_client_over_http1_share_a_channel(open_page: Any, http2_lab: Lab) -> None:
    page = open_page(http2_lab)
    page.evaluate(OPEN_WEBSOCKET, "/ws/news")
    with WebSocket(http2_lab.ws_url(), ca_pem=http2_lab.ca_pem) as other:
        other.send("over HTTP/1.1")
        page.wait_for_function("socket.texts.length === 1")
        page.evaluate("socket.send('over HTTP/2')")
        assert [other.receive().data for _ in range(2)] == ["over HTTP/1.1", "over HTTP/2"]


def test_a_page_publishes_and_polls(open_page: Any, http2_lab: Lab) -> None:
    page = open_page(http2_lab)
    status = page.evaluate("fetch('/publish/news', {method: 'POST', body: 'Hello'}).then(answer => answer.status)")
    assert status == 200
    assert page.evaluate("fetch('/poll/news').then(answer => answer.json())")["last_id"].endswith("-1")


def test_without_the_key_the_page_is_refused(browser: Any, http2_lab: Lab) -> None:
    page = browser.new_page()
    with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(f"{http2_lab.http_url}/")
    page.close()
