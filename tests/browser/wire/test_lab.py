"""Chromium's EventSource, WebSocket and fetch against a lab, from a page of another origin that has the nonce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

import rtlab
from rtlab.codecs import resume
from rtlab.codecs.permessage_deflate import DeflateOptions

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Sets `source`, and `events` with what it delivers.
_LISTEN = """async ([url, types]) => {
    const source = window.source = new EventSource(url), events = window.events = [];
    for (const type of types)
        source.addEventListener(type, ({data, lastEventId}) => events.push([type, data, lastEventId]));
    await new Promise((opened, failed) => { source.onopen = opened; source.onerror = failed; });
}"""

# Sets `socket`, and `messages` with what it delivers: a text as it is, bytes as a list of numbers.
_CONNECT = """async ([url, protocols]) => {
    const socket = window.socket = new WebSocket(url, protocols), messages = window.messages = [];
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({data}) =>
        messages.push(typeof data === "string" ? data : Array.from(new Uint8Array(data)));
    window.closed = new Promise(done => {
        socket.onclose = ({code, reason, wasClean}) => done({code, reason, wasClean});
    });
    await Promise.race([new Promise(opened => { socket.onopen = opened; }), window.closed]);
}"""
_SEND = "message => socket.send(typeof message === 'string' ? message : new Uint8Array(message))"


@pytest.fixture
def tab(page: Page) -> Page:
    """The page as if it had just been opened."""
    page.reload()
    return page


def with_nonce(url: str, lab: rtlab.Lab) -> str:
    return f"{url}?nonce={lab.nonce}"


def listen(tab: Page, lab: rtlab.Lab, channel: str = "news", *types: str) -> None:
    tab.evaluate(_LISTEN, [with_nonce(lab.sse_url(channel), lab), ["message", *types]])


def connect(tab: Page, lab: rtlab.Lab, url: str, *protocols: str) -> None:
    tab.evaluate(_CONNECT, [with_nonce(url, lab), list(protocols)])


def taken(tab: Page, what: str, count: int) -> list[Any]:
    """Wait until the page has a number of events or messages, and give them."""
    tab.wait_for_function(f"count => {what}.length >= count", arg=count)
    return list(tab.evaluate(what))


def echoed(tab: Page, message: str | bytes) -> str | bytes:
    """Send a message and wait for the next one."""
    before = tab.evaluate("messages.length")
    tab.evaluate(_SEND, message if isinstance(message, str) else list(message))
    answer = taken(tab, "messages", before + 1)[before]
    return answer if isinstance(answer, str) else bytes(answer)


# Event streams.


def test_events_come_with_their_names_and_ids(tab: Page, lab: rtlab.Lab) -> None:
    listen(tab, lab, "news", "price")
    for text, event in (("plain", ""), ("1\n2", "price"), ("", ""), ("ä 豆腐 😀 \u2028 \ufeff", "")):
        lab.publish(text, event=event)
    assert taken(tab, "events", 4) == [
        ["message", "plain", "1"],
        ["price", "1\n2", "2"],
        ["message", "", "3"],
        ["message", "ä 豆腐 😀 \u2028 \ufeff", "4"],
    ]


def test_an_event_of_a_million_bytes_arrives_whole(tab: Page, lab: rtlab.Lab) -> None:
    text = "0123456789" * 100_000
    listen(tab, lab)
    lab.publish(text)
    assert taken(tab, "events", 1) == [["message", text, "1"]]


def test_a_line_that_is_cut_loses_and_doubles_nothing(tab: Page, lab: rtlab.Lab) -> None:
    listen(tab, lab)
    lab.publish("1")
    taken(tab, "events", 1)
    assert lab.cut() == 1
    for number in range(2, 31):
        lab.publish(str(number))
    assert taken(tab, "events", 30) == [["message", str(number), str(number)] for number in range(1, 31)]


def test_a_page_that_is_loaded_again_resumes_with_the_query(tab: Page, lab: rtlab.Lab) -> None:
    for text in ("a", "b", "c"):
        lab.publish(text)
    tab.evaluate(_LISTEN, [with_nonce(lab.sse_url(), lab) + "&last_event_id=1", ["message"]])
    assert taken(tab, "events", 2) == [["message", "b", "2"], ["message", "c", "3"]]


def test_a_stream_of_a_lab_that_stops_ends_and_is_tried_again(tab: Page, lab: rtlab.Lab) -> None:
    listen(tab, lab)
    lab.stop()
    tab.wait_for_function("source.readyState === EventSource.CONNECTING")


def test_without_the_nonce_another_origin_gets_nothing(tab: Page, lab: rtlab.Lab) -> None:
    tab.evaluate("url => { window.source = new EventSource(url); }", lab.sse_url())
    tab.wait_for_function("source.readyState === EventSource.CLOSED")
    tab.evaluate(_CONNECT, [lab.ws_url(), []])
    assert tab.evaluate("closed") == {"code": 1006, "reason": "", "wasClean": False}
    assert lab.connections == ()


# WebSockets.

SIZES = (0, 1, 125, 126, 65_535, 65_536, 1_048_576)
COMPRESSIONS = {
    "none": False,
    "default": True,
    "no context": DeflateOptions(server_no_context_takeover=True, client_no_context_takeover=True),
    "small windows": DeflateOptions(server_max_window_bits=9, client_max_window_bits=9),
    "smallest server window": DeflateOptions(server_max_window_bits=8),
}


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_texts_and_bytes_come_back_as_they_went(name: str, tab: Page, make_lab: Callable[..., rtlab.Lab]) -> None:
    lab = make_lab(compression=COMPRESSIONS[name])
    connect(tab, lab, lab.echo_url())
    assert tab.evaluate("socket.extensions").startswith("permessage-deflate") == (name != "none")
    for size in SIZES:
        data = bytes(number * number % 251 for number in range(size))
        assert echoed(tab, data) == data
        text = ("aä豆😀" * size)[: size // 3]
        assert echoed(tab, text) == text
    assert lab.connections[0].bytes_up > 0


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [((), 1005, ""), ((1000,), 1000, ""), ((3000, "bye"), 3000, ""), ((4999, "auf Wiedersehen: ä"), 4999, "")],
)
def test_the_page_closes_in_good_order(
    tab: Page, lab: rtlab.Lab, arguments: tuple[Any, ...], code: int, reason: str
) -> None:
    connect(tab, lab, lab.echo_url())
    tab.evaluate("argumentsOfClose => socket.close(...argumentsOfClose)", list(arguments))
    # The code of the answer is that of the question; a reason is not sent back.
    assert tab.evaluate("closed") == {"code": code, "reason": "", "wasClean": True}
    said = " ".join(map(str, arguments)) or "1005"
    assert f"websocket echo: client closed, {said}" in [line.text for line in lab.log]


def test_a_lab_that_stops_says_so(tab: Page, lab: rtlab.Lab) -> None:
    connect(tab, lab, lab.echo_url())
    lab.stop()
    assert tab.evaluate("closed") == {"code": 1001, "reason": "the lab stops", "wasClean": True}


def test_a_message_that_is_too_long_is_answered_with_1009(tab: Page, lab: rtlab.Lab) -> None:
    connect(tab, lab, lab.echo_url())
    tab.evaluate("size => socket.send(new Uint8Array(size))", 16 * 1_048_576)
    assert tab.evaluate("closed")["code"] == 1009


def test_bytes_for_a_channel_are_answered_with_1003(tab: Page, lab: rtlab.Lab) -> None:
    connect(tab, lab, lab.ws_url())
    tab.evaluate(_SEND, [1, 2, 3])
    closed = tab.evaluate("closed")
    assert (closed["code"], closed["wasClean"]) == (1003, True)


def test_a_line_that_is_cut_is_an_abnormal_end(tab: Page, lab: rtlab.Lab) -> None:
    connect(tab, lab, lab.ws_url())
    assert lab.cut() == 1
    assert tab.evaluate("closed") == {"code": 1006, "reason": "", "wasClean": False}


def test_a_channel_goes_both_ways(tab: Page, lab: rtlab.Lab) -> None:
    connect(tab, lab, lab.ws_url())
    assert echoed(tab, "from the page") == "from the page"
    lab.publish("from the lab")
    assert taken(tab, "messages", 2) == ["from the page", "from the lab"]


def test_the_sub_protocol_resumes_in_a_page_too(tab: Page, lab: rtlab.Lab) -> None:
    for text in ("a", "b", "c"):
        lab.publish(text, event="letter")
    connect(tab, lab, lab.ws_url(), "something else", resume.SUBPROTOCOL)
    assert tab.evaluate("socket.protocol") == resume.SUBPROTOCOL
    tab.evaluate(_SEND, resume.encode_hello("1"))
    assert list(map(resume.decode_resumable, taken(tab, "messages", 2))) == [
        resume.ResumableMessage("2", "letter", "b"),
        resume.ResumableMessage("3", "letter", "c"),
    ]


# Publishing.


def test_what_a_page_posts_comes_back_over_both(tab: Page, lab: rtlab.Lab) -> None:
    listen(tab, lab, "news", "greeting")
    connect(tab, lab, lab.ws_url())
    post = "async url => (await fetch(url, {method: 'POST', body: 'ä 😀'})).json()"
    assert tab.evaluate(post, with_nonce(lab.publish_url(), lab) + "&event=greeting") == {"id": 1}
    assert taken(tab, "events", 1) == [["greeting", "ä 😀", "1"]]
    assert taken(tab, "messages", 1) == ["ä 😀"]
