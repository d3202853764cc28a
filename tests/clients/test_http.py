from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic
from rtlab.codecs.http1 import RequestHead
from rtlab.errors import ConnectionFailed, LocalProtocolError, WaitTimeout
from rtlab.loop_thread import shared

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = RequestHead("GET", "/x")
POST = RequestHead("POST", "/x")


class Asker:
    """An HttpConnection with blocking calls."""

    def __init__(self, server: Any) -> None:
        self.traffic = Traffic()
        self.http = HttpConnection(Address.parse(server.url(), ("http",)), self.traffic)

    def ask(self, head: RequestHead = GET, body: bytes = b"", *, timeout_s: float = 5.0) -> tuple[int, bytes]:
        async def exchange() -> tuple[int, bytes]:
            answer = await self.http.request(head, body, timeout_s=timeout_s)
            whole, _ = await self.http.read_all(timeout_s)
            return answer.status, whole

        return shared.call(exchange, 30)

    async def close(self) -> None:
        self.http.close()


@pytest.fixture
def asker_of(on_loop: Callable[[Awaitable[Any]], Any]) -> Iterator[Callable[[Any], Asker]]:
    askers: list[Asker] = []

    def make(server: Any) -> Asker:
        askers.append(Asker(server))
        return askers[-1]

    yield make
    for asker in askers:
        on_loop(asker.close())


def test_host_and_the_bodys_length_are_added(serve: Any, asker_of: Callable[..., Asker]) -> None:
    server = serve([OK, "ask", OK, "ask", OK])
    asker = asker_of(server)
    assert asker.ask() == (200, b"ok")
    assert asker.ask(POST, b"hello") == (200, b"ok")
    assert asker.ask(POST) == (200, b"ok")
    first, second, third = server.requests
    assert first.line == b"GET /x HTTP/1.1"
    assert first.get(b"Host") == f"127.0.0.1:{server.port}".encode()
    assert first.get(b"Content-Length") is None
    assert (second.body, second.get(b"Content-Length")) == (b"hello", b"5")
    assert third.get(b"Content-Length") == b"0"


def test_one_connection_serves_many_requests(serve: Any, asker_of: Callable[..., Asker]) -> None:
    server = serve([OK, "ask", OK, "ask", OK])
    asker = asker_of(server)
    for _ in range(3):
        asker.ask()
    assert server.connections == asker.traffic.connections == 1
    assert asker.traffic.requests == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["close", "HTTP/1.0", "an answer that nobody asked for"],
)
def test_a_connection_that_cannot_be_used_again_is_not(
    serve: Any, asker_of: Callable[..., Asker], answer: bytes
) -> None:
    server = serve([answer, "hold"], [OK])
    asker = asker_of(server)
    assert asker.ask(POST, b"1") == (200, b"ok")
    assert asker.ask(POST, b"2") == (200, b"ok")
    assert server.connections == 2


def test_an_answer_that_comes_late_is_not_taken_for_the_next(serve: Any, asker_of: Callable[..., Asker]) -> None:
    late = threading.Event()
    server = serve([OK, lambda request: late.wait(10) and b"HTTP/1.1 500 Late\r\n\r\n", "hold"], [OK])
    asker = asker_of(server)
    asker.ask()
    late.set()

    async def heard() -> bool:
        return not (asker.http._wire and asker.http._wire.idle)

    pause = threading.Event()
    while not shared.call(heard, 30):
        pause.wait(0.005)
    assert asker.ask() == (200, b"ok")
    assert server.connections == 2


def test_a_body_that_was_not_read_to_its_end_costs_the_connection(
    serve: Any, asker_of: Callable[..., Asker], on_loop: Callable[..., Any]
) -> None:
    server = serve([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "hold"], [OK])
    asker = asker_of(server)
    assert on_loop(asker.http.request(GET, timeout_s=5)).status == 200
    assert asker.ask() == (200, b"ok")
    assert server.connections == 2


def test_a_kept_connection_that_the_server_has_closed_is_replaced(
    serve: Any, asker_of: Callable[..., Asker]
) -> None:
    server = serve([OK], [OK])
    asker = asker_of(server)
    asker.ask(POST, b"1")
    assert server.wait_for(lambda s: s.closed_ns)

    async def ended() -> bool:
        return bool(asker.http._wire and asker.http._wire.ended)

    pause = threading.Event()
    while not shared.call(ended, 30):
        pause.wait(0.005)
    assert asker.ask(POST, b"2") == (200, b"ok")


