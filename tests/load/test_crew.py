import sys
import threading

import pytest
from websockets.sync.server import serve as serve_websockets

from rtlab import clock
from rtlab.clients.wire import Address
from rtlab.errors import InputError
from rtlab.load.crew import run_share
from rtlab.load.histogram import Times
from rtlab.load.plan import LoadPlan

from .conftest import tcp_server

STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def run(url, soon, **settings):
    settings = {"connections": 4, "seconds": 0.5, "ramp_up_s": 0.3} | settings
    return run_share(LoadPlan(url, **settings).shares(1)[0], soon)


def ages(report):
    return Times(second.latencies for second in report.seconds if second.latencies)


def total(report, name):
    return sum(getattr(row, name) for row in report.connections)


@pytest.mark.parametrize("kind", ["sse_url", "ws_url"])
def test_a_swarm_that_listens_counts_what_a_server_sends(served, soon, kind):
    report = run(served[kind], soon, sample=0.5)
    assert [row.error for row in report.connections] == [""] * 4
    assert all(row.opened_ms is not None and row.bytes_down > 0 for row in report.connections)
    messages = sum(second.messages for second in report.seconds)
    assert messages == total(report, "messages") == len(ages(report))
    assert messages > 0
    assert (report.sample.connections, report.sample.complaint) == (2, "")
    assert 0 < report.sample.messages < messages
    assert (report.planned, report.sent, report.from_future) == (0, 0, 0)
    assert (total(report, "own"), total(report, "ours")) == (0, 0)


def test_what_another_machine_stamped_is_counted_but_has_no_age(served, soon, monkeypatch):
    monkeypatch.setattr(Address, "is_loopback", False)
    report = run(served["sse_url"], soon)
    assert total(report, "messages") > 0
    assert len(ages(report)) == 0


def test_the_seconds_and_the_connections_count_the_same(served, soon):
    report = run(served["echo_url"], soon, rate_per_s=100)
    for name in ("sent", "messages", "bytes_down", "bytes_up"):
        assert sum(getattr(second, name) for second in report.seconds) == total(report, name) > 0
    assert sum(second.opened for second in report.seconds) == 4
    assert [second.second for second in report.seconds] == sorted({second.second for second in report.seconds})


def test_an_echo_gives_each_connection_its_own_messages_back(served, soon):
    report = run(served["echo_url"], soon, rate_per_s=100, payload_bytes=500, sample=1)
    assert report.planned == report.sent == 50 == len(Times([report.lags]))
    assert [(row.sent, row.own, row.ours) for row in report.connections] == [(13,) * 3] * 2 + [(12,) * 3] * 2
    assert (report.sample.messages, report.sample.complaint) == (50, "")
    assert report.refusals == {}


def test_a_channel_gives_every_message_to_every_connection(lab, soon):
    report = run(lab.ws_url("all"), soon, rate_per_s=20, sample=1)
    assert report.sent == 10
    assert [row.ours for row in report.connections] == [10] * 4
    assert total(report, "own") == 10
    assert report.sample.complaint == ""


def test_an_event_stream_gets_what_is_posted_beside_it(lab, soon):
    report = run(lab.sse_url("all"), soon, rate_per_s=20, publish_url=lab.publish_url("all"), sample=1)
    assert report.planned == report.sent == 10
    assert [row.ours for row in report.connections] == [10] * 4
    assert report.sample.complaint == ""
    assert sum(second.bytes_up for second in report.seconds) > total(report, "bytes_up")  # the POSTs


def test_posts_that_are_refused_are_counted_with_their_reason(lab, soon):
    report = run(lab.sse_url("all"), soon, rate_per_s=20, publish_url=lab.http_url + "/nowhere")
    assert (report.sent, report.refusals) == (0, {"HTTP 404": 10})


