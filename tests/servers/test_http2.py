"""Requests and event streams over HTTP/2, with a client that does only what a test says, and with curl."""

import json
import shutil
import subprocess

import pytest
from h2.errors import ErrorCodes

from rtlab.errors import InputError, WaitTimeout
from rtlab.servers.backpressure import POLICIES, Backpressure
from rtlab.servers.guards import Guards
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.lab import start_lab
from rtlab.workload import Workload

from ..absent import absent

pytestmark = pytest.mark.usefixtures("known_epoch")


@pytest.fixture
def client(http2_lab, dial):
    return dial(http2_lab)


@pytest.fixture
def curl(http2_lab, tmp_path):
    """Run curl with the lab's authority; skipped where curl cannot speak HTTP/2."""
    program = shutil.which("curl")
    if not program or "HTTP2" not in subprocess.run([program, "--version"], capture_output=True, text=True).stdout:
        absent("needs a curl that speaks HTTP/2")
    (tmp_path / "ca.pem").write_text(http2_lab.ca_pem)

    def run(*arguments):
        command = [
            program,
            "-sS",
            "--noproxy",
            "*",
            "--cacert",
            tmp_path / "ca.pem",
            "--max-time",
            "10",
            *arguments,
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=20)

    return run


# Which version is spoken.


def test_the_tls_handshake_chooses_the_version(http2_lab, dial, raw):
    assert http2_lab.http_url.startswith("https://")
    for offer, chosen in ((("h2", "http/1.1"), "h2"), (("http/1.1",), "http/1.1"), (("http/1.1", "h2"), "h2")):
        assert dial(http2_lab, begin=False, offer=offer).sock.selected_alpn_protocol() == chosen
    raw(http2_lab).open_stream()  # offers nothing


def test_a_lab_without_http2_chooses_http1(make_lab, dial):
    chosen = dial(make_lab(tls=True), begin=False, offer=("h2", "http/1.1")).sock.selected_alpn_protocol()
    assert chosen in (None, "http/1.1")


@pytest.mark.parametrize("max_streams", [0, 10_001])
def test_a_limit_of_streams_that_cannot_work_is_refused(max_streams):
    with pytest.raises(InputError, match="from 1 to 10,000"):
        Http2Options(max_streams)


def test_the_same_options_give_the_same_lab(unique_name):
    with start_lab(unique_name, http2=True) as lab:
        assert start_lab(unique_name, http2=Http2Options()) is lab


# Event streams.


def test_an_event_stream_is_an_answer_without_an_end(http2_lab, client):
    stream = client.open_stream()
    fields = client.heads[stream]
    assert fields["content-type"] == "text/event-stream"
    assert not {"transfer-encoding", "connection"} & fields.keys()
    http2_lab.publish("Hello", event="greeting")
    assert client.read_until(stream, b"\n\n") == b"event: greeting\nid: k3f9-1\ndata: Hello\n\n"
    (connection,) = http2_lab.connections
    assert (connection.transport, connection.channel, connection.buffered_bytes) == ("sse", "news", 0)


def test_last_event_id_resumes(http2_lab, client):
    for number in range(3):
        http2_lab.publish(str(number))
    in_field = client.open_stream("/sse/news", ("last-event-id", "k3f9-1"))
    in_query = client.open_stream("/sse/news?last_event_id=k3f9-2")
    assert client.read_until(in_field, b"data: 2\n\n") == b"id: k3f9-2\ndata: 1\n\nid: k3f9-3\ndata: 2\n\n"
    assert client.read_until(in_query, b"\n\n") == b"id: k3f9-3\ndata: 2\n\n"


def test_many_streams_share_one_connection_and_each_gets_all(http2_lab, client):
    streams = [client.open_stream() for _ in range(60)]
    for number in range(20):
        http2_lab.publish(str(number))
    expected = "".join(f"id: k3f9-{number + 1}\ndata: {number}\n\n" for number in range(20)).encode()
    for stream in streams:
        assert client.read(stream, len(expected)) == expected


