import itertools
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest

from rtlab import clock

TIMEOUT_S = 30


@pytest.fixture
def serve(python):
    """Start ``rtlab serve`` and give the process with its ready line."""

    def start(*arguments, **options):
        process = python("-m", "rtlab", "serve", *arguments, **options)
        return process, json.loads(process.stdout.readline())

    return start


def end(process, how=signal.SIGTERM):
    """Tell the process to stop and give its exit code and what it said."""
    if sys.platform == "win32":
        process.terminate()
    else:
        process.send_signal(how)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, output, errors


def collect(read, count):
    """Read in a thread of its own; give what was read once it is joined."""
    got = []
    thread = threading.Thread(target=lambda: got.extend(read() for _ in range(count)))
    thread.start()
    return thread, got


def test_the_ready_line_gives_addresses_that_work_and_the_process(serve, raw):
    process, ready = serve()
    urls = {"sse_url", "ws_url", "echo_url", "publish_url", "poll_url"}
    assert set(ready) == {*urls, "port", "pid", "ca_pem", "key_sha256"}
    base = f"127.0.0.1:{ready['port']}"
    assert ready["sse_url"] == f"http://{base}/sse/stream"
    assert ready["ws_url"] == f"ws://{base}/ws/stream"
    assert ready["echo_url"] == f"ws://{base}/echo"
    assert ready["pid"] == process.pid
    assert ready["ca_pem"] == ""
    stream = raw(ready["port"]).open_stream("/sse/stream")
    client = raw(ready["port"])
    client.post("/publish/stream", b"hello")
    assert client.answer()[0] == 200
    assert re.fullmatch(rb"id: \w{4}-1\ndata: hello\n\n", stream.chunk())
    assert end(process)[1:] == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_with_0_and_its_clients_are_told(serve, raw, how):
    process, ready = serve()
    stream = raw(ready["port"]).open_stream("/sse/stream")
    assert end(process, how) == (0, "", "")
    assert stream.chunk() == b""
    assert stream.read_to_end() == b""


def test_it_ends_when_its_standard_input_closes_if_asked_to(serve):
    process, _ = serve("--until-stdin-closes", stdin=subprocess.PIPE)
    process.stdin.write("what is written does not matter\n")
    process.stdin.flush()
    output, errors = process.communicate(timeout=TIMEOUT_S)  # closes it
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_signal_ends_it_while_it_watches_its_standard_input(serve):
    process, _ = serve("--until-stdin-closes", stdin=subprocess.PIPE)
    process.send_signal(signal.SIGTERM)
    assert process.wait(TIMEOUT_S) == 0
    assert process.communicate(timeout=TIMEOUT_S) == ("", "")


def test_it_speaks_tls(serve, raw):
    _process, ready = serve("--tls")
    assert ready["sse_url"].startswith("https://")
    assert ready["ws_url"].startswith("wss://")
    client = raw(ready["port"], ca_pem=ready["ca_pem"]).open_websocket()
    client.send_text("x")
    assert client.frame().payload == b"x"


def test_a_taken_port_is_a_clear_error(python):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = python("-m", "rtlab", "serve", "--port", str(taken.getsockname()[1]))
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith("rtlab: Port ")
    assert "port=0" in errors
    assert "Traceback" not in errors


def test_a_payload_that_has_no_room_for_the_stamp_is_a_clear_error(python):
    process = python("-m", "rtlab", "serve", "--rate", "1", "--stamp", "--payload-bytes", "19")
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output) == (2, "")
    assert errors == "rtlab: --stamp needs --payload-bytes of at least 20.\n"


def stamps(texts, size):
    assert all(len(text) == size for text in texts)
    return [int(text[:20]) for text in texts]


def test_at_rate_0_every_subscriber_gets_every_message_in_order(serve, raw):
    count, size = 3_000, 1_000
    process, ready = serve(
        "--rate", "0", "--stamp", "--subscribers", "2", "--count", str(count), "--payload-bytes", str(size)
    )
    stream = raw(ready["port"]).open_stream("/sse/stream")
    slow = raw(ready["port"], receive_buffer_bytes=4_096).open_websocket("/ws/stream")
    thread, events = collect(stream.chunk, count)
    frames = [slow.frame().payload for _ in range(count)]
    thread.join(TIMEOUT_S)
    ids = [int(event.split(b"\n")[0].rpartition(b"-")[2]) for event in events]
    texts = [event.split(b"\n")[1].removeprefix(b"data: ") for event in events]
    assert ids == list(range(1, count + 1))
    assert texts == frames
    made_ns = stamps(frames, size)
    assert made_ns == sorted(made_ns)
    assert 0 < made_ns[0] <= made_ns[-1] <= clock.now_ns()
    assert end(process)[1:] == ("", "")


def test_at_a_rate_the_stamps_are_the_times_when_the_messages_were_due(serve, raw):
    process, ready = serve("--rate", "500", "--stamp", "--subscribers", "2", "--count", "50")
    clients = [raw(ready["port"]).open_websocket("/ws/stream") for _ in range(2)]
    thread, others = collect(clients[0].frame, 50)
    frames = [clients[1].frame() for _ in range(50)]
    thread.join(TIMEOUT_S)
    assert frames == others
    due_ns = stamps([frame.payload for frame in frames], 32)
    assert {later - sooner for sooner, later in itertools.pairwise(due_ns)} == {2_000_000}
    assert end(process)[1:] == ("", "")


def test_without_a_rate_nothing_is_sent(serve, raw):
    _, ready = serve("--subscribers", "1")
    stream = raw(ready["port"]).open_stream("/sse/stream")
    client = raw(ready["port"])
    client.post("/publish/stream", b"the first one")
    id = json.loads(client.answer()[2])["id"]
    assert stream.chunk() == f"id: {id}\ndata: the first one\n\n".encode()


def test_http2_brings_tls_and_both_versions_share_the_port(serve):
    process, ready = serve("--http2")
    assert ready["sse_url"].startswith("https://")
    assert len(ready["key_sha256"]) == 44
    for offer in ("h2", "http/1.1"):
        context = ssl.create_default_context(cadata=ready["ca_pem"])
        context.set_alpn_protocols([offer])
        with (
            socket.create_connection(("127.0.0.1", ready["port"]), timeout=TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            assert secured.selected_alpn_protocol() == offer
    assert end(process)[0] == 0
