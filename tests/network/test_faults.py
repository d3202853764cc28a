"""Each fault between a real lab and real clients: what it does to an event stream and to a WebSocket."""

from __future__ import annotations

import random
import socket
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest

from rtlab import clock
from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.http1 import BodyData, ResponseDecoder
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError, LabNotRunning, WaitTimeout, WrongThread
from rtlab.loop_thread import shared
from rtlab.network.end import READ_BYTES
from rtlab.network.faults import (
    Answer,
    Bandwidth,
    BlackHole,
    BufferingProxy,
    DropLastEventId,
    GzipProxy,
    Http10,
    IdleCut,
    Latency,
    Limit,
    Refuse,
    Reset,
    RewriteAccept,
    Slicing,
    Stall,
    StripUpgrade,
)
from rtlab.network.flow import MAX_WAITING_BYTES
from rtlab.results.capture import through

TIMEOUT_S = 30.0
SILENCE_S = 0.3
WAYS = ("sse", "websocket")
OPENING = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
HTTP_FAULTS = (
    Answer(),
    BufferingProxy(),
    DropLastEventId(),
    GzipProxy(),
    Http10(),
    RewriteAccept(),
    StripUpgrade(),
)


def client(via, way):
    """A client that does not come back by itself before it is told to."""
    if way == "websocket":
        return WebSocket(via.ws_url())
    source = EventSource(via.sse_url())
    source.reconnection_ms = 60_000
    return source


@pytest.fixture
def both(lab):
    """Both clients through one relay, opened before any fault is there."""

    @contextmanager
    def opened(*faults):
        with through(lab) as via, client(via, "sse") as source, client(via, "websocket") as ws:
            lab.publish("first")
            assert [each.receive(TIMEOUT_S).data for each in (source, ws)] == ["first", "first"]
            source.reconnection_ms = 60_000  # the stream itself asked for less
            via.apply(*faults)
            yield via, (source, ws)

    return opened


def read_exactly(sock, count):
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(count - len(data))
        assert piece, f"it ended after {len(data)} bytes"
        data += piece
    return bytes(data)


def said(via, fault):
    return [text for _, text in via.log if f": {fault}: " in text]


def received(clients):
    return [each.receive(TIMEOUT_S).data for each in clients]


def assert_silent(clients):
    for each in clients:
        with pytest.raises(WaitTimeout):
            each.receive(SILENCE_S)


def is_over(each):
    with pytest.raises(ConnectionEnded):
        each.receive(TIMEOUT_S)


