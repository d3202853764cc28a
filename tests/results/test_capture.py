from __future__ import annotations

import json
import socket
import textwrap
import threading
from urllib.parse import urlsplit

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling, Polling
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.dissect import dissect
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError, LabNotRunning, WaitTimeout, WrongThread
from rtlab.loop_thread import shared
from rtlab.results.capture import through

TIMEOUT_S = 30.0
KINDS = {"in kernel": {}, "isolated": {"isolated": True}, "tls": {"tls": True}}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def any_lab(request, make_lab):
    return make_lab(**request.param)


@pytest.fixture
def via(lab):
    with through(lab) as capture:
        yield capture


def crossed(via, direction):
    return b"".join(chunk.data for chunk in via.chunks if chunk.direction == direction)


# Every way to talk to a lab goes through.


def test_every_client_works_through_the_relay(any_lab):
    ca_pem = any_lab.ca_pem
    with (
        through(any_lab) as via,
        EventSource(via.sse_url("a"), ca_pem=ca_pem) as source,
        WebSocket(via.ws_url("a"), ca_pem=ca_pem) as ws,
        LongPolling(via.poll_url("a"), ca_pem=ca_pem) as long_polling,
        Polling(via.poll_url("a"), interval_s=0.01, ca_pem=ca_pem) as polling,
        WebSocket(via.echo_url(), ca_pem=ca_pem) as echo,
        Publisher(via.publish_url("a"), ca_pem=ca_pem) as publisher,
    ):
        for number in range(3):
            publisher.send(f"message {number}")
            for client in (source, ws, long_polling, polling):
                assert client.receive().data == f"message {number}"
        echo.send("ä" * 40_000)
        assert echo.receive().data == "ä" * 40_000
        assert via.connections == 6
        assert {chunk.connection_id for chunk in via.chunks} == set(range(6))
        for number in range(6):
            ways = {chunk.direction for chunk in via.connection(number)}
            assert ways == {"up", "down"}


def test_what_was_captured_is_what_the_client_counted(lab, via):
    with EventSource(via.sse_url()) as source:
        lab.publish("x" * 1_000)
        source.receive()
        assert len(crossed(via, "up")) == source.traffic.bytes_up
        assert len(crossed(via, "down")) == source.traffic.bytes_down


def test_tls_crosses_as_it_is(make_lab):
    lab = make_lab(tls=True)
    with through(lab) as via, EventSource(via.sse_url(), ca_pem=lab.ca_pem) as source:
        assert via.sse_url().startswith("https://")
        assert via.ws_url().startswith("wss://")
        lab.publish("a text that can be found")
        assert source.receive().data == "a text that can be found"
        for direction in ("up", "down"):
            data = crossed(via, direction)
            assert data[0] == 0x16
            for plain in (b"HTTP/1.1", b"text that can", b"event-stream", b"/sse/news"):
                assert plain not in data


def test_the_paths_are_those_of_the_lab(lab, via):
    for name in ("sse_url", "ws_url", "poll_url", "publish_url"):
        for arguments in ((), ("a b/ä",)):
            own, relayed = (urlsplit(getattr(it, name)(*arguments)) for it in (lab, via))
            assert (relayed.scheme, relayed.path) == (own.scheme, own.path)
            assert relayed.port == via.port != lab.port
    assert urlsplit(via.echo_url()).path == urlsplit(lab.echo_url()).path


def test_a_page_that_came_through_the_relay_may_use_the_lab_and_a_foreign_one_may_not(via, raw):
    client = raw(via.port)
    client.open_stream("/sse/news", f"Origin: {via.http_url}")
    foreign = raw(via.port)
    foreign.get("/sse/news", "Origin: http://evil.test")
    assert foreign.head()[0] == 403
    rebound = raw(via.port)
    rebound.get("/sse/news", host="evil.test")
    assert rebound.head()[0] == 403


def test_a_lab_on_ipv6_is_reached(make_lab):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    lab = make_lab(host="::1")
    with through(lab) as via, EventSource(via.sse_url()) as source:
        lab.publish("x")
        assert source.receive().data == "x"


