"""What Chromium and a lab say to each other, captured on the way and named to the last byte."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import pytest
from playwright.sync_api import Page

from rtlab.codecs.dissect import Dissection, dissect
from rtlab.results.capture import through
from rtlab.servers.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# One event stream, one WebSocket and one POST whose message comes back over both; in the end both are closed from
# the other side. `done` says that the page has seen all of it.
_TALK = """async ([stream, channel, echo, publish]) => {
    const next = (target, type) => new Promise(come => target.addEventListener(type, come, {once: true}));
    const source = new EventSource(stream);
    await next(source, "open");
    const socket = new WebSocket(echo), listening = new WebSocket(channel, ["rtlab.v1"]);
    await Promise.all([next(socket, "open"), next(listening, "open")]);
    listening.send("last-event-id: ");
    for (const message of ["ä 豆腐 😀", "", new Uint8Array(70000), "x".repeat(130)]) {
        socket.send(message);
        await next(socket, "message");
    }
    socket.close(3000, "bye");
    await next(socket, "close");
    const events = [next(source, "message"), next(listening, "message")];
    await fetch(publish, {method: "POST", body: "posted\\ntext"});
    await Promise.all(events);
    window.done = Promise.all([next(source, "error").then(() => source.close()), next(listening, "close")]);
}"""


@pytest.fixture(params=[False, True], ids=["plain", "compressed"])
def conversations(request: Any, page: Page, make_lab: Callable[..., Lab]) -> list[Dissection]:
    """The dissected connections of a talk, in the order in which they came."""
    page.reload()
    lab = make_lab(compression=request.param)
    with through(lab) as capture:
        urls = [capture.sse_url(), capture.ws_url(), capture.echo_url(), capture.publish_url()]
        page.evaluate(_TALK, [f"{url}?nonce={lab.nonce}" for url in urls])
        lab.stop()
        page.evaluate("done.then(() => true)")
    assert not capture.truncated
    found = [dissect(capture.connection(number)) for number in range(capture.connections)]
    return [one for one in found if one.up]  # a browser also opens connections that it then does not use


def test_every_byte_is_named_once_and_none_is_wrong(conversations: list[Dissection]) -> None:
    for one in conversations:
        for units, data in ((one.up, one.up_bytes), (one.down, one.down_bytes)):
            ends = list(accumulate(unit.length_bytes for unit in units))
            assert [unit.offset for unit in units] == [0, *ends[:-1]]
            assert ends[-1] == len(data)
            for unit in units:
                assert not unit.text.startswith("Broken rule")
                assert not unit.unit.startswith(("unfinished", "unreadable", "not "))


def test_each_connection_is_recognised(conversations: list[Dissection]) -> None:
    layers = [{unit.layer for unit in (*one.up, *one.down)} for one in conversations]
    assert sorted(map(len, layers)) == [1, 2, 3, 3]
    assert {"HTTP/1.1"} in layers
    assert {"HTTP/1.1", "event stream"} in layers
    assert layers.count({"HTTP/1.1", "opening handshake", "WebSocket"}) == 2


def test_what_the_page_said_is_found_again(conversations: list[Dissection]) -> None:
    texts = [unit.text for one in conversations for unit in (*one.up, *one.down)]
    assert any("POST" in text for text in texts)
    assert any("'posted'" in text for text in texts)
    assert sum("3000" in text for text in texts) == 2
    assert not any("nonce=" in text and "redacted" not in text for text in texts)
