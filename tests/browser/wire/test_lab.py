"""Chromium's EventSource, WebSocket and fetch against a lab, from a page of another origin that has the nonce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from rtlab.codecs import resume
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.servers.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.usefixtures("known_epoch")]

# Sets `source`, and `events` with what it delivers.
_LISTEN = """async ([url, types]) => {
    const source = window.source = new EventSource(url), events = window.events = [];
    for (const type of types)
        source.addEventListener(type, ({data, lastEventId}) => events.push([type, data, lastEventId]));
    await new Promise((opened, failed) => { source.onopen = opened; source.onerror = failed; });
}"""

# Sets `socket`, `ended`, and `messages` with what it delivers.
_CONNECT = """async ([url, protocols]) => {
    const socket = window.socket = new WebSocket(url, protocols), messages = window.messages = [];
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({data}) => messages.push(data);
    window.ended = new Promise(done => {
        socket.onclose = ({code, reason, wasClean}) => done({code, reason, wasClean});
    });
    await Promise.race([new Promise(opened => { socket.onopen = opened; }), ended]);
}"""

# Sends texts and bytes of each size, and gives those that did not come back as they went.
_ECHO = """async sizes => {
    const texts = sizes.map(size => "aä豆😀".repeat(size / 10));
    const bytes = sizes.map(size => Uint8Array.from({length: size}, (_, at) => at * at % 251));
    const sent = [...texts, ...bytes];
    const equal = (one, other) => typeof one === "string" ? one === other
        : other.byteLength === one.length && new Uint8Array(other).every((byte, at) => byte === one[at]);
    for (const message of sent) {
        socket.send(message);
        await new Promise(came => socket.addEventListener("message", came, {once: true}));
    }
    return sent.filter((message, at) => !equal(message, messages[at])).map(message => message.length);
}"""


@pytest.fixture
def tab(page: Page) -> Page:
    """The page as if it had just been opened."""
    page.reload()
    return page


def with_nonce(url: str, lab: Lab) -> str:
    return f"{url}?nonce={lab.nonce}"


def listen(tab: Page, lab: Lab, channel: str = "news", *types: str) -> None:
    tab.evaluate(_LISTEN, [with_nonce(lab.sse_url(channel), lab), ["message", *types]])


def connect(tab: Page, lab: Lab, url: str, *protocols: str) -> None:
    tab.evaluate(_CONNECT, [with_nonce(url, lab), list(protocols)])


def taken(tab: Page, what: str, count: int) -> list[Any]:
    """Wait until the page has a number of events or messages, and give them."""
    tab.wait_for_function(f"count => {what}.length >= count", arg=count)
    return list(tab.evaluate(what))


# Event streams.


def test_events_come_with_their_names_and_ids(tab: Page, lab: Lab) -> None:
    listen(tab, lab, "news", "price")
    for text, event in (("plain", ""), ("1\n2", "price"), ("", ""), ("ä 豆腐 😀 \u2028 \ufeff", "")):
        lab.publish(text, event=event)
    assert taken(tab, "events", 4) == [
        ["message", "plain", "k3f9-1"],
        ["price", "1\n2", "k3f9-2"],
        ["message", "", "k3f9-3"],
        ["message", "ä 豆腐 😀 \u2028 \ufeff", "k3f9-4"],
    ]


def test_an_event_of_a_million_bytes_arrives_whole(tab: Page, lab: Lab) -> None:
    text = "0123456789" * 100_000
    listen(tab, lab)
    lab.publish(text)
    assert taken(tab, "events", 1) == [["message", text, "k3f9-1"]]


def test_a_line_that_is_cut_loses_and_doubles_nothing(tab: Page, lab: Lab) -> None:
    listen(tab, lab)
    lab.publish("1")
    taken(tab, "events", 1)
    assert lab.cut() == 1
    for number in range(2, 31):
        lab.publish(str(number))
    assert taken(tab, "events", 30) == [["message", str(number), f"k3f9-{number}"] for number in range(1, 31)]


def test_a_page_that_is_loaded_again_resumes_with_the_query(tab: Page, lab: Lab) -> None:
    for text in ("a", "b", "c"):
        lab.publish(text)
    tab.evaluate(_LISTEN, [with_nonce(lab.sse_url(), lab) + "&last_event_id=k3f9-1", ["message"]])
    assert taken(tab, "events", 2) == [["message", "b", "k3f9-2"], ["message", "c", "k3f9-3"]]


def test_a_stream_of_a_lab_that_stops_ends_and_is_tried_again(tab: Page, lab: Lab) -> None:
    listen(tab, lab)
    lab.stop()
    tab.wait_for_function("source.readyState === EventSource.CONNECTING")


def test_without_the_nonce_another_origin_gets_nothing(tab: Page, lab: Lab) -> None:
    tab.evaluate("url => { window.source = new EventSource(url); }", lab.sse_url())
    tab.wait_for_function("source.readyState === EventSource.CLOSED")
    tab.evaluate(_CONNECT, [lab.ws_url(), []])
    assert tab.evaluate("ended") == {"code": 1006, "reason": "", "wasClean": False}
    assert lab.connections == ()


# WebSockets.

SIZES = [0, 1, 125, 126, 65_535, 65_536, 1_048_576]
COMPRESSIONS = {
    "none": False,
    "default": True,
    "no context": DeflateOptions(server_no_context_takeover=True, client_no_context_takeover=True),
    "small windows": DeflateOptions(server_max_window_bits=9, client_max_window_bits=9),
    "smallest server window": DeflateOptions(server_max_window_bits=8),
}


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_texts_and_bytes_come_back_as_they_went(name: str, tab: Page, make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(compression=COMPRESSIONS[name])
    connect(tab, lab, lab.echo_url())
    assert tab.evaluate("socket.extensions").startswith("permessage-deflate") == (name != "none")
    assert tab.evaluate(_ECHO, SIZES) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [([], 1005), ([1000], 1000), ([3000, "bye"], 3000), ([4999, "auf Wiedersehen, ä"], 4999)],
)
def test_the_page_closes_in_good_order(tab: Page, lab: Lab, said: list[Any], code: int) -> None:
    connect(tab, lab, lab.echo_url())
    tab.evaluate("said => socket.close(...said)", said)
    # The answer has the code of the question; a reason is not sent back.
    assert tab.evaluate("ended") == {"code": code, "reason": "", "wasClean": True}
    logged = " ".join(map(str, said or [code]))
    assert f"websocket echo: client closed, {logged}" in [line.text for line in lab.log]


def test_a_lab_that_stops_says_so(tab: Page, lab: Lab) -> None:
    connect(tab, lab, lab.echo_url())
    lab.stop()
    assert tab.evaluate("ended") == {"code": 1001, "reason": "the lab stops", "wasClean": True}


def test_a_message_that_is_too_long_is_answered_with_1009(tab: Page, lab: Lab) -> None:
    connect(tab, lab, lab.echo_url())
    tab.evaluate("size => socket.send(new Uint8Array(size))", 16 * 1_048_576)
    assert tab.evaluate("ended")["code"] == 1009


def test_bytes_for_a_channel_are_answered_with_1003(tab: Page, lab: Lab) -> None:
    connect(tab, lab, lab.ws_url())
    tab.evaluate("socket.send(new Uint8Array(3))")
    closed = tab.evaluate("ended")
    assert (closed["code"], closed["wasClean"]) == (1003, True)


def test_a_line_that_is_cut_is_an_abnormal_end(tab: Page, lab: Lab) -> None:
    connect(tab, lab, lab.ws_url())
    assert lab.cut() == 1
    assert tab.evaluate("ended") == {"code": 1006, "reason": "", "wasClean": False}


def test_a_channel_goes_both_ways(tab: Page, lab: Lab) -> None:
    connect(tab, lab, lab.ws_url())
    tab.evaluate("socket.send('from the page')")
    taken(tab, "messages", 1)
    lab.publish("from the lab")
    assert taken(tab, "messages", 2) == ["from the page", "from the lab"]


def test_the_sub_protocol_resumes_in_a_page_too(tab: Page, lab: Lab) -> None:
    for text in ("a", "b", "c"):
        lab.publish(text, event="letter")
    connect(tab, lab, lab.ws_url(), "something.else", resume.SUBPROTOCOL)
    assert tab.evaluate("socket.protocol") == resume.SUBPROTOCOL
    tab.evaluate("hello => socket.send(hello)", resume.encode_hello("k3f9-1"))
    assert list(map(resume.decode_resumable, taken(tab, "messages", 2))) == [
        resume.ResumableMessage("k3f9-2", "letter", "b"),
        resume.ResumableMessage("k3f9-3", "letter", "c"),
    ]


# Publishing.


def test_what_a_page_posts_comes_back_over_both(tab: Page, lab: Lab) -> None:
    listen(tab, lab, "news", "greeting")
    connect(tab, lab, lab.ws_url())
    post = "async url => (await fetch(url, {method: 'POST', body: 'ä 😀'})).json()"
    assert tab.evaluate(post, with_nonce(lab.publish_url(), lab) + "&event=greeting") == {"id": "k3f9-1"}
    assert taken(tab, "events", 1) == [["greeting", "ä 😀", "k3f9-1"]]
    assert taken(tab, "messages", 1) == ["ä 😀"]
