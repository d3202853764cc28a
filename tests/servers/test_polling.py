import json
import threading

import pytest

from rtlab.servers.guards import Guards

pytestmark = pytest.mark.usefixtures("known_epoch")


def poll(client, query=""):
    client.get(f"/poll/news?{query}")
    status, fields, body = client.answer()
    assert (status, fields["content-type"]) == (200, "application/json")
    return json.loads(body)


def publish(client, body, query=""):
    client.post(f"/publish/news?{query}", body)
    status, _, answer = client.answer()
    return status, answer


def test_the_first_poll_tells_where_the_channel_stands(lab, raw):
    client = raw(lab)
    assert poll(client) == {"last_id": "k3f9-0", "missed": False, "events": []}
    lab.publish("x")
    assert poll(client) == {"last_id": "k3f9-1", "missed": False, "events": []}


def test_a_short_poll_answers_at_once_with_what_came(lab, raw):
    client = raw(lab)
    lab.publish("a")
    lab.publish("b", event="price")
    assert poll(client, "after=k3f9-0") == {
        "last_id": "k3f9-2",
        "missed": False,
        "events": [{"id": "k3f9-1", "event": "", "data": "a"}, {"id": "k3f9-2", "event": "price", "data": "b"}],
    }
    assert poll(client, "after=k3f9-1")["events"] == [{"id": "k3f9-2", "event": "price", "data": "b"}]
    assert poll(client, "after=k3f9-2")["events"] == []


def test_a_long_poll_is_answered_by_the_message_and_not_before(lab, raw, until):
    client = raw(lab)
    poll(client)
    answered = threading.Event()
    answers = []

    def ask():
        answers.append(poll(client, "after=k3f9-0&wait_s=30"))
        answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    channel = lab.server.channel("news")
    until(lambda: channel._waiting)
    assert not answered.is_set()
    lab.publish("now")
    asking.join(30)
    events = [{"id": "k3f9-1", "event": "", "data": "now"}]
    assert answers == [{"last_id": "k3f9-1", "missed": False, "events": events}]


def test_a_long_poll_ends_empty_when_nothing_comes(lab, raw):
    assert poll(raw(lab), "after=k3f9-0&wait_s=0.01") == {"last_id": "k3f9-0", "missed": False, "events": []}


def test_a_long_poll_that_is_behind_is_answered_at_once(lab, raw):
    lab.publish("a")
    assert poll(raw(lab), "after=k3f9-0&wait_s=30")["last_id"] == "k3f9-1"


def test_messages_that_are_gone_are_told(lab, raw):
    for number in range(1_001):
        lab.publish(str(number))
    answer = poll(raw(lab), "after=k3f9-0")
    assert answer["missed"] is True
    assert [answer["events"][0]["id"], len(answer["events"])] == ["k3f9-2", 1_000]


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_a_long_poller_that_leaves_is_forgotten(lab, raw, until, leave):
    client = raw(lab)
    client.get("/poll/news?after=k3f9-0&wait_s=30")
    channel = lab.server.channel("news")
    until(lambda: channel._waiting)
    getattr(client, leave)()
    until(lambda: not channel._waiting)
    assert [line.text for line in lab.log if line.level == "error"] == []


@pytest.mark.parametrize("wait_s", ["x", "", "-1", "31", "nan", "inf", "1e9"])
def test_a_bad_wait_s_is_refused(lab, raw, wait_s):
    client = raw(lab)
    client.get(f"/poll/news?wait_s={wait_s}")
    status, fields, body = client.answer()
    assert status == 400
    assert fields["content-type"] == "text/plain; charset=utf-8"
    assert b"wait_s must be" in body


def test_publishing_gives_the_id(lab, raw):
    client = raw(lab)
    assert publish(client, b"a") == (200, b'{"id": "k3f9-1"}')
    assert publish(client, "é".encode(), "event=price") == (200, b'{"id": "k3f9-2"}')
    assert publish(client, b"", "event=%20a%20b%20") == (200, b'{"id": "k3f9-3"}')
    assert poll(client, "after=k3f9-1")["events"] == [
        {"id": "k3f9-2", "event": "price", "data": "é"},
        {"id": "k3f9-3", "event": " a b ", "data": ""},
    ]


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b"\xff", ""),
        (b"\xed\xa0\x80", ""),
        (b"x", "event=%ff"),
        (b"x", "event=a%0ab"),
        (b"x", "event=a%0a"),
        (b"x", "event=%0d"),
        (b"x", "event=a%00"),
    ],
)
def test_what_an_event_stream_cannot_carry_is_refused(lab, raw, body, query):
    status, answer = publish(raw(lab), body, query)
    assert status == 400
    assert b"UTF-8" in answer
    assert poll(raw(lab), "after=k3f9-0")["events"] == []


def test_a_body_that_is_too_large_is_refused_before_it_is_read(make_lab, raw):
    lab = make_lab(guards=Guards(max_body_bytes=1_000))
    client = raw(lab)
    assert publish(client, bytes(1_000))[0] == 200
    client.send(b"POST /publish/news HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n")
    assert client.head()[0] == 400
    assert client.read_to_end() == b""


def test_half_a_body_is_cut(make_lab, raw):
    lab = make_lab(guards=Guards(body_timeout_s=0.05))
    client = raw(lab)
    client.send(b"POST /publish/news HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
    assert client.is_over()
    assert poll(raw(lab), "after=k3f9-0")["events"] == []


@pytest.mark.parametrize("request_line", ["GET /publish/news", "POST /poll/news", "PUT /publish/news"])
def test_another_method_is_told_which_one_is_right(lab, raw, request_line):
    client = raw(lab)
    client.send(f"{request_line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
    status, fields, _ = client.answer()
    assert status == 405
    assert fields["allow"] == ("GET" if "poll" in request_line else "POST")


@pytest.mark.parametrize(
    "fields",
    [
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Content-Length: +3",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 1_0",
    ],
)
def test_a_request_whose_length_is_in_doubt_is_refused(lab, raw, fields):
    client = raw(lab)
    client.send(f"POST /publish/news HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n".encode())
    assert client.head()[0] == 400
    assert client.is_over()


@pytest.mark.parametrize("size", ["0x3", "1_0", "+3", "-1"])
def test_a_malformed_chunk_size_is_refused(lab, raw, size):
    client = raw(lab)
    client.send(b"POST /publish/news HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    client.send(f"{size}\r\nabc\r\n".encode())
    assert client.head()[0] == 400
    assert client.is_over()