def test_tls_works_with_the_labs_own_authority(make_lab, soon):
    lab = make_lab(tls=True)
    settings = {"ramp_up_s": 1.5, "ca_pem": lab.ca_pem}
    report = run(lab.echo_url(), soon, rate_per_s=40, **settings)
    assert total(report, "own") == 20
    post = lab.publish_url("all")
    report = run(lab.sse_url("all"), clock.now_ns(), rate_per_s=20, publish_url=post, **settings)
    assert total(report, "ours") == 40


def test_a_certificate_that_is_not_trusted_is_a_reason(make_lab, soon):
    report = run(make_lab(tls=True).echo_url(), soon, connections=1, seconds=0.2)
    assert "CERTIFICATE_VERIFY_FAILED" in report.connections[0].error


def test_header_fields_go_with_every_request(soon):
    heads = []

    def handle(line, number):
        line.sendall(STREAM_HEAD + b"data: x\n\n")

    with tcp_server(handle, heads) as port:
        run(f"http://127.0.0.1:{port}/a?b=c", soon, connections=2, headers=(("Authorization", "Bearer x"),))
    assert len(heads) == 2
    assert all(head.startswith(b"GET /a?b=c HTTP/1.1\r\n") for head in heads)
    assert all(b"\r\nAuthorization: Bearer x\r\n" in head for head in heads)


def test_a_sub_protocol_that_the_header_fields_offer_may_be_agreed_on(lab, soon):
    headers = (("Sec-WebSocket-Protocol", "rtlab.v1"),)
    report = run(lab.ws_url("all"), soon, connections=1, seconds=0.2, headers=headers)
    assert report.connections[0].error == ""


def test_times_count_on_the_swarms_clock(lab):
    ahead_ns = 10**15
    plan = LoadPlan(lab.echo_url(), connections=2, seconds=0.3, ramp_up_s=0.1, rate_per_s=50)
    start_ns = clock.now_ns() + ahead_ns
    report = run_share(plan.shares(1)[0], start_ns, clock_offset_ns=ahead_ns, clock_error_ns=2_000_000)
    assert report.clock_error_ms == 2
    assert total(report, "own") == 15 == len(ages(report))
    assert report.from_future == 0
    assert ages(report).max_ms < 60_000
    assert all(0 <= row.opened_ms < 60_000 for row in report.connections)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_more_connections_than_one_address_has_ports_come_from_several(monkeypatch, soon):
    monkeypatch.setattr("rtlab.load.limits.CONNECTIONS_FROM_ONE_ADDRESS", 2)
    peers = []

    def handle(line, number):
        peers.append(line.getpeername()[0])
        line.sendall(STREAM_HEAD)

    with tcp_server(handle, []) as port:
        report = run(f"http://127.0.0.1:{port}/", soon, connections=5, seconds=0.2)
    assert {row.error for row in report.connections} == {""}
    assert sorted(peers) == ["127.0.0.1"] * 2 + ["127.0.0.2"] * 2 + ["127.0.0.3"]


def test_nobody_there_is_the_reason_of_every_connection(soon):
    with tcp_server(lambda line, number: None, []) as port:
        pass
    report = run(f"ws://127.0.0.1:{port}/", soon, rate_per_s=20)
    assert {row.error for row in report.connections} == {"Connection refused"}
    assert {row.opened_ms for row in report.connections} == {None}
    assert (report.sent, report.refusals) == (0, {"the connection was not open": 10})


def test_a_server_that_refuses_some_keeps_the_others(soon):
    def handle(line, number):
        line.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nfull" if number % 2 else STREAM_HEAD)
        if not number % 2:
            line.sendall(b"data: hello\n\n" * 2 + b"data: 99999999999999999999 what?\n\n")

    with tcp_server(handle, []) as port:
        report = run(f"http://127.0.0.1:{port}/", soon, connections=6, sample=1)
    assert sorted(row.error for row in report.connections) == [""] * 3 + ["HTTP 503 Busy"] * 3
    assert total(report, "messages") == 9
    assert len(ages(report)) == 0  # these are no stamps
    assert report.sample.messages == 9