def test_a_silent_stream_gets_comments(make_lab, dial):
    client = dial(make_lab(http2=True, heartbeat_s=0.05))
    assert client.read_until(client.open_stream(), b"\n\n") == b": \n\n"


def test_cutting_a_channel_resets_its_streams_and_leaves_the_others(http2_lab, client):
    cut, other = client.open_stream("/sse/cut"), client.open_stream("/sse/other")
    assert http2_lab.cut("cut") == 1
    client.until(lambda: cut in client.resets)
    assert client.resets == {cut: ErrorCodes.CANCEL}
    http2_lab.publish("still here", channel="other")
    assert b"still here" in client.read_until(other, b"\n\n")


def test_a_client_that_resets_a_stream_has_left(http2_lab, client, until):
    gone, stays = client.open_stream(), client.open_stream()
    client.h2.reset_stream(gone, ErrorCodes.CANCEL)
    client.flush()
    until(lambda: len(http2_lab.connections) == 1)
    http2_lab.publish("Hello")
    assert b"Hello" in client.read_until(stays, b"\n\n")


def test_a_client_that_drops_the_line_has_left(http2_lab, client, until):
    client.open_stream()
    client.open_websocket("/ws/news")
    client.close()
    until(lambda: not http2_lab.connections)


def test_a_lab_that_stops_ends_streams_says_goodbye_and_closes(http2_lab, client):
    stream = client.open_stream()
    http2_lab.publish("last")
    http2_lab.stop()
    assert client.until_over() == ErrorCodes.NO_ERROR
    assert stream in client.ended
    assert client.data[stream].endswith(b"data: last\n\n")


# Other requests.


def test_a_message_is_published_by_post(http2_lab, client):
    status, fields, body = client.answer(client.ask("/publish/news?event=e", method="POST", body=b"x" * 16_000))
    assert (status, fields["content-type"]) == (200, "application/json")
    assert json.loads(body) == {"id": "k3f9-1"}
    _, _, polled = client.answer(client.ask("/poll/news?after=k3f9-0"))
    assert json.loads(polled)["events"] == [{"id": "k3f9-1", "event": "e", "data": "x" * 16_000}]


def test_a_body_of_any_size_up_to_the_limit_flows(http2_lab, client):
    text, sent = b"x" * 900_000, 0
    stream = client.ask("/publish/news", method="POST", whole=False)
    while sent < len(text):
        client.until(lambda: client.h2.local_flow_control_window(stream))
        size = min(client.h2.local_flow_control_window(stream), 16_384, len(text) - sent)
        client.write(stream, text[sent : sent + size])
        sent += size
    client.write(stream, b"", end=True)
    assert client.answer(stream)[0] == 200


def test_text_that_is_none_is_refused(client):
    assert client.answer(client.ask("/publish/news", method="POST", body=b"\xff"))[0] == 400


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_long_is_refused(make_lab, dial, declared):
    client = dial(make_lab(http2=True, guards=Guards(max_body_bytes=1_000)))
    fields = [("content-length", "1001")] if declared else []
    stream = client.ask("/publish/news", *fields, method="POST", body=b"x" * 1_001, whole=declared)
    assert client.answer(stream)[0] == 413
    assert client.answer(client.ask("/poll/news"))[0] == 200  # the connection lives on


def test_a_body_that_does_not_come_is_not_waited_for(make_lab, dial):
    client = dial(make_lab(http2=True, guards=Guards(body_timeout_s=0.1)))
    stream = client.ask("/publish/news", method="POST", whole=False)
    client.until(lambda: stream in client.resets)
    assert client.resets == {stream: ErrorCodes.CANCEL}


def test_a_long_poll_waits_beside_other_requests(http2_lab, client):
    waits = client.ask("/poll/news?wait_s=20")
    assert client.answer(client.ask("/"))[0] == 200
    assert waits not in client.heads
    http2_lab.publish("Hello")
    assert json.loads(client.answer(waits)[2])["events"][0]["data"] == "Hello"


