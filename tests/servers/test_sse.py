import re

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.codecs.sse import EventStreamDecoder, ServerSentEvent
from rtlab.servers.guards import Guards

pytestmark = pytest.mark.usefixtures("known_epoch")

HEARTBEAT = b": \n\n"


def event(id, data):
    return f"id: k3f9-{id}\ndata: {data}\n\n".encode()


def test_the_head_over_http_1_1_is_exactly_this(lab, raw):
    client = raw(lab)
    client.get("/sse/news")
    head = client.read_until(b"\r\n\r\n").decode()
    date = re.search(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", head)[0]
    assert head == (
        "HTTP/1.1 200 OK\r\n"
        f"Date: {date}\r\n"
        "Content-Type: text/event-stream\r\n"
        "Cache-Control: no-store\r\n"
        "X-Accel-Buffering: no\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )


def test_the_stream_starts_with_the_reconnection_time_and_sends_one_chunk_an_event(lab, raw):
    client = raw(lab).open_stream()
    lab.publish("hello")
    assert client.chunk() == event(1, "hello")
    lab.publish("12.5", event="price")
    assert client.chunk() == b"event: price\nid: k3f9-2\ndata: 12.5\n\n"


def test_an_http_1_0_client_gets_no_chunks_and_reads_to_the_end(lab, raw):
    client = raw(lab)
    client.get("/sse/news", version="HTTP/1.0")
    status, fields = client.head()
    assert status == 200
    assert fields["connection"] == "close"
    assert "transfer-encoding" not in fields
    lab.publish("hello")
    assert client.read_until(b"hello\n\n") == b"retry: 1000\n\n" + event(1, "hello")
    lab.stop()
    assert client.read_to_end() == b""


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_stopping_the_lab_ends_the_chunked_body_properly(make_lab, raw, tls):
    lab = make_lab(tls=tls)
    client = raw(lab).open_stream()
    lab.publish("last")
    assert client.chunk() == event(1, "last")
    lab.stop()
    assert client.chunk() == b""
    assert client.read_to_end() == b""


def test_line_ends_in_the_data_cannot_make_another_event(lab, raw):
    client = raw(lab).open_stream()
    lab.publish("a\n\ndata: forged\r\rid: 9\r\n\r\nevent: x")
    events = EventStreamDecoder().feed(client.chunk())
    assert events == [ServerSentEvent("a\n\ndata: forged\n\nid: 9\n\nevent: x", last_event_id="k3f9-1")]


@pytest.mark.parametrize("how", ["header", "query"])
def test_a_client_that_comes_back_gets_what_it_missed(lab, raw, how):
    for text in ("a", "b", "c"):
        lab.publish(text)
    if how == "header":
        client = raw(lab).open_stream("/sse/news", "Last-Event-ID: k3f9-1")
    else:
        client = raw(lab).open_stream("/sse/news?last_event_id=k3f9-1")
    assert client.chunk() == event(2, "b")
    assert client.chunk() == event(3, "c")
    lab.publish("d")
    assert client.chunk() == event(4, "d")


def test_the_header_wins_over_the_query(lab, raw):
    for text in ("a", "b", "c"):
        lab.publish(text)
    client = raw(lab).open_stream("/sse/news?last_event_id=k3f9-1", "Last-Event-ID: k3f9-2")
    assert client.chunk() == event(3, "c")


def test_a_new_client_starts_with_the_next_message(lab, raw):
    lab.publish("before")
    client = raw(lab).open_stream()
    lab.publish("after")
    assert client.chunk() == event(2, "after")


@pytest.mark.parametrize("last_id", ["1", "k3f9-99", "xxxx-1", "abc", "-1", "%C3%A9"])
def test_an_id_that_this_life_of_the_server_never_gave_gets_everything_kept(lab, raw, last_id):
    lab.publish("a")
    client = raw(lab).open_stream(f"/sse/news?last_event_id={last_id}")
    assert client.chunk() == event(1, "a")


def test_a_gap_in_the_history_is_logged_and_the_rest_is_sent(lab, raw):
    for number in range(1, 1_003):
        lab.publish(str(number))
    client = raw(lab).open_stream("/sse/news", "Last-Event-ID: k3f9-1")
    assert client.chunk() == event(3, "3")
    warnings = [line.text for line in lab.log if line.level == "warning"]
    assert warnings == ["sse news: messages after k3f9-1 are gone from the history"]


def test_channels_are_apart(lab, raw):
    client = raw(lab).open_stream("/sse/other")
    lab.publish("for news")
    lab.publish("for other", channel="other")
    assert client.chunk() == event(1, "for other")


@pytest.mark.parametrize("name", ["a/b", "a%2Fb", "", "x" * 65, "a b"])
def test_a_name_that_no_channel_can_have_is_not_found(lab, raw, name):
    client = raw(lab)
    client.get(f"/sse/{name}".replace(" ", "%20"))
    assert client.answer()[0] == 404


def test_silent_streams_get_heartbeats(make_server, raw):
    server = make_server(heartbeat_s=0.02)
    client = raw(server).open_stream()
    assert [client.chunk() for _ in range(3)] == [HEARTBEAT] * 3
    assert EventStreamDecoder().feed(HEARTBEAT) == []


@pytest.mark.parametrize("leave", ["close", "reset"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_client_that_vanishes_is_forgotten(make_server, raw, until, leave, tls):
    server = make_server(tls=tls)
    clients = [raw(server).open_stream() for _ in range(3)]
    until(lambda: len(server.connections()) == 3)
    getattr(clients[1], leave)()
    until(lambda: len(server.connections()) == 2)
    assert server.channel("news").subscribers == 2


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_client_that_never_reads_is_cut_and_the_others_miss_nothing(make_lab, raw, tls):
    most_bytes = 100_000
    lab = make_lab(tls=tls, guards=Guards(max_buffered_bytes=most_bytes))
    text = "x" * 32_768
    with EventSource(lab.sse_url(), ca_pem=lab.ca_pem) as reader:
        raw(lab, receive_buffer_bytes=4_096).open_stream()
        assert len(lab.connections) == 2
        sent = 0
        while len(lab.connections) == 2:
            sent += 1
            id = lab.publish(text)
            assert all(c.buffered_bytes <= most_bytes + 33_000 for c in lab.connections)
            assert reader.receive().id == id
            assert sent < 1_000, "the client that does not read was never cut"
        last = lab.publish("after the cut")
        assert reader.receive().id == last
        assert [c.transport for c in lab.connections] == ["sse"]
        cuts = [line.text for line in lab.log if "cut" in line.text]
    assert cuts == [f"sse news: cut, left more than {most_bytes} bytes unread"]