class Raw:
    """A client that shows the bytes as they come."""

    def __init__(self, port, target, *headers):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        lines = (f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", "")
        self.socket.sendall("\r\n".join(lines).encode())

    def until(self, end):
        data = b""
        while end not in data:
            piece = self.socket.recv(65_536)
            assert piece, f"it ended before {end!r}: {data!r}"
            data += piece
        return data

    def rest(self):
        data = b""
        while piece := self.socket.recv(65_536):
            data += piece
        return data

    def close(self):
        self.socket.close()


@pytest.fixture
def raw_client():
    made = []

    def make(*arguments):
        made.append(Raw(*arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


# Faults of time: everything arrives.


def test_latency_delays_both_protocols_and_the_round_trip_twice(lab, both):
    with both(Latency(120, 20)) as (via, clients):
        before_ns = clock.now_ns()
        lab.publish("late")
        for each in clients:
            message = each.receive(TIMEOUT_S)
            assert message.data == "late"
            assert message.received_ns - before_ns >= 100_000_000
        with WebSocket(via.echo_url()) as echo:
            before_ns = clock.now_ns()
            echo.send("x")
            assert echo.receive(TIMEOUT_S).received_ns - before_ns >= 200_000_000


def test_a_narrow_line_takes_its_time_and_loses_nothing(lab, both):
    with both(Bandwidth(10_000, "down")) as (_, clients):
        before_ns = clock.now_ns()
        lab.publish("x" * 4_000)
        for each in clients:
            message = each.receive(TIMEOUT_S)
            assert message.data == "x" * 4_000
            assert message.received_ns - before_ns >= 390_000_000


def test_a_message_in_slices_arrives_whole(lab, both):
    with both(Slicing(1, gap_ms=1)) as (_, clients):
        lab.publish("ä€𝄞")
        assert received(clients) == ["ä€𝄞"] * 2


def test_slices_with_gaps_are_read_one_by_one(lab, raw_client):
    with through(lab, Slicing(10, gap_ms=20, direction="down")) as via:
        raw = raw_client(via.port, "/sse/news")
        before_ns = clock.now_ns()
        head = raw.until(b"\r\n\r\n")
        assert clock.now_ns() - before_ns >= (len(head) // 10 - 2) * 20_000_000


# Faults that end a connection.


@pytest.mark.parametrize("way", WAYS)
def test_a_limit_passes_its_bytes_and_ends_in_order(lab, raw_client, way):
    with through(lab, Limit(500)) as via:
        raw = raw_client(via.port, "/sse/news") if way == "sse" else raw_client(via.port, "/ws/news", *OPENING)
        head = raw.until(b"\r\n\r\n")
        lab.publish("x" * 1_000)
        assert len(head + raw.rest()) == 500
        assert said(via, "Limit") == ["connection 0: Limit: ended after 500 bytes of the server"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", [Reset(), Reset(after_s=0.05), Limit(0)])
def test_a_live_connection_ends_when_the_fault_says_so(lab, both, fault, way):
    with both(fault) as (_, clients):
        if way == "websocket":
            with pytest.raises(ConnectionEnded) as ended:
                clients[1].receive(TIMEOUT_S)
            assert ended.value.close_code == 1006
        else:
            clients[0].reconnection_ms = 1
            assert_silent(clients[:1])


def test_a_reset_is_a_reset_for_the_client(lab, raw_client):
    with through(lab, Reset(after_bytes=100)) as via:
        raw = raw_client(via.port, "/sse/news")
        with pytest.raises(ConnectionResetError):
            raw.rest()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a reset takes away what was not read")
def test_what_may_pass_before_a_reset_passes(lab, raw_client):
    with through(lab, Reset(after_bytes=100)) as via:
        raw = raw_client(via.port, "/sse/news")
        assert len(read_exactly(raw.socket, 100)) == 100
        with pytest.raises(ConnectionResetError):
            raw.rest()


@pytest.mark.parametrize(
    "other", [Bandwidth(1, direction="down"), Latency(60_000, direction="down"), Stall("down")]
)
def test_a_reset_does_not_wait_for_what_is_on_its_way(lab, raw_client, other):
    with through(lab, other, Reset(after_s=0.2)) as via:
        raw = raw_client(via.port, "/sse/news")
        with pytest.raises(ConnectionResetError):
            raw.rest()


def test_a_delayed_reset_comes_to_a_line_that_is_held(lab, raw_client):
    with through(lab, Latency(200, direction="down"), Stall("down")) as via:
        raw = raw_client(via.port, "/sse/news")
        via.apply(Reset(), Latency(200, direction="down"), Stall("down"))
        with pytest.raises(ConnectionResetError):
            raw.rest()


def test_an_event_source_resumes_after_each_end_and_loses_nothing(lab):
    with through(lab, Limit(600)) as via, EventSource(via.sse_url()) as source:
        for number in range(12):
            lab.publish(f"{number:050}")
        assert [int(message.data) for message in source.take(12, TIMEOUT_S)] == list(range(12))
        assert via.connections > 2


def test_silence_is_cut_and_a_heartbeat_keeps_the_line(lab, both):
    with both(IdleCut(2.0)) as (via, clients):
        for _ in range(8):
            lab.publish("beat")
            assert received(clients) == ["beat"] * 2
            assert_silent(clients[:1])
        is_over(clients[1])
        assert len(said(via, "IdleCut")) == 2


def test_a_refused_connection_is_refused_and_open_ones_stay(lab, both):
    with both(Refuse()) as (via, clients):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", via.port), TIMEOUT_S)
        lab.publish("still")
        assert received(clients) == ["still"] * 2
        port = via.port
        via.apply()
        with WebSocket(via.echo_url()) as echo:
            echo.send("again")
            assert echo.receive(TIMEOUT_S).data == "again"
        assert via.port == port


def test_a_relay_may_begin_with_refusing(lab):
    with through(lab, Refuse()) as via:
        with pytest.raises(ConnectionFailed):
            WebSocket(via.echo_url()).open()
        via.apply(Latency(1))
        WebSocket(via.echo_url()).open().close()
        via.apply(Refuse())


# Silence.


def test_a_stall_holds_everything_and_gives_it_back_in_order(lab, both):
    with both(Stall()) as (via, clients):
        for number in range(50):
            lab.publish(f"{number}")
        assert_silent(clients)
        via.apply()
        for each in clients:
            assert [each.receive(TIMEOUT_S).data for _ in range(50)] == [str(number) for number in range(50)]


@pytest.mark.parametrize("fault", [Stall("down"), Latency(60_000), Bandwidth(1)])
def test_a_held_line_stops_its_sender_with_little_memory(fault):
    async def look(relay):
        (line,) = relay._lines.values()
        return line.down.waiting_bytes

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT_S)
        with (
            through(f"http://127.0.0.1:{listener.getsockname()[1]}", fault, max_bytes=0) as via,
            socket.create_connection(("127.0.0.1", via.port), TIMEOUT_S),
            listener.accept()[0] as server,
        ):
            server.settimeout(1.0)
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < 100_000_000:
                    sent += server.send(bytes(65_536))
            assert shared.call(lambda: look(via._relay), TIMEOUT_S) <= MAX_WAITING_BYTES + 4 * READ_BYTES


def test_a_black_hole_swallows_both_ways_and_tells_nobody(lab, both):
    with both(BlackHole()) as (via, clients):
        lab.publish("lost")
        lab.cut()  # not even the server's end of the line comes through
        assert_silent(clients)
        assert clients[1].ended is None
        via.apply()
        is_over(clients[1])
        assert clients[1].close_code == 1006


def test_a_new_connection_into_a_black_hole_gets_no_answer(lab, raw_client, until):
    with through(lab, BlackHole()) as via:
        raw = raw_client(via.port, "/sse/news")
        until(lambda: via.chunks, "the request")
        raw.socket.settimeout(SILENCE_S)
        with pytest.raises(TimeoutError):
            raw.socket.recv(1)
        raw.socket.settimeout(TIMEOUT_S)
        via.apply()
        with pytest.raises(ConnectionResetError):
            raw.socket.recv(1)


def test_a_black_hole_in_which_nothing_was_lost_leaves_no_trace(lab, both):
    with both(BlackHole()) as (via, clients):
        via.apply()
        lab.publish("after")
        assert received(clients) == ["after"] * 2


# Faults of proxies.


def test_a_buffering_proxy_holds_the_stream_and_passes_the_websocket(lab, both):
    with both(BufferingProxy(1_000, honours_accel=False)) as (via, (source, ws)):
        for number in range(5):
            lab.publish(f"{number}")
            assert ws.receive(TIMEOUT_S).data == f"{number}"
        assert_silent([source])
        lab.publish("x" * 1_000)
        assert [source.receive(TIMEOUT_S).data for _ in range(5)] == [*"01234"]
        assert_silent([source])  # the end of the large one does not fill a buffer
        via.apply()
        assert len(source.receive(TIMEOUT_S).data) == 1_000


def test_a_lab_asks_the_proxy_not_to_buffer(lab):
    with through(lab, BufferingProxy()) as via, EventSource(via.sse_url()) as source:
        lab.publish("at once")
        assert source.receive(TIMEOUT_S).data == "at once"


def test_a_compressing_proxy_keeps_the_events_until_it_is_taken_away(lab, raw_client):
    with through(lab, GzipProxy()) as via:
        raw = raw_client(via.port, "/sse/news", "Accept-Encoding: gzip")
        data = raw.until(b"\r\n\r\n")
        assert b"Content-Encoding: gzip\r\n" in data
        lab.publish("a" * 100)
        raw.socket.settimeout(SILENCE_S)
        with pytest.raises(TimeoutError):
            while True:
                data += raw.socket.recv(65_536)
        raw.socket.settimeout(TIMEOUT_S)
        decoder, inflate, text = ResponseDecoder(), zlib.decompressobj(wbits=31), b""
        via.apply()
        while b"data: " + b"a" * 100 not in text:
            events = decoder.feed(data)
            text += b"".join(inflate.decompress(part.data) for part in events if isinstance(part, BodyData))
            data = raw.socket.recv(65_536) if b"a" * 100 not in text else b""


def test_without_its_upgrade_a_websocket_fails_and_a_stream_does_not_notice(lab):
    with through(lab, StripUpgrade()) as via, EventSource(via.sse_url()) as source:
        with pytest.raises(ConnectionFailed) as failed:
            WebSocket(via.ws_url()).open()
        assert failed.value.status in (400, 426)
        lab.publish("x")
        assert source.receive(TIMEOUT_S).data == "x"


def test_an_answer_on_reconnect_ends_an_event_source_for_good(lab):
    with through(lab, Answer(503, after_connections=1)) as via, EventSource(via.sse_url()) as source:
        lab.publish("x")
        assert source.receive(TIMEOUT_S).data == "x"
        source.reconnection_ms = 1
        via.cut()
        with pytest.raises(ConnectionEnded, match="503"):
            source.receive(TIMEOUT_S)
        with pytest.raises(ConnectionFailed) as failed:
            WebSocket(via.ws_url()).open()
        assert failed.value.status == 503
        assert len(said(via, "Answer")) == 2


def test_without_its_last_event_id_a_client_misses_what_came_in_between(lab, raw_client):
    with through(lab) as via, EventSource(via.sse_url()) as source:
        lab.publish("seen")
        seen = source.receive(TIMEOUT_S)
        lab.publish("missed")
        for faults in ((), (DropLastEventId(),)):
            via.apply(*faults)
            raw = raw_client(via.port, "/sse/news", f"Last-Event-ID: {seen.id}")
            head = raw.until(b"retry: ")
            lab.publish("next")
            assert (b"data: missed" in head + raw.until(b"data: next")) == (not faults)


def test_over_http_1_0_a_stream_runs_and_a_websocket_does_not(lab, raw_client):
    with through(lab, Http10()) as via, EventSource(via.sse_url()) as source:
        lab.publish("x")
        assert source.receive(TIMEOUT_S).data == "x"
        with pytest.raises(ConnectionFailed):
            WebSocket(via.ws_url()).open()
        head = raw_client(via.port, "/sse/news").until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.0 200")
        assert b"chunked" not in head


@pytest.mark.parametrize("fault", [BufferingProxy(), Http10(), RewriteAccept(), StripUpgrade(), GzipProxy()])
def test_polling_and_publishing_go_on_through_a_proxy(lab, fault):
    with (
        through(lab, fault) as via,
        LongPolling(via.poll_url()) as polling,
        Publisher(via.publish_url()) as publisher,
    ):
        for number in range(3):
            publisher.send(f"{number}")
            assert polling.receive(TIMEOUT_S).data == f"{number}"


@pytest.mark.parametrize("fault", HTTP_FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_fault_that_reads_http_is_refused_before_tls(make_lab, fault):
    lab = make_lab(tls=True)
    with pytest.raises(InputError, match=r"reads HTTP.*TLS"):
        through(lab, fault)
    with through(lab) as via, pytest.raises(InputError, match=r"reads HTTP.*TLS"):
        via.apply(fault)


def test_tls_goes_through_faults_of_tcp(make_lab):
    lab = make_lab(tls=True)
    faults = (Latency(5, 5), Slicing(7), Bandwidth(1_000_000), IdleCut(30))
    with through(lab, *faults) as via, WebSocket(via.echo_url(), ca_pem=lab.ca_pem) as echo:
        echo.send("x" * 1_000)
        assert echo.receive(TIMEOUT_S).data == "x" * 1_000


# The relay's own rules.


@pytest.mark.parametrize("seed", range(3))
def test_bytes_stay_whole_while_faults_come_and_go(seed):
    dice = random.Random(seed)
    up, down = (dice.randbytes(6_000_000) for _ in range(2))
    choices = (
        Latency(5, 5),
        Bandwidth(20_000_000, "up"),
        Slicing(1_000),
        Slicing(3_000, gap_ms=0.2, direction="up"),
        Stall(),
        Stall("down"),
        IdleCut(60),
        BufferingProxy(),
        Http10(),
    )
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        through(f"http://127.0.0.1:{listener.getsockname()[1]}", max_bytes=0, seed=seed) as via,
        socket.create_connection(("127.0.0.1", via.port), TIMEOUT_S) as near,
        listener.accept()[0] as far,
        ThreadPoolExecutor(4) as pool,
    ):
        far.settimeout(TIMEOUT_S)
        sending = [pool.submit(end.sendall, data) for end, data in ((near, up), (far, down))]
        reading = [pool.submit(read_exactly, end, len(up)) for end in (far, near)]
        for _ in range(40):
            via.apply(*dice.sample(choices, dice.randint(0, 3)), Bandwidth(8_000_000))
            wait(reading, timeout=0.02)
        via.apply()
        assert [job.result(TIMEOUT_S) == data for job, data in zip(reading, (up, down), strict=True)] == [True] * 2
        for job in sending:
            job.result(TIMEOUT_S)


def test_a_capture_shows_what_came_before_the_fault(lab):
    with through(lab, Answer(503)) as via:
        with pytest.raises(ConnectionFailed):
            EventSource(via.sse_url()).open()
        assert b"".join(chunk.data for chunk in via.chunks).startswith(b"GET /sse/news HTTP/1.1\r\n")


def test_the_log_says_which_faults_there_are(lab):
    with through(lab, Latency(1)) as via:
        via.apply(Stall("up"), Limit(5))
        via.apply()
    assert [text for _, text in via.log][:3] == [
        "faults: Latency(latency_ms=1, jitter_ms=0.0, direction='both')",
        "faults: Stall(direction='up'), Limit(bytes=5)",
        "faults: none",
    ]


def test_a_stopped_relay_takes_no_faults(lab, on_loop):
    with through(lab) as via, pytest.raises(WrongThread):
        on_loop(lambda: via.apply(Stall()))
    with pytest.raises(LabNotRunning, match="again"):
        via.apply(Stall())


@pytest.mark.parametrize("what", ["Latency(80)", Latency, None])
def test_what_is_no_fault_is_refused(lab, what):
    with pytest.raises(InputError, match="no fault"):
        through(lab, what)


@pytest.mark.parametrize("fault", [Stall(), BlackHole(), Latency(60_000), IdleCut(60), Refuse(), BufferingProxy()])
def test_a_relay_with_a_fault_stops_at_once_and_leaves_nothing(lab, fault):
    with through(lab) as via:
        ws = WebSocket(via.echo_url()).open()
        via.apply(fault)
        ws.send("held")
    with pytest.raises(ConnectionEnded):
        for _ in range(2):  # the message may have come back before
            ws.receive(TIMEOUT_S)
    ws.close()