def test_any_url_will_do(lab):
    for url in (f"http://localhost:{lab.port}/some/path?x=1", f"ws://127.0.0.1:{lab.port}"):
        with through(url) as via, WebSocket(via.echo_url()) as echo:
            echo.send("x")
            assert echo.receive().data == "x"


# What is shown of it.


def test_secrets_are_masked_and_the_dissection_still_fits(lab, via):
    headers = (("Cookie", "login=hunter2"), ("Authorization", "Bearer hunter2"))
    with WebSocket(via.echo_url(), headers=headers) as echo:
        echo.send("Cookie: in a message")
        echo.receive()
    chunks = via.connection(0)
    assert b"hunter2" not in crossed(via, "up")
    assert b"Cookie: *************\r\nAuthorization: **************\r\n" in crossed(via, "up")
    assert b"Cookie: in a message" in crossed(via, "down")
    dissection = dissect(chunks)
    assert sum(unit.length_bytes for unit in dissection.up) == len(crossed(via, "up"))
    assert not [unit for unit in (*dissection.up, *dissection.down) if "Broken rule" in unit.text]


def test_a_connection_is_asked_for_by_its_number(via):
    with pytest.raises(InputError, match="no connection 0"):
        via.connection()
    with WebSocket(via.echo_url()) as first, WebSocket(via.echo_url()) as second:
        first.send("one")
        second.send("two")
        assert (first.receive().data, second.receive().data) == ("one", "two")
    for number, text in enumerate((b"one", b"two")):
        assert any(chunk.data.endswith(text) for chunk in via.connection(number))
    for number in (-1, 2):
        with pytest.raises(InputError, match=f"no connection {number}"):
            via.connection(number)


def test_a_capture_says_what_it_holds(lab):
    with through(lab, max_bytes=100) as via:
        assert repr(via) == (
            f"<Capture of 127.0.0.1:{lab.port}: at {via.http_url}, 0 connections, 0 bytes in 0 chunks>"
        )
        assert not via.truncated
        with EventSource(via.sse_url()):
            assert via.truncated
    assert repr(via).startswith(f"<Capture of 127.0.0.1:{lab.port}: stopped, 1 connections, 100 bytes in ")
    assert repr(via).endswith("truncated>")


# What is refused.


@pytest.mark.parametrize(
    "url", ["http://example.com", "https://192.0.2.1:8443/x", "ws://[2001:db8::1]/", "http://0.0.0.0:1"]
)
def test_another_machine_needs_consent(url):
    with pytest.raises(InputError, match=r"not this machine.*consent=True"):
        through(url)
    with through(url, consent=True) as via:
        assert via.chunks == ()


