from __future__ import annotations

import math
from dataclasses import replace

import pytest

from rtlab.findings.page_background import PageLane, PageWatch
from rtlab.findings.page_origins import Capability, Reach
from rtlab.findings.page_sockets import MessageForm, Pouring, SocketEnd
from rtlab.results.page_background import Background
from rtlab.results.page_ends import SocketEnds
from rtlab.results.page_messages import MessageForms
from rtlab.results.page_origins import Origins
from rtlab.results.page_pouring import Pourings
from rtlab.results.page_support import Support

from .planted_page import facts

FORMS = (
    MessageForm("WebSocket, blob", "bytes", "binary", 300, 300, "Blob", 300, True),
    MessageForm("WebSocket, arraybuffer", "bytes", "binary", 300, 300, "ArrayBuffer", 300, True),
    MessageForm("EventSource", "text", "text", 5, 5, "text", 5, True),
    MessageForm("EventSource", "bytes", "binary", 300, 400, "text", 400, False),
    MessageForm("EventSource", "empty bytes", "binary", 0, 0, "text", 0, True),
)
SOCKET = Pouring(
    "WebSocket", 2, 5_000_000, ((0.0, 0), (4.0, 10_000_000)), ((0.0, 0), (4.0, 8_000_000), (900.0, 0)), 500.0, 2
)
STREAM = Pouring("WebSocketStream", 2, 5_000_000, ((0.0, 0), (1.0, 5_000_000), (600.0, 10_000_000)), (), 500.0, 2)
ENDS = (
    SocketEnd("lab", "4123 why", "4123 why", "4123", True, "4123 why", "4123", ""),
    SocketEnd("page", "1001", "", "", None, "", "", "InvalidAccessError"),
)
WATCH = PageWatch(
    (
        PageLane("timer, every 100 ms", 100.0, (100.0, 200.0, 1_200.0, 2_200.0)),
        PageLane("WebSocket, every 100 ms", 100.0, tuple(100.0 * number for number in range(30))),
    ),
    ((250.0, 2_250.0),),
    3_000.0,
)
REACHES = (
    Reach("WebSocket to another port", "opens", True, "nobody", "no CORS", "RFC 6455"),
    Reach("WebSocket <b>", "no event; told: connect-src", False, "the browser", "connect-src", "CSP 3"),
)


def test_the_forms_and_the_cost_of_base64_are_told() -> None:
    found = MessageForms(facts(), FORMS)
    assert found.text.startswith("4 of 5 messages came whole and in order")
    assert "WebSocket, blob gave Blob" in found.text
    assert found.text.endswith("300 bytes took 400 characters of base64 there, 1.33 times as many.")


def test_each_bar_is_what_was_carried_for_a_byte() -> None:
    bars = {bar.name: list(bar.y) for bar in MessageForms(facts(), FORMS).figure().data}
    assert bars["EventSource"] == [1.0, pytest.approx(4 / 3)]  # an empty message has no such number
    assert bars["WebSocket, blob"] == [1.0]


def test_a_websocket_takes_all_and_a_stream_waits() -> None:
    text = Pourings(facts(), [SOCKET, STREAM]).text
    assert "send() never waited. 2 messages, 10.0 MB, were handed over in 4 ms" in text
    assert "bufferedAmount rose to 8.0 MB" in text
    assert "5.0 MB were handed over before the other side read, and the last message after 600 ms" in text


def test_a_browser_without_the_stream_says_so() -> None:
    assert "This browser has no WebSocketStream" in Pourings(facts(), [SOCKET]).text


def test_a_proxy_that_reads_on_and_loses_the_rest_is_told() -> None:
    taken = replace(STREAM, handed=((0.0, 0), (1.0, 10_000_000)), reading_ms=None, arrived=1)
    text = Pourings(facts("proxy"), [SOCKET, taken]).text
    assert "all was taken before the other side read" in text
    assert "proxy reads on for the server" in text
    assert "WebSocketStream: 1 of 2 messages arrived" in text


def test_each_line_goes_on_to_the_end_of_its_time() -> None:
    figure = Pourings(facts(), [SOCKET, STREAM]).figure()
    lines = {line.name: line for line in figure.data}
    assert list(lines["WebSocket, handed over so far"].x) == [0.0, 4.0, 900.0]
    assert list(lines["WebSocket, handed over so far"].y) == [0.0, 10.0, 10.0]
    assert list(lines["WebSocket, bufferedAmount"].y)[1] == 8.0
    assert [shape.x0 for shape in figure.layout.shapes] == [500.0]
    assert "WebSocketStream: 5.0 MB handed over before" in figure.layout.meta["description"]


