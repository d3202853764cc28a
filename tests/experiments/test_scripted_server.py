from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rtlab.experiments.scripted_server import MOST_ANSWERS, Answer, ScriptedServer
from rtlab.loop_thread import shared
from rtlab.servers.certificates import make_certificates

GONE = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nConnection: close\r\n\r\n"
Make = Callable[..., ScriptedServer]


@pytest.fixture
def make() -> Iterator[Make]:
    shared.hold()
    servers: list[ScriptedServer] = []

    def start(answers: list[Answer], tls: ssl.SSLContext | None = None) -> ScriptedServer:
        servers.append(ScriptedServer({"/x": answers}, tls))
        shared.call(servers[-1].start_soon, 5.0)
        return servers[-1]

    yield start
    for server in servers:
        shared.call(server.stop_soon, 5.0)
    shared.release()


def test_answers_come_in_the_order_of_the_script_and_the_last_one_repeats(make: Make, raw: Any) -> None:
    server = make([Answer(BUSY), Answer(GONE)])
    found = []
    for _ in range(3):
        client = raw(server.port)
        client.get("/x")
        found.append(client.head()[0])
    assert found == [503, 204, 204]


def test_it_notes_what_was_asked_and_when_it_was_answered(make: Make, raw: Any) -> None:
    server = make([Answer(GONE)])
    for headers in ((), ("Last-Event-ID: 7",)):
        client = raw(server.port)
        client.get("/x", *headers)
        client.read_to_end()
    assert [request.last_event_id for request in server.requests] == [None, "7"]
    assert len(server.accepted_ns) == 2
    first, second = server.requests
    assert server.accepted_ns[0] < first.at_ns <= first.answered_ns < second.at_ns


def test_a_reset_comes_after_what_was_written(make: Make, raw: Any) -> None:
    client = raw(make([Answer(BUSY, "reset")]).port)
    client.get("/x")
    assert client.head()[0] == 503
    with pytest.raises(ConnectionResetError):
        client.read_to_end()


def test_an_eager_client_is_left_waiting(make: Make, raw: Any) -> None:
    server = make([Answer(GONE)])
    for _ in range(MOST_ANSWERS):
        client = raw(server.port)
        client.get("/x")
        client.read_to_end()
    client = raw(server.port)
    client.get("/x")
    client.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.head()


def test_an_upgrade_answers_the_key_before_the_data(make: Make, raw: Any) -> None:
    client = raw(make([Answer(b"\x81\x02hi", "hold", upgrade=True)]).port)
    client.get("/x", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    status, fields = client.head()
    assert (status, fields["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    assert client.frame().payload == b"hi"


def test_a_client_without_trust_is_counted_but_never_asks(make: Make) -> None:
    server = make([Answer(GONE)], make_certificates().server_context)

    async def connect() -> None:
        await asyncio.open_connection("127.0.0.1", server.port, ssl=ssl.create_default_context())

    with pytest.raises(ssl.SSLCertVerificationError):
        shared.call(connect, 5.0)
    assert (len(server.accepted_ns), server.requests) == (1, [])


def test_what_is_no_request_ends_the_connection(make: Make, raw: Any) -> None:
    client = raw(make([Answer(GONE)]).port)
    client.send(b"\x16\x03\x01 hello\r\n\r\n")
    assert client.is_over()