@pytest.mark.parametrize("url", ["", "localhost:80", "ftp://localhost", "http://", "http://user:word@localhost"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(InputError):
        through(url)


def test_a_negative_limit_is_refused(lab):
    with pytest.raises(InputError, match="max_bytes"):
        through(lab, max_bytes=-1)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_refused(lab, port):
    with pytest.raises(InputError, match="65,535"):
        through(lab, port=port)


def test_a_stopped_lab_is_refused(lab):
    lab.stop()
    with pytest.raises(LabNotRunning):
        through(lab)


def test_blocking_calls_are_refused_on_the_loop(lab, via, on_loop):
    for call in (lambda: through(lab), via.stop):
        with pytest.raises(WrongThread):
            on_loop(call)
    with EventSource(via.sse_url()) as source:  # it still runs
        lab.publish("x")
        assert source.receive().data == "x"


# How it ends.


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_a_lab_may_stop_first(make_lab, raw, until, options):
    lab = make_lab(**options)
    with through(lab) as via:
        clients = [EventSource(via.sse_url(), ca_pem=lab.ca_pem), WebSocket(via.echo_url(), ca_pem=lab.ca_pem)]
        for client in clients:
            client.open()
        before = len(via.chunks)
        lab.stop()
        for number in range(2):
            start = f"connection {number}: "
            until(lambda start=start: [text.startswith(start) for _, text in via.log].count(True) == 2)
        until(lambda: clients[1].ended)
        assert len(via.chunks) >= before > 0
        for client in clients:
            client.close()
        with pytest.raises(ConnectionFailed):
            WebSocket(via.echo_url(), ca_pem=lab.ca_pem).open()
        until(lambda: any("no connection to 127.0.0.1" in text for _, text in via.log))
    assert not shared.running


def test_an_event_source_comes_back_through_the_relay_after_a_cut(lab, via):
    with EventSource(via.sse_url()) as source:
        lab.publish("one")
        first = source.receive()
        source.reconnection_ms = 1
        lab.cut()
        lab.publish("two")
        assert source.receive().data == "two"
    assert via.connections == 2
    assert f"Last-Event-ID: {first.id}\r\n".encode() in b"".join(chunk.data for chunk in via.connection(1))


def test_what_was_captured_outlives_the_relay(lab):
    with through(lab) as via, EventSource(via.sse_url()):
        pass
    via.stop()
    assert crossed(via, "up").startswith(b"GET /sse/news HTTP/1.1\r\n")
    assert via.connection(0) == via.chunks
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", via.port), TIMEOUT_S)


def test_fifteen_captures_with_open_connections_leave_nothing(lab):
    for _ in range(15):
        with through(lab) as via:
            source, echo = EventSource(via.sse_url()).open(), WebSocket(via.echo_url()).open()
        source.close()
        echo.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", via.port), TIMEOUT_S)


def test_an_interrupt_of_a_block_ends_the_relay(python, interrupt):
    script = """
        import threading
        from rtlab.clients.event_source import EventSource
        from rtlab.loop_thread import shared
        from rtlab.results.capture import through
        from rtlab.servers.lab import start_lab

        with start_lab() as lab:
            try:
                with through(lab) as via, EventSource(via.sse_url()) as source:
                    print("waiting", flush=True)
                    source.receive(60)
            except KeyboardInterrupt:
                print(via.connections, shared.running)
        print(shared.running)
    """
    process = python("-c", textwrap.dedent(script))
    assert process.stdout.readline() == "waiting\n"
    interrupt(process)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "1 True\nFalse\n", "")


def test_an_interrupt_while_it_starts_leaves_nothing(python, interrupt):
    script = """
        import asyncio, os, signal
        import psutil
        from rtlab.loop_thread import shared
        from rtlab.network.relay import Relay
        from rtlab.results.capture import through

        start = Relay.start

        async def start_and_hang(relay):
            await start(relay)
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)

        Relay.start = start_and_hang
        try:
            through("http://127.0.0.1:1")
        except KeyboardInterrupt:
            print(shared.running, psutil.Process().net_connections("tcp"))
    """
    process = python("-c", textwrap.dedent(script))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "False []\n", "")


def test_a_stop_that_is_given_up_happens_all_the_same(lab, until):
    via, may_go_on = through(lab), threading.Event()
    shared.loop.call_soon_threadsafe(may_go_on.wait, 10.0)
    try:
        with pytest.raises(WaitTimeout):
            via.stop(timeout_s=0.01)
    finally:
        may_go_on.set()
    until(lambda: via.log and via.log[-1][1] == "stopped")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", via.port), TIMEOUT_S)


def test_an_interpreter_that_ends_without_a_stop_ends_cleanly(python):
    script = """
        import json
        from rtlab.clients.event_source import EventSource
        from rtlab.results.capture import through
        from rtlab.servers.lab import start_lab

        lab = start_lab()
        via = through(lab)
        source = EventSource(via.sse_url()).open()
        print(json.dumps([lab.port, via.port]), flush=True)
    """
    process = python("-c", textwrap.dedent(script))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    for port in json.loads(output):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), TIMEOUT_S)


def test_a_cut_resets_what_is_connected_and_lets_new_connections_come(lab, via, on_loop):
    with WebSocket(via.ws_url()) as socket, EventSource(via.sse_url()) as source:
        lab.publish("before")
        assert (socket.receive().data, source.receive().data) == ("before", "before")
        assert via.cut() == 2
        with pytest.raises(ConnectionEnded):
            socket.receive(5)
        lab.publish("after")
        assert source.receive(10).data == "after"  # it came back by itself, and lost nothing
        assert via.connections == 3
    with pytest.raises(WrongThread):
        on_loop(via.cut)


def test_a_stopped_relay_cuts_nothing(lab):
    with through(lab) as via:
        pass
    with pytest.raises(LabNotRunning, match="again"):
        via.cut()