def test_a_long_poll_whose_client_has_gone_ends(http2_lab, client):
    waits = client.ask("/poll/news?wait_s=20")
    client.round_trip()
    client.h2.reset_stream(waits, ErrorCodes.CANCEL)
    client.flush()
    http2_lab.publish("Hello")
    client.round_trip()
    assert waits not in client.heads
    assert not [line for line in http2_lab.log if line.level == "error"]


def test_the_control_paths_need_the_nonce(http2_lab, client):
    assert client.answer(client.ask("/control/state"))[0] == 403
    nonce = ("x-rtlab-nonce", http2_lab.nonce)
    client.open_stream()
    assert len(json.loads(client.answer(client.ask("/control/state", nonce))[2])["connections"]) == 1
    cut = client.ask("/control/cut/news", nonce, method="POST", body=b"")
    assert json.loads(client.answer(cut)[2]) == {"broken": 1}


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/sse/news", {"authority": "attacker.example"}, 403),
        ("/poll/news", {"authority": "attacker.example"}, 403),
        ("/sse/news", {"fields": [("origin", "https://attacker.example")]}, 403),
        ("/sse/news", {"method": "DELETE"}, 405),
        ("/sse/news", {"method": "CONNECT", "protocol": "websocket"}, 405),
        ("/publish/news", {}, 405),
        ("/nothing", {}, 404),
        ("/nothing", {"authority": "attacker.example"}, 403),
        ("/sse/no:name", {}, 404),
        ("/poll/news?wait_s=x", {}, 400),
        ("/sse/news", {"authority": "a,b"}, 400),
        ("/echo", {"method": "CONNECT", "protocol": "connect-udp"}, 501),
    ],
)
def test_guards_and_paths_answer_as_over_http1(client, path, options, status):
    fields = options.pop("fields", [])
    found, head, body = client.answer(client.ask(path, *fields, **options))
    assert found == status
    assert body.startswith(str(status).encode())
    assert head["x-content-type-options"] == "nosniff"
    assert ("allow" in head) == (status == 405)


def test_a_page_that_knows_the_nonce_may_read(http2_lab, client):
    origin = ("origin", "http://127.0.0.1:8888")
    stream = client.open_stream(f"/sse/news?nonce={http2_lab.nonce}", origin)
    assert client.heads[stream]["access-control-allow-origin"] == origin[1]
    assert http2_lab.nonce not in " ".join(line.text for line in http2_lab.log)


def test_an_ordinary_connect_is_not_implemented(client):
    stream = client.h2.get_next_available_stream_id()
    client.h2.send_headers(stream, [(":method", "CONNECT"), (":authority", "127.0.0.1:1")])
    client.data[stream] = b""
    client.flush()
    assert client.answer(stream)[0] == 501


# Readers that stop.


@pytest.mark.parametrize("isolated", [False, True], ids=["in the kernel", "isolated"])
@pytest.mark.parametrize("policy", POLICIES)
def test_what_the_window_does_not_admit_is_bounded_by_the_policy(make_lab, dial, policy, isolated):
    bound_bytes = 65_536
    lab = make_lab(http2=True, backpressure=Backpressure(policy, bound_bytes), isolated=isolated)
    client = dial(lab)
    client.unread.add(client.open_stream())
    text, sent, most = "x" * 40_000, 0, 0
    while sent < 20:
        try:
            lab.publish(text, timeout_s=2.0)
        except WaitTimeout:
            assert policy == "wait"
            break
        sent += 1
        if not lab.connections:
            assert policy == "disconnect"
            break
        most = max(most, lab.connections[0].buffered_bytes)
    assert 0 < most <= bound_bytes + 40_100
    assert (sent < 20) == (policy in ("wait", "disconnect"))


