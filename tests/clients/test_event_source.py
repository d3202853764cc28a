from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

import pytest
import trustme

import rtlab
from rtlab import clock
from rtlab.clients.event_source import MOST_BACKOFF, MOST_REDIRECTS, RECONNECTION_MS, EventSource
from rtlab.errors import ConnectionEnded, ConnectionFailed, LocalProtocolError, WaitTimeout
from rtlab.resources import data_path
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.usefixtures("known_epoch")

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
SOON = b"retry: 20\n\n"
HTTP_VECTORS = json.loads(data_path("vectors", "sse.json").read_text(encoding="utf-8"))["http_vectors"]

Test = TypeVar("Test", bound=Callable[..., None])
proved: set[str] = set()


def proves(*ids: str) -> Callable[[Test], Test]:
    """Note which vectors a test is about."""
    proved.update(ids)
    return lambda test: test


def status(line: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 " + line, b"Content-Length: 0", *fields, b"", b""))


def seconds_between(start_ns: int, end_ns: int) -> float:
    return (end_ns - start_ns) / 1e9


# The vectors.


@proves("http-accept", "http-cache-control")
def test_the_request_asks_for_an_event_stream_and_for_no_stored_answer(serve: Any) -> None:
    server = serve([HEAD, "hold"])
    with EventSource(server.url()):
        (request,) = server.requests
    assert request.line == b"GET /stream HTTP/1.1"
    assert request.get(b"Accept") == b"text/event-stream"
    assert request.get(b"Cache-Control") == b"no-cache"
    assert request.get(b"Last-Event-ID") is None


STATUSES = pytest.mark.parametrize(
    "line",
    [
        b"204 No Content",
        b"205 Reset",
        b"210 What",
        b"299 Odd",
        b"404 Not Found",
        b"410 Gone",
        b"503 Busy",
        b"304 Same",
    ],
)


@proves("http-204", "http-205", "http-4xx-5xx")
@STATUSES
def test_any_status_but_200_fails_for_good(serve: Any, line: bytes) -> None:
    refusal = status(line, b"Content-Type: text/event-stream")
    server = serve([refusal])
    with pytest.raises(ConnectionFailed, match=line.decode()) as caught:
        EventSource(server.url()).open()
    assert caught.value.status == int(line[:3])
    assert server.connections == 1


@STATUSES
def test_any_status_but_200_ends_an_open_stream_that_comes_back(serve: Any, line: bytes) -> None:
    server = serve([HEAD + b"retry: 1\ndata: one\n\n"], [status(line, b"Content-Type: text/event-stream")])
    with EventSource(server.url()) as source:
        assert source.receive().data == "one"
        with pytest.raises(ConnectionEnded, match=line.decode()):
            source.receive()
        assert source.state == "closed"
        assert not server.wait_for(lambda s: s.connections > 2, timeout_s=0.1)


@proves("http-mime-missing", "http-mime-wrong")
@pytest.mark.parametrize(
    "field",
    [b"X: y", b"Content-Type:", b"Content-Type: text/x-bogus", b"Content-Type: text/event-stream-more"],
)
def test_a_missing_or_wrong_type_fails_for_good(serve: Any, field: bytes) -> None:
    server = serve([b"HTTP/1.1 200 OK\r\n" + field + b"\r\n\r\ndata: x\n\n", "hold"])
    with pytest.raises(ConnectionFailed, match="not text/event-stream") as caught:
        EventSource(server.url()).open()
    assert caught.value.status == 200
    assert server.connections == 1


@proves("http-mime-bogus-param", "http-mime-semicolon", "http-mime-case")
@pytest.mark.parametrize(
    "kind",
    [
        b"text/event-stream;charset=windows-1252",
        b"text/event-stream ; a=b",
        b"text/event-stream;",
        b"TEXT/Event-Stream",
    ],
)
def test_the_type_may_have_parameters_and_any_case_and_the_body_is_utf_8(serve: Any, kind: bytes) -> None:
    server = serve([b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n\r\ndata: \xc3\xa4\xff\n\n", "hold"])
    with EventSource(server.url()) as source:
        assert source.receive().data == "ä\N{REPLACEMENT CHARACTER}"


REDIRECTS = pytest.mark.parametrize("line", [b"301 M", b"302 F", b"303 S", b"307 T", b"308 P"])
SECRETS = (("Authorization", "Bearer x"), ("Cookie", "a=b"), ("X-Api-Key", "k"))


@proves("http-redirect")
@REDIRECTS
def test_a_redirect_within_the_origin_keeps_the_headers(serve: Any, line: bytes) -> None:
    server = serve([status(line, b"Location: ../other?a=b#c")], [HEAD + b"data: x\n\n", "hold"])
    with EventSource(server.url(), headers=SECRETS, last_event_id="7") as source:
        assert source.receive().data == "x"
    request = server.requests[1]
    assert request.line == b"GET /other?a=b HTTP/1.1"
    assert request.get(b"Accept") == b"text/event-stream"
    assert request.get(b"Last-Event-ID") == b"7"
    assert request.get(b"Authorization") == b"Bearer x"
    assert request.get(b"X-Api-Key") == b"k"


@proves("http-redirect")
@REDIRECTS
def test_a_redirect_to_another_origin_drops_the_headers(serve: Any, line: bytes) -> None:
    there = serve([HEAD + b"data: x\n\n", "hold"])
    here = serve([status(line, b"Location: " + there.url().encode())])
    with EventSource(here.url(), headers=SECRETS) as source:
        assert source.receive().data == "x"
    assert here.requests[0].get(b"Authorization") == b"Bearer x"
    (request,) = there.requests
    assert request.line == b"GET /stream HTTP/1.1"
    assert request.get(b"Host") == f"127.0.0.1:{there.port}".encode()
    assert [request.get(name.encode()) for name, _ in SECRETS] == [None, None, None]


def test_headers_that_were_dropped_do_not_come_back_on_the_way(serve: Any) -> None:
    here_again: list[bytes] = []
    there = serve([lambda request: here_again[0]])
    here = serve([status(b"302 F", b"Location: " + there.url().encode())], [HEAD, "hold"])
    here_again.append(status(b"302 F", b"Location: " + here.url().encode()))
    with EventSource(here.url(), headers=SECRETS):
        assert here.requests[1].get(b"Authorization") is None


def test_a_reconnection_begins_where_the_redirect_led_with_the_headers(serve: Any) -> None:
    server = serve([status(b"301 M", b"Location: /b")], [HEAD + SOON], [HEAD, "hold"])
    with EventSource(server.url(path="/a"), headers=SECRETS):
        assert server.wait_for(lambda s: len(s.requests) == 3)
    assert [request.line.split()[1] for request in server.requests] == [b"/a", b"/b", b"/b"]
    assert server.requests[2].get(b"Authorization") == b"Bearer x"


@proves("http-redirect-no-location")
@pytest.mark.parametrize("line", [b"301 M", b"307 T"])
@pytest.mark.parametrize("field", [b"X: y", b"Location:"], ids=["missing", "empty"])
def test_a_redirect_without_location_is_an_error_and_no_loop(serve: Any, line: bytes, field: bytes) -> None:
    server = serve([status(line, field)], [HEAD])
    with pytest.raises(ConnectionFailed) as caught:
        EventSource(server.url()).open()
    assert caught.value.status == int(line[:3])
    assert server.connections == 1


@pytest.mark.parametrize("where", [b"ftp://127.0.0.1/", b"http://me:secret@127.0.0.1/", b"http://[::1", b"//a b/"])
def test_a_redirect_to_where_no_event_stream_can_be_fails_for_good(serve: Any, where: bytes) -> None:
    server = serve([status(b"302 F", b"Location: " + where)])
    with pytest.raises(ConnectionFailed, match="redirect") as caught:
        EventSource(server.url()).open(30)
    assert caught.value.status == 302
    assert "secret" not in str(caught.value)


def test_redirects_in_a_circle_end(serve: Any) -> None:
    server = serve(*[[status(b"302 F", b"Location: /again")]] * (MOST_REDIRECTS + 5))
    with pytest.raises(ConnectionFailed, match="redirects"):
        EventSource(server.url()).open()
    assert server.connections == MOST_REDIRECTS + 1


@proves("http-eof-reconnect")
def test_after_the_end_of_the_body_it_reconnects_after_the_reconnection_time(serve: Any) -> None:
    server = serve([HEAD + b"retry: 300\n\ndata: 1\n\n"], [HEAD + b"data: 2\n\n", "hold"])
    with EventSource(server.url()) as source:
        assert source.reconnection_ms in (300, RECONNECTION_MS)
        assert [message.data for message in source.take(2)] == ["1", "2"]
        assert source.reconnection_ms == 300
        assert [text for _, text in source.history] == ["open", "the stream ended", "open"]
    assert 0.25 < seconds_between(server.closed_ns[0], server.accepted_ns[1]) < 30


@proves("http-last-event-id", "http-last-event-id-utf8", "http-last-event-id-empty", "http-last-event-id-nul")
@pytest.mark.parametrize(
    ("stream", "header"),
    [
        (b"id: 1\ndata: x\n\n", b"1"),
        (b"id: 1\n\n", b"1"),
        ("id: \N{HORIZONTAL ELLIPSIS}\ndata: x\n\n".encode(), b"\xe2\x80\xa6"),
        ("id: é\ndata: x\n\n".encode(), b"\xc3\xa9"),
        (b"id: 1\ndata: x\n\nid:\ndata: x\n\n", None),
        (b"id: 1\ndata: x\n\nid\n\n", None),
        (b"id: \0\0\ndata: x\n\n", None),
        (b"id: 1\n\nid: 2\0\n\n", b"1"),
        (b"id: \xff\n\n", b"\xef\xbf\xbd"),
        (b"id: 1\x01\t2\x7f\n\n", b"1\x01\t2\x7f"),
    ],
)
def test_a_reconnection_sends_the_last_event_id(serve: Any, stream: bytes, header: bytes | None) -> None:
    server = serve([HEAD + SOON + stream], [HEAD, "hold"])
    with EventSource(server.url()):
        assert server.wait_for(lambda s: len(s.requests) == 2)
    assert server.requests[1].get(b"Last-Event-ID") == header


@proves("http-partial-discard")
@pytest.mark.parametrize("how", [[], ["reset"]], ids=["closed", "reset"])
def test_an_unfinished_event_is_thrown_away_with_its_id(serve: Any, how: list[str]) -> None:
    got_it = threading.Event()
    first = HEAD + SOON + b"id: abc\ndata: whole\n\n"
    server = serve(
        [first, lambda request: b"id: def\ndata: half" * got_it.wait(10), *how],
        [HEAD + b"data: next\n\n", "hold"],
    )
    with EventSource(server.url()) as source:
        whole = source.receive()
        got_it.set()
        following = source.receive()
    assert (whole.data, whole.id) == ("whole", "abc")
    assert (following.data, following.id) == ("next", "abc")
    assert server.requests[1].get(b"Last-Event-ID") == b"abc"


def test_only_the_two_vectors_of_browsers_are_left_out() -> None:
    assert {vector["id"] for vector in HTTP_VECTORS} - proved == {"http-cors-preflight", "http-cors-credentials"}
    assert proved < {vector["id"] for vector in HTTP_VECTORS}


# What else breaks.


@pytest.mark.parametrize(
    "body",
    [b"5\r\nda", b"9\r\ndata: x\n\n\r\n", b"3\r\n12345", b"zz\r\n"],
    ids=["in a chunk", "after a chunk", "chunk too long", "no size"],
)
def test_a_chunked_body_that_is_cut_short_or_wrong_reconnects(serve: Any, body: bytes) -> None:
    chunked = HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
    server = serve([chunked + body], [HEAD + b"data: there\n\n", "hold"])
    source = EventSource(server.url())
    source.reconnection_ms = 20
    with source:
        messages = [source.receive().data]
        while messages[-1] != "there":
            messages.append(source.receive().data)
    assert messages in (["there"], ["x", "there"])


@pytest.mark.parametrize("answer", [[b"garbage\r\n\r\n"], [], ["reset"]], ids=["garbage", "closed", "reset"])
def test_an_attempt_that_fails_is_made_again(serve: Any, answer: list[Any]) -> None:
    server = serve(answer, [HEAD + b"data: x\n\n", "hold"])
    source = EventSource(server.url())
    source.reconnection_ms = 10
    with source:
        assert source.receive().data == "x"


def test_where_nobody_listens_open_says_so_when_the_time_is_over(serve: Any) -> None:
    server = serve()
    server.stop_listening()
    with pytest.raises(WaitTimeout, match=f"No connection to 127.0.0.1:{server.port}"):
        EventSource(server.url()).open(0.3)


def test_while_nobody_listens_it_keeps_trying_with_growing_waits(serve: Any, until: Callable[..., Any]) -> None:
    server = serve([HEAD + b"retry: 10\n\n", "ask"])
    with EventSource(server.url()) as source:
        assert server.wait_for(lambda s: s.requests)
        server.stop()
        until(lambda: len(source.history) >= 8, "no further attempts")
        failures = [at_ns for at_ns, text in source.history if text.startswith("No connection")]
        assert source.state == "connecting"
    waits_s = [seconds_between(*pair) for pair in pairwise(failures)]
    for number, wait_s in enumerate(waits_s):
        assert wait_s >= 0.010 * min(2**number, MOST_BACKOFF) * 0.99
    assert waits_s[-1] < 30


def test_close_does_not_wait_for_the_next_attempt(serve: Any, until: Callable[..., Any]) -> None:
    server = serve([HEAD + b"retry: 60000\n\n"])
    source = EventSource(server.url()).open()
    until(lambda: source.history[-1][1] == "the stream ended", "it goes on")
    started_ns = clock.now_ns()
    source.close()
    assert seconds_between(started_ns, clock.now_ns()) < 20
    assert source.state == "closed"


def test_close_does_not_wait_for_a_server_that_does_not_answer(serve: Any) -> None:
    server = serve([HEAD + SOON], ["hold"])
    source = EventSource(server.url()).open()
    assert server.wait_for(lambda s: len(s.requests) == 2)
    started_ns = clock.now_ns()
    source.close()
    assert seconds_between(started_ns, clock.now_ns()) < 20


@pytest.mark.parametrize("digits", [20, 640, 4_000])
def test_a_reconnection_time_beyond_reason_does_no_harm(serve: Any, until: Callable[..., Any], digits: int) -> None:
    server = serve([HEAD + b"retry: " + b"9" * digits + b"\n\ndata: x\n\n"])
    with EventSource(server.url()) as source:
        assert source.receive().data == "x"
        until(lambda: len(source.history) == 2, "the end of the stream was not noticed")
        with pytest.raises(WaitTimeout):
            source.receive(0.05)
        assert source.ended is None


def test_a_lab_that_cuts_the_line_loses_and_doubles_nothing(lab: Lab) -> None:
    with EventSource(lab.sse_url("cut")) as source:
        lab.publish("1", channel="cut")
        got = [source.receive()]
        assert lab.cut("cut") == 1
        for number in range(2, 31):
            lab.publish(str(number), channel="cut")
        got += source.take(29, 10)
        with pytest.raises(WaitTimeout):
            source.receive(0.1)
    assert [message.data for message in got] == [str(number) for number in range(1, 31)]
    assert [message.id for message in got] == [f"k3f9-{message.data}" for message in got]


def test_a_lab_that_is_gone_and_back_on_its_port_is_resumed(until: Callable[..., Any]) -> None:
    with rtlab.start_lab("gone") as lab:
        source = EventSource(lab.sse_url()).open()
        for text in ("a", "b"):
            lab.publish(text)
        assert [message.data for message in source.take(2)] == ["a", "b"]
    try:
        until(lambda: source.state == "connecting", "the end was not noticed")
        with rtlab.start_lab("back", port=lab.port) as again:
            again.publish("c")
            assert source.receive(20).data == "c"
            again.publish("d")
            assert source.receive().data == "d"
    finally:
        source.close()


def test_a_certificate_that_is_not_trusted_fails_at_once(serve: Any, authority: trustme.CA) -> None:
    server = serve([HEAD], [HEAD], tls=authority)
    started_ns = clock.now_ns()
    with pytest.raises(ConnectionFailed, match=r"not trusted: .*ca_pem=lab\.ca_pem"):
        EventSource(server.url()).open(90)
    assert seconds_between(started_ns, clock.now_ns()) < 60
    assert server.connections == 1


def test_a_redirect_to_tls_that_is_not_trusted_fails_for_good(serve: Any, authority: trustme.CA) -> None:
    there = serve([HEAD], tls=authority)
    here = serve([status(b"302 F", b"Location: " + there.url().encode())])
    with pytest.raises(ConnectionFailed, match="not trusted"):
        EventSource(here.url()).open(30)


@pytest.mark.parametrize(
    "options",
    [
        {"last_event_id": "1\n2"},
        {"last_event_id": "\0"},
        {"last_event_id": "\ud800"},
        {"headers": (("X", "a\r\nb"),)},
        {"headers": (("a b", "c"),)},
    ],
)
def test_what_no_request_can_carry_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(LocalProtocolError):
        EventSource("http://127.0.0.1/", **options)


def test_names_ids_and_arrival_times_are_handed_over(serve: Any) -> None:
    server = serve([HEAD + b"event: price\nid: 7\ndata: 1\ndata: 2\n\ndata: 3\n\n", "hold"])
    with EventSource(server.url()) as source:
        first, second = source.take(2)
    assert (first.data, first.event, first.id) == ("1\n2", "price", "7")
    assert (second.data, second.event, second.id) == ("3", "message", "7")
    assert server.accepted_ns[0] < first.received_ns <= second.received_ns < clock.now_ns()


def test_a_closed_source_opens_again_where_it_was(serve: Any) -> None:
    server = serve([HEAD + b"id: 5\ndata: x\n\n", "hold"], [HEAD + b"data: y\n\n", "hold"])
    source = EventSource(server.url())
    with source:
        assert source.receive().data == "x"
    with source:
        assert source.receive().data == "y"
    assert server.requests[1].get(b"Last-Event-ID") == b"5"


def test_a_stream_that_stays_silent_for_too_long_is_opened_again(serve: Any) -> None:
    server = serve([HEAD + b"retry: 1\nid: 5\ndata: x\n\n", "hold"], [HEAD + b"data: y\n\n", "hold"])
    with EventSource(server.url(), idle_timeout_s=0.5) as source:
        assert [message.data for message in source.take(2)] == ["x", "y"]
        assert "Nothing came for 0.5 s." in [what for _, what in source.history]
    assert server.requests[1].get(b"Last-Event-ID") == b"5"


def test_a_comment_keeps_a_silent_stream(make_server: Callable[..., Any], until: Callable[..., Any]) -> None:
    server = make_server(heartbeat_s=0.05)
    with EventSource(f"{server.http_url}/sse/news", idle_timeout_s=5.0) as source:
        heard = source.traffic.bytes_down
        with pytest.raises(WaitTimeout):
            source.receive(0.3)
        until(lambda: source.traffic.bytes_down > heard, "a comment")
        assert [what for _, what in source.history] == ["open"]