@pytest.mark.parametrize("how", [[], ["reset"]], ids=["closed", "reset"])
def test_a_get_is_made_again_when_the_kept_connection_ends_under_it(
    serve: Any, asker_of: Callable[..., Asker], how: list[str]
) -> None:
    server = serve([OK, "ask", *how], [OK])
    asker = asker_of(server)
    asker.ask()
    assert asker.ask() == (200, b"ok")
    assert [request.connection for request in server.requests] == [0, 0, 1]


@pytest.mark.parametrize("how", [[], ["reset"]], ids=["closed", "reset"])
def test_a_post_is_never_made_again(serve: Any, asker_of: Callable[..., Asker], how: list[str]) -> None:
    server = serve([OK, "ask", *how], [OK])
    asker = asker_of(server)
    asker.ask(POST, b"1")
    with pytest.raises(ConnectionFailed):
        asker.ask(POST, b"2")
    assert [request.body for request in server.requests] == [b"1", b"2"]


def test_a_fresh_connection_that_ends_is_not_tried_again(serve: Any, asker_of: Callable[..., Asker]) -> None:
    server = serve([], [OK])
    with pytest.raises(ConnectionFailed):
        asker_of(server).ask()
    assert server.connections == 1


def test_interim_answers_are_passed_over(serve: Any, asker_of: Callable[..., Asker]) -> None:
    server = serve([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK])
    assert asker_of(server).ask() == (200, b"ok")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    ],
)
def test_an_answer_that_is_not_http_fails(serve: Any, asker_of: Callable[..., Asker], answer: bytes) -> None:
    server = serve([answer])
    with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{server.port}"):
        asker_of(server).ask()


@pytest.mark.parametrize(
    "answer",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmore than four\r\n"],
        [b"HTTP/1.1 200 OK\r\n\r\nhalf", "reset"],
    ],
    ids=["length", "chunks", "a chunk too long", "reset"],
)
def test_a_body_cut_short_fails(serve: Any, asker_of: Callable[..., Asker], answer: list[Any]) -> None:
    with pytest.raises(ConnectionFailed):
        asker_of(serve(answer)).ask()


def test_a_body_without_length_lasts_until_the_server_closes(serve: Any, asker_of: Callable[..., Asker]) -> None:
    server = serve([b"HTTP/1.1 200 OK\r\n\r\none ", b"two"])
    assert asker_of(server).ask() == (200, b"one two")


@pytest.mark.parametrize("answer", [[], [b"HTTP/1.1 200 OK\r\n"]], ids=["silence", "half a head"])
def test_waiting_for_the_head_ends_in_time(serve: Any, asker_of: Callable[..., Asker], answer: list[Any]) -> None:
    with pytest.raises(WaitTimeout, match=r"did not answer within 0\.1 s"):
        asker_of(serve([*answer, "hold"])).ask(timeout_s=0.1)


def test_a_server_that_drips_its_answer_runs_out_of_time(serve: Any, asker_of: Callable[..., Asker]) -> None:
    # Each piece comes in time; all of them together do not.
    pause = threading.Event()
    drips = [lambda request: pause.wait(0.05) or b"x"] * 60
    asker = asker_of(serve([b"HTTP/1.1 200 OK\r\nX: ", *drips], [OK[:-2], *drips]))
    with pytest.raises(WaitTimeout):
        asker.ask(timeout_s=0.3)

    async def body() -> None:
        await asker.http.request(GET, timeout_s=5)
        await asker.http.read_all(0.01)

    with pytest.raises(WaitTimeout):
        shared.call(body, 30)


def test_a_header_that_cannot_be_sent_is_refused_before_anything_is(
    serve: Any, asker_of: Callable[..., Asker]
) -> None:
    server = serve([OK])
    with pytest.raises(LocalProtocolError):
        asker_of(server).ask(RequestHead("GET", "/", (("X", "a\r\nY: b"),)))
    assert server.connections == 0


def test_after_a_101_the_wire_and_what_followed_are_handed_over(
    serve: Any, asker_of: Callable[..., Asker], on_loop: Callable[..., Any]
) -> None:
    server = serve([b"HTTP/1.1 101 Switching\r\n\r\nearly", "hold"])
    asker = asker_of(server)
    assert on_loop(asker.http.request(GET, timeout_s=5)).status == 101
    wire, early, at_ns = asker.http.take_wire()
    assert early == b"early"
    assert at_ns > server.accepted_ns[0]

    async def abort() -> None:
        wire.abort()

    on_loop(abort())
