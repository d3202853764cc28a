"""Automated tests of both protocols, with the fixtures of rtlab.pytest_plugin. Run them by hand: pytest -v."""

import pytest
import rtlab
from rtlab.pages.browsers import find_browser, has_browser

LISTEN = """([stream, socket]) => {
    window.got = {stream: [], socket: []};
    const source = new EventSource(stream), line = new WebSocket(socket);
    source.onmessage = ({data}) => got.stream.push(data);
    line.onmessage = ({data}) => got.socket.push(data);
    const opened = thing => new Promise(done => { thing.onopen = done; });
    return Promise.all([opened(source), opened(line)]).then(() => true);
}"""


def test_both_deliver_what_was_published(rtlab_lab):
    with rtlab.EventSource(rtlab_lab.sse_url()) as stream, rtlab.WebSocket(rtlab_lab.ws_url()) as socket:
        rtlab_lab.publish("one")
        assert stream.receive().data == "one"
        assert socket.receive().data == "one"


def test_a_stream_misses_nothing_when_its_line_is_cut(rtlab_lab, rtlab_cut):
    line = rtlab_cut(rtlab_lab.sse_url())
    with rtlab.EventSource(line.url) as stream:
        rtlab_lab.publish("one")
        assert stream.receive().data == "one"
        line.cut()
        rtlab_lab.publish("two")
        assert stream.receive(20).data == "two"


def test_a_socket_misses_nothing_when_its_line_is_cut(rtlab_lab, rtlab_cut):
    line = rtlab_cut(rtlab_lab.ws_url())
    with rtlab.WebSocket(line.url, subprotocols=["rtlab.v1"]) as socket:
        rtlab_lab.publish("one")
        assert socket.receive().data == "one"
        line.cut()
        rtlab_lab.publish("two")
        assert socket.receive(20).data == "two"


def test_a_client_that_does_not_read_is_let_go(rtlab_lab, rtlab_slow_client):
    slow = rtlab_slow_client(rtlab_lab.ws_url())
    for _ in range(600):
        rtlab_lab.publish("x" * 65_536)
        if not rtlab_lab.connections:
            break
    assert slow.was_cut(20)


@pytest.mark.skipif(not has_browser("chromium"), reason="there is no Chromium here")
def test_a_page_in_a_browser_gets_both(rtlab_lab):
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with playwright.sync_playwright() as started:
        page = started.chromium.launch(executable_path=find_browser("chromium")).new_page()
        frames = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
        page.goto(rtlab_lab.http_url)
        assert page.evaluate(LISTEN, [rtlab_lab.sse_url(), rtlab_lab.ws_url()])
        rtlab_lab.publish("one")
        page.wait_for_function("got.stream.length && got.socket.length")
        assert page.evaluate("got") == {"stream": ["one"], "socket": ["one"]}
        assert frames == ["one"]