def test_a_stalled_stream_leaves_the_others_alone(http2_lab, client):
    client.h2.increment_flow_control_window(1_000_000)
    stalled, other = client.open_stream(), client.open_stream()
    client.unread.add(stalled)
    for number in range(10):
        http2_lab.publish(f"{number} {'x' * 10_000}")
    for number in range(10):
        assert b"data: %d x" % number in client.read_until(other, b"\n\n")
    client.round_trip()
    assert len(client.data[stalled]) == 65_535 - 13
    client.unread.clear()
    client.h2.acknowledge_received_data(65_535 - 13, stalled)
    client.flush()
    client.read_until(stalled, b"data: 9 x")


def test_a_connection_window_that_is_used_up_stops_all(http2_lab, client):
    stalled, other = client.open_stream(), client.open_stream()
    client.unread.add(stalled)
    http2_lab.publish("x" * 65_000)
    client.until(lambda: len(client.data[stalled]) > 20_000)
    http2_lab.publish("short")
    client.round_trip()
    assert b"short" not in client.data[other]
    assert {each.buffered_bytes > 0 for each in http2_lab.connections} == {True}
    client.h2.acknowledge_received_data(len(client.data[stalled]), stalled)
    client.unread.clear()
    client.flush()
    for stream in (stalled, other):
        client.read_until(stream, b"data: short\n\n")


def test_a_line_that_is_not_read_is_behind_too(make_lab, dial, until):
    lab = make_lab(http2=True, backpressure=Backpressure("disconnect", 65_536))
    client = dial(lab, receive_buffer_bytes=4_096)
    client.h2.increment_flow_control_window(2_000_000_000)
    client.h2.increment_flow_control_window(2_000_000_000, client.open_stream())
    client.flush()
    for _ in range(400):
        lab.publish("x" * 60_000)
        if not lab.connections:
            break
    until(lambda: not lab.connections)


def test_streams_that_wait_take_turns_and_lose_nothing(http2_lab, client):
    streams = [client.open_stream() for _ in range(10)]
    texts = [f"{number} {'y' * 3_000}" for number in range(50)]
    for text in texts:
        http2_lab.publish(text)
    expected = b"".join(f"id: k3f9-{n + 1}\ndata: {text}\n\n".encode() for n, text in enumerate(texts))
    for stream in reversed(streams):
        assert client.read(stream, len(expected)) == expected


# Programs that others wrote, and a lab in a process of its own.


def test_curl_reads_a_stream_and_publishes(http2_lab, curl):
    http2_lab.publish("Hello")
    read = curl("--http2", "-i", "-H", "Last-Event-ID: none-0", "--max-time", "1", http2_lab.sse_url())
    assert read.stdout.startswith("HTTP/2 200")
    assert read.stdout.endswith("retry: 1000\n\nid: k3f9-1\ndata: Hello\n\n")
    assert curl("--http2", "-d", "two", http2_lab.publish_url()).stdout == '{"id": "k3f9-2"}'
    assert curl("--http1.1", "-i", http2_lab.poll_url()).stdout.startswith("HTTP/1.1 200")


def test_curl_without_the_authority_refuses(http2_lab, curl):
    refused = curl("--http2", "--cacert", "/dev/null", http2_lab.poll_url())
    assert refused.returncode in (60, 77)


def test_a_lab_in_its_own_process_speaks_http2(make_lab, dial):
    lab = make_lab(http2=Http2Options(max_streams=7), isolated=True)
    client = dial(lab)
    assert client.h2.remote_settings.max_concurrent_streams == 7
    stream = client.open_stream()
    assert lab.publish("Hello")
    assert client.read_until(stream, b"\n\n").endswith(b"data: Hello\n\n")


def test_a_workload_plays_over_http2(http2_lab, client, on_loop):
    stream = client.open_stream()
    on_loop(http2_lab.play("news", Workload(count=20, rate_per_s=1_000), 0))
    client.until(lambda: client.data[stream].count(b"\n\n") == 20)