def test_ends_and_refusals_are_told() -> None:
    text = SocketEnds(facts(), ENDS).text
    assert text.startswith("1 of 1 ends were seen by both sides as the standards say. A close without a code")
    assert "close() threw an exception for 1001:" in text


def test_an_end_that_was_changed_on_the_way_is_red() -> None:
    changed = SocketEnds(facts("proxy"), (replace(ENDS[0], page_saw="1005"), ENDS[1]))
    assert "0 of 1 ends" in changed.text
    assert "passes on no code and no reason" in changed.text
    figure = changed.figure()
    (matrix,) = figure.data
    assert [list(row) for row in matrix.z] == [[2, 2], [0, 0]]
    assert [note.text for note in figure.layout.annotations] == [
        "1005",
        "the call throws",
        "4123",
        "the call throws",
    ]
    assert "Other than the standards say: lab says 4123 why." in figure.layout.meta["description"]


def test_what_is_here_is_held_against_what_is_published() -> None:
    found = Support(facts(), (Capability("EventSource", True), Capability("WebSocketStream", False)))
    assert found.text == (
        "Chromium 156 has 1 of these 2 features. It lacks: WebSocketStream. "
        "The published data says something else of WebSocketStream."
    )
    (matrix,) = found.figure().data
    assert [row[0] for row in matrix.z] == [1, 2]


def test_what_was_not_seen_is_told_apart_from_what_is_not_there() -> None:
    found = Support(facts(), (Capability("WebSocket over HTTP/2", None),))
    assert "Not seen here: WebSocket over HTTP/2." in found.text
    assert found.figure().layout.annotations[0].text == "not seen"


def test_rates_while_hidden_are_told_and_the_time_is_shaded() -> None:
    found = Background(facts(), WATCH)
    assert found.text.startswith(
        "While the page was hidden for 2.0 s: timer, every 100 ms: 1.0 a second; WebSocket"
    )
    figure = found.figure()
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(0.25, 2.25)]
    assert "it was hidden for 2.0 s" in figure.layout.meta["description"]


def test_a_page_that_stayed_visible_shows_only_that() -> None:
    found = Background(facts(), replace(WATCH, hidden_ms=()))
    assert "The page stayed visible" in found.text
    assert set(found.table["page"]) == {"visible"}
    assert not found.figure().layout.shapes
    assert not math.isnan(found.table["median_gap_ms"].iloc[0])


def test_attempts_and_the_pages_own_rules_are_told() -> None:
    found = Origins(facts(), REACHES, {"loopback-network": "prompt", "local-network-access": None})
    assert found.text.startswith("1 of 2 attempts came through; 1 never reached their server.")
    assert "the rules on mixed content do not hold for it" in found.text
    assert "loopback-network: prompt; this page comes from this machine itself, and needs none." in found.text


def test_a_page_from_elsewhere_over_https_has_other_rules() -> None:
    hub = replace(facts(), origin="https://hub.example.org")
    text = Origins(hub, REACHES, {}).text
    assert "are mixed content, which the browser stops" in text
    assert "this browser has none; this page comes from elsewhere, and may need one." in text


def test_the_rule_comes_on_hovering_and_is_no_markup() -> None:
    (matrix,) = Origins(facts(), REACHES, {}).figure().data
    assert matrix.customdata[1][0].startswith("WebSocket &lt;b&gt;: no event")
    assert matrix.customdata[1][0].endswith("The rule: connect-src (CSP 3)")


@pytest.mark.parametrize(
    "found",
    [
        MessageForms(facts("proxy"), FORMS),
        Pourings(facts("proxy"), [SOCKET]),
        SocketEnds(facts("proxy"), ENDS),
        Support(facts("proxy"), (Capability("EventSource", True),)),
        Background(facts("proxy"), WATCH),
        Origins(facts("proxy"), REACHES, {}),
    ],
)
def test_each_result_names_its_browser_its_route_and_what_that_changes(found: MessageForms) -> None:
    shown = found._repr_mimebundle_()
    assert "Measured in Chromium 156, which reached the lab through the notebook server" in shown["text/plain"]
    assert "WebSocket close code and reason" in shown["text/html"]
    assert found.figure().layout.meta["description"]