@pytest.mark.parametrize(
    ("scheme", "answer", "reason"),
    [
        ("http", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", "the answer is no event stream"),
        ("http", b"HTTP/1.1 204 No Content\r\n\r\n", "HTTP 204 No Content"),
        ("http", b"SSH-2.0-x\r\n\r\n", "The status line 'SSH-2.0-x' is malformed. (RFC 9112 4)"),
        ("ws", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP 200 OK"),
        (
            "ws",
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n",
            "Sec-WebSocket-Accept does not answer the key. (RFC 6455 4.1)",
        ),
        (
            "http",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: Text/Event-Stream; charset=utf-8\r\n\r\n9\r\ndata: x\n\n\r\n0\r\n\r\n",
            "the server ended the stream",
        ),
    ],
)
def test_an_answer_that_is_no_stream_is_a_reason(soon, scheme, answer, reason):
    with tcp_server(lambda line, number: line.sendall(answer), []) as port:
        report = run(f"{scheme}://127.0.0.1:{port}/", soon, connections=1, seconds=0.2)
    assert report.connections[0].error == reason


def test_a_server_that_leaves_is_noted(soon):
    with tcp_server(lambda line, number: (line.sendall(STREAM_HEAD), line.shutdown(2)), []) as port:
        report = run(f"http://127.0.0.1:{port}/", soon, connections=2)
    assert {row.error for row in report.connections} == {"the server ended the connection"}
    assert all(row.opened_ms is not None for row in report.connections)


@pytest.fixture
def foreign():
    """Start WebSocket servers of another library, with a handler; they ping often."""
    running = []

    def start(handler):
        server = serve_websockets(handler, "127.0.0.1", 0, ping_interval=0.1, ping_timeout=60)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join(30)


def test_a_server_of_another_library_gets_its_pongs_and_its_goodbye(foreign, soon, until):
    codes, pongs = [], []

    def echo(connection):
        pongs.append(connection.ping())
        for message in connection:
            connection.send(message)
        codes.append(connection.close_code)

    report = run(foreign(echo), soon, rate_per_s=40, seconds=1.0, sample=1)
    assert [row.error for row in report.connections] == [""] * 4
    assert total(report, "own") == report.sent == 40
    assert report.sample.complaint == ""
    until(lambda: codes == [1000] * 4, "the goodbyes")
    assert [pong.is_set() for pong in pongs] == [True] * 4


def test_a_server_that_closes_is_a_reason(foreign, soon):
    report = run(foreign(lambda connection: connection.close(1013, "too many")), soon, connections=2)
    assert {row.error for row in report.connections} == {"the server closed the WebSocket with 1013"}


def test_progress_that_raises_ends_the_run(lab, soon):
    class Enough(Exception):
        pass

    def stop(progress):
        if progress.opened == 4:
            raise Enough

    share = LoadPlan(lab.echo_url(), connections=4, seconds=60, ramp_up_s=0.1).shares(1)[0]
    with pytest.raises(Enough):
        run_share(share, soon, stop)


def test_more_connections_than_the_system_allows_are_refused(monkeypatch, soon):
    monkeypatch.setattr("rtlab.load.limits.most_connections", lambda: 3)
    with pytest.raises(InputError, match="about 3 connections"):
        run("ws://127.0.0.1:1/", soon)


def test_a_server_that_does_not_read_is_not_sent_without_end(foreign, soon):
    over = threading.Event()
    settings = {"connections": 1, "seconds": 0.5, "rate_per_s": 100, "payload_bytes": 1_000_000}
    report = run(foreign(lambda connection: over.wait(10)), soon, **settings)
    over.set()
    assert sum(report.refusals.values()) == report.planned - report.sent
    assert report.refusals["the server did not read"] > 0
