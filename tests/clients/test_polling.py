from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

import rtlab
from rtlab import clock
from rtlab.clients.polling import LongPolling, Polling
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError
from rtlab.servers.lab import Lab


def answer(last_id: int | str, *texts: str, close: bool = False) -> bytes:
    first = int(last_id) - len(texts) + 1 if texts else 0
    events = [{"id": first + at, "event": "", "data": text} for at, text in enumerate(texts)]
    body = json.dumps({"last_id": last_id, "missed": False, "events": events}).encode()
    ending = b"Connection: close\r\n" if close else b""
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (ending, len(body), body)


def quick(url: str) -> Polling:
    return Polling(url, interval_s=0.01)


def target(request: Any) -> bytes:
    return bytes(request.line.split()[1])


@pytest.mark.parametrize(
    "options",
    [
        {"interval_s": 0.0},
        {"interval_s": -1.0},
        {"interval_s": math.nan},
        {"interval_s": math.inf},
        {"wait_s": -0.1},
        {"wait_s": 30.1},
        {"wait_s": math.nan},
    ],
)
def test_a_setting_out_of_its_range_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match="wait_s"):
        Polling("http://127.0.0.1/", **options)


def test_long_polling_that_does_not_wait_is_refused() -> None:
    with pytest.raises(InputError):
        LongPolling("http://127.0.0.1/", wait_s=0)


def test_each_request_names_the_last_id_and_how_long_to_wait(serve: Any) -> None:
    server = serve([answer(7), "ask", answer(9, "a", "b"), "ask", "hold"])
    with LongPolling(server.url(path="/poll/x"), wait_s=2.5) as client:
        assert [(message.data, message.id) for message in client.take(2)] == [("a", "8"), ("b", "9")]
        assert server.wait_for(lambda s: len(s.requests) == 3)
        assert client.last_event_id == "9"
    assert [target(request) for request in server.requests] == [
        b"/poll/x?after=&wait_s=0",
        b"/poll/x?after=7&wait_s=2.5",
        b"/poll/x?after=9&wait_s=2.5",
    ]


def test_a_url_with_a_query_keeps_it_and_an_odd_id_is_quoted(serve: Any) -> None:
    server = serve([answer("a &b"), "ask", "hold"])
    with LongPolling(server.url(path="/poll?token=x")):
        assert server.wait_for(lambda s: len(s.requests) == 2)
    assert [target(request) for request in server.requests] == [
        b"/poll?token=x&after=&wait_s=0",
        b"/poll?token=x&after=a%20%26b&wait_s=20",
    ]


def test_short_polling_keeps_one_connection_and_pauses_between_requests(lab: Lab) -> None:
    with Polling(lab.poll_url(), interval_s=0.05) as client:
        for text in ("a", "b", "c"):
            lab.publish(text)
            assert client.receive().data == text
        traffic = client.traffic
        assert traffic.connections == 1
        assert traffic.requests >= 2
        assert min(later - first for first, later in pairwise(traffic.request_times_ns)) > 0.045e9


def test_long_polling_gets_a_message_when_it_is_sent_and_asks_no_more_than_it_must(lab: Lab) -> None:
    with LongPolling(lab.poll_url()) as client:
        for text in ("a", "b", "c"):
            sent_ns = clock.now_ns()
            lab.publish(text)
            assert client.receive().data == text
            assert clock.now_ns() - sent_ns < 15e9  # it may wait for 20 s
        assert client.traffic.connections == 1
        assert client.traffic.requests <= 5


def test_long_polling_asks_again_after_a_wait_without_messages(lab: Lab, until: Callable[..., Any]) -> None:
    with LongPolling(lab.poll_url(), wait_s=0.05) as client:
        until(lambda: client.traffic.requests > 4, "it asks no more")
        lab.publish("x")
        assert client.receive().data == "x"


def test_a_connection_that_the_server_closes_is_opened_again(serve: Any) -> None:
    server = serve(
        [answer(0, close=True)],
        [answer(1, "a")],
        [answer(2, "b"), "ask", "reset"],
        [answer(3, "c"), "ask", "hold"],
    )
    with quick(server.url()) as client:
        assert [message.data for message in client.take(3)] == ["a", "b", "c"]
        assert server.wait_for(lambda s: len(s.requests) == 6)
    after = [target(request).partition(b"after=")[2].partition(b"&")[0] for request in server.requests]
    assert after == [b"", b"0", b"1", b"2", b"2", b"3"]


def test_a_lab_that_is_gone_ends_it_with_the_reason(until: Callable[..., Any]) -> None:
    for make in (quick, LongPolling):
        with rtlab.start_lab("gone") as lab:
            client = make(lab.poll_url()).open()
        try:
            with pytest.raises(ConnectionEnded, match=r"(?i)connection") as caught:
                client.receive(20)
            assert isinstance(caught.value.__cause__, ConnectionFailed)
        finally:
            client.close()


def test_a_lab_that_is_back_in_time_is_found_again(lab: Lab) -> None:
    with Polling(lab.poll_url(), interval_s=1.0) as client:
        asked = client.traffic.requests
        lab.stop()
        with rtlab.start_lab("back in time", port=lab.port) as again:
            assert client.traffic.requests == asked
            again.publish("new")
            assert client.receive(10).data == "new"


@pytest.mark.parametrize("status", [b"204 No Content", b"403 Forbidden", b"500 Oh"])
def test_a_refusal_fails_with_its_status_or_ends(serve: Any, status: bytes) -> None:
    refusal = b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status
    with pytest.raises(ConnectionFailed, match=status[:3].decode()) as caught:
        quick(serve([refusal]).url()).open()
    assert caught.value.status == int(status[:3])
    source = quick(serve([answer(0), "ask", refusal]).url())
    with source, pytest.raises(ConnectionEnded, match=status[:3].decode()):
        source.receive()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff",
        b"[]",
        b"7",
        b"{}",
        b'{"last_id": 1}',
        b'{"last_id": 1, "events": 7}',
        b'{"last_id": 1, "events": [7]}',
        b'{"last_id": 1, "events": [{"id": 1}]}',
    ],
)
def test_an_answer_that_is_none_of_a_labs_fails_or_ends(serve: Any, body: bytes) -> None:
    odd = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with pytest.raises(ConnectionFailed, match="poll URL"):
        quick(serve([odd]).url()).open()
    with quick(serve([answer(0), "ask", odd]).url()) as client, pytest.raises(ConnectionEnded, match="poll URL"):
        client.receive()


def test_all_messages_of_an_answer_arrive_when_its_last_byte_does(serve: Any) -> None:
    halves = answer(2, "a", "b")
    server = serve([answer(0), "ask", halves[:60], lambda request: halves[60:], "ask", "hold"])
    with quick(server.url()) as client:
        first, second = client.take(2)
    assert first.received_ns == second.received_ns
