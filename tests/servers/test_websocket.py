import re
import threading

import pytest

from rtlab.codecs.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, encode_frame
from rtlab.servers.guards import Guards

pytestmark = pytest.mark.usefixtures("known_epoch")

FIELDS = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
RESUME = "Sec-WebSocket-Protocol: rtlab.v1"


def handshake(client, *, line="GET /echo HTTP/1.1", end="\r\n", host=True, **changes):
    """Send the opening handshake with some fields changed; None leaves one out, a list repeats it."""
    fields = {**FIELDS, **{name.replace("_", "-"): value for name, value in changes.items()}}
    lines = [line]
    if host:
        lines.append(f"Host: 127.0.0.1:{client.port}")
    for name, value in fields.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        lines += [f"{name}: {one}" for one in values]
    client.send((end.join(lines) + end * 2).encode("latin-1"))
    return client.head()


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def any_lab(request, make_lab):
    """A lab, once for each carrier."""
    return make_lab(tls=request.param)


@pytest.fixture
def echo(any_lab, raw):
    """An open WebSocket that echoes, once for each carrier."""
    return raw(any_lab).open_websocket()


# The opening handshake (RFC 6455 4.2).


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": ""}, 400),
        ({"Sec_WebSocket_Key": "this is not base64!!"}, 400),
        ({"Sec_WebSocket_Key": "MTIzNDU2Nzg="}, 400),
        ({"Sec_WebSocket_Key": [FIELDS["Sec-WebSocket-Key"]] * 2}, 400),
        ({"Sec_WebSocket_Version": None}, 426),
        ({"Sec_WebSocket_Version": "12"}, 426),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Version": "junk"}, 426),
        ({"Upgrade": None}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": None}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade"}, 101),
        ({"line": "POST /echo HTTP/1.1", "Content_Length": "0"}, 405),
        ({"line": "HEAD /echo HTTP/1.1"}, 405),
        ({"line": "GET /echo HTTP/1.0"}, 400),
        ({"host": False}, 400),
        ({"Host": "127.0.0.1"}, 400),  # the second one
        ({"X_Folded": "a\r\n b"}, 400),
        ({"X_Space ": "before the colon"}, 400),
        ({"X_Nul": "a\0b"}, 400),
        ({"Sec_WebSocket_Protocol": "a, a"}, 400),
        ({"Sec_WebSocket_Extensions": "permessage-deflate"}, 101),
        ({"end": "\n"}, 101),  # tornado tolerates bare LF, as RFC 9112 2.2 allows
    ],
)
def test_the_opening_handshake_is_judged_by_the_standard(lab, raw, changes, status):
    got, fields = handshake(raw(lab), **changes)
    assert got == status
    if status == 426:
        assert fields["sec-websocket-version"] == "13"
        assert fields["upgrade"] == "websocket"
    if status == 101:
        assert fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert "sec-websocket-extensions" not in fields
        assert "sec-websocket-protocol" not in fields


def test_the_answer_to_the_opening_handshake_is_exactly_this(lab, raw):
    client = raw(lab)
    client.ask_upgrade()
    assert client.read_until(b"\r\n\r\n") == (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    )


def test_a_refused_handshake_says_why_and_is_logged(lab, raw):
    client = raw(lab)
    client.get("/ws/news")
    status, fields, body = client.answer()
    assert status == 400
    assert fields["content-type"] == "text/plain; charset=utf-8"
    assert body.startswith(b"The request needs the header Upgrade: websocket.")
    assert any(line.text.startswith("websocket news: handshake refused, The request needs") for line in lab.log)


def test_the_sub_protocol_is_chosen_from_what_is_offered(lab, raw):
    status, fields = handshake(raw(lab), line="GET /ws/news HTTP/1.1", Sec_WebSocket_Protocol="chat, rtlab.v1")
    assert (status, fields["sec-websocket-protocol"]) == (101, "rtlab.v1")
    status, fields = handshake(raw(lab), line="GET /ws/news HTTP/1.1", Sec_WebSocket_Protocol="chat")
    assert status == 101
    assert "sec-websocket-protocol" not in fields


# Messages and control frames (RFC 6455 5).


def test_text_comes_back_as_text_and_binary_as_binary(echo):
    for opcode, payload in ((TEXT, "héllo".encode()), (BINARY, b"\x00\xff"), (TEXT, b""), (BINARY, bytes(70_000))):
        echo.send_frame(opcode, payload)
        frame = echo.frame()
        assert (frame.opcode, frame.payload, frame.fin, frame.masking_key) == (opcode, payload, True, None)


def test_fragments_come_back_as_one_message_with_a_ping_in_between(echo):
    echo.send_frame(TEXT, b"one ", fin=False)
    echo.send_frame(CONTINUATION, b"t", fin=False)
    echo.send_frame(PING, b"now")
    echo.send_frame(CONTINUATION, b"wo")
    assert [(f.opcode, f.payload) for f in (echo.frame(), echo.frame())] == [(PONG, b"now"), (TEXT, b"one two")]


def test_a_message_that_comes_byte_by_byte_is_echoed(echo):
    for byte in encode_frame(TEXT, b"slow", masking_key=b"abcd"):
        echo.send(bytes([byte]))
    assert echo.frame().payload == b"slow"


def test_a_pong_that_nobody_asked_for_is_ignored(echo):
    echo.send_frame(PONG, b"unasked")
    echo.send_text("x")
    assert echo.frame().payload == b"x"


# The closing handshake (RFC 6455 7).


@pytest.mark.parametrize("payload", [b"", b"\x03\xe8", b"\x03\xe8bye", b"\x0b\xb8", b"\x13\x87"])
def test_a_close_code_is_echoed_and_tcp_ends(echo, payload):
    echo.send_frame(CLOSE, payload)
    frame = echo.frame()
    assert (frame.opcode, frame.payload) == (CLOSE, payload[:2])
    assert echo.read_to_end() == b""


def test_messages_before_a_close_are_answered_first(echo):
    echo.send(encode_frame(TEXT, b"a", masking_key=b"abcd") + encode_frame(CLOSE, b"\x03\xe8", masking_key=b"abcd"))
    assert echo.frame().payload == b"a"
    assert echo.close_code() == 1000
    assert echo.read_to_end() == b""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x81\x01x", 1002, id="unmasked"),
        pytest.param(encode_frame(3, b"", masking_key=b"abcd"), 1002, id="reserved opcode"),
        pytest.param(encode_frame(TEXT, b"", rsv1=True, masking_key=b"abcd"), 1002, id="reserved bit"),
        pytest.param(encode_frame(PING, b"", fin=False, masking_key=b"abcd"), 1002, id="fragmented ping"),
        pytest.param(encode_frame(PING, bytes(126), masking_key=b"abcd"), 1002, id="long ping"),
        pytest.param(encode_frame(CONTINUATION, b"", masking_key=b"abcd"), 1002, id="nothing to continue"),
        pytest.param(b"\x82\xfe\x00\x01abcdx", 1002, id="length not in its shortest form"),
        pytest.param(encode_frame(CLOSE, b"\x03", masking_key=b"abcd"), 1002, id="half a close code"),
        pytest.param(encode_frame(CLOSE, b"\x03\xed", masking_key=b"abcd"), 1002, id="close code 1005"),
        pytest.param(encode_frame(TEXT, b"\xff", masking_key=b"abcd"), 1007, id="text that is not UTF-8"),
        pytest.param(
            encode_frame(CLOSE, b"\x03\xe8\xff", masking_key=b"abcd"), 1007, id="reason that is not UTF-8"
        ),
        pytest.param(b"\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00abcd", 1009, id="announced 2**40 bytes"),
    ],
)
def test_a_broken_rule_closes_with_its_code_and_then_tcp_ends(echo, data, code):
    echo.send(data)
    assert echo.close_code() == code
    assert echo.read_to_end() == b""


def test_the_limits_are_the_guards(make_lab, raw):
    lab = make_lab(guards=Guards(max_message_bytes=100, max_fragments=3))
    client = raw(lab).open_websocket()
    client.send_frame(BINARY, bytes(100))
    assert client.frame().payload == bytes(100)
    client.send_frame(BINARY, bytes(101))
    assert client.close_code() == 1009
    client = raw(lab).open_websocket()
    client.send_frame(BINARY, b"", fin=False)
    for _ in range(3):
        client.send_frame(CONTINUATION, b"", fin=False)
    assert client.close_code() == 1009


def test_stopping_the_lab_says_that_it_goes_away(any_lab, raw):
    client = raw(any_lab).open_websocket()
    stopping = threading.Thread(target=any_lab.stop)
    stopping.start()
    frame = client.frame()
    assert (frame.opcode, frame.payload) == (CLOSE, (1001).to_bytes(2) + b"the lab stops")
    client.send_frame(CLOSE, (1001).to_bytes(2))
    assert client.read_to_end() == b""
    client.close()
    stopping.join(30)
    assert not stopping.is_alive()


# A channel over WebSocket.


def test_what_one_client_sends_everybody_gets_the_sender_too(any_lab, raw, until):
    clients = [raw(any_lab).open_websocket("/ws/chat") for _ in range(3)]
    until(lambda: len(any_lab.connections) == 3)
    clients[0].send_text("hello")
    assert [client.frame().payload for client in clients] == [b"hello"] * 3


def test_binary_to_a_channel_is_refused_with_1003(any_lab, raw):
    client = raw(any_lab).open_websocket("/ws/news")
    client.send_frame(BINARY, b"x")
    assert client.close_code() == 1003
    client.send_frame(CLOSE, (1003).to_bytes(2))
    assert client.read_to_end() == b""


def test_nothing_follows_a_close_frame_of_the_server(lab, raw, until):
    client = raw(lab).open_websocket("/ws/news")
    client.send_frame(BINARY, b"x")
    assert client.close_code() == 1003
    lab.publish("too late")
    client.send_text("later still")
    client.send_frame(CLOSE, (1003).to_bytes(2))
    assert client.read_to_end() == b""
    assert lab.server.channel("news").last_number == 1


def test_a_refused_message_and_a_close_in_one_piece_end_in_good_order(lab, raw):
    client = raw(lab).open_websocket("/ws/news")
    client.send(
        encode_frame(BINARY, b"x", masking_key=b"abcd") + encode_frame(CLOSE, b"\x03\xe8", masking_key=b"abcd")
    )
    assert client.close_code() == 1000
    assert client.read_to_end() == b""
    assert [line.text for line in lab.log if line.level == "error"] == []


def test_a_server_that_fails_on_a_message_closes_with_1011_and_logs_it(make_server, raw):
    server = make_server()
    channel = server.channel("news")

    def fail(data, event=""):
        raise ZeroDivisionError("a bug of the server")

    channel.publish = fail
    client = raw(server).open_websocket("/ws/news")
    client.send_text("x")
    assert client.close_code() == 1011
    errors = [line.text for line in server.log.lines() if line.level == "error"]
    assert errors == ["websocket news: ZeroDivisionError('a bug of the server')"]


def test_a_client_that_does_not_answer_the_close_is_cut(make_server, raw, until, monkeypatch):
    from rtlab.servers import websocket

    monkeypatch.setattr(websocket, "CLOSE_TIMEOUT_S", 0.01)
    server = make_server()
    client = raw(server).open_websocket("/ws/news")
    client.send_frame(BINARY, b"x")
    assert client.close_code() == 1003
    assert client.is_over()
    until(lambda: not server.connections())


# Clients that misbehave.


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_client_that_never_reads_its_echoes_is_cut(make_lab, raw, until, tls):
    lab = make_lab(tls=tls, guards=Guards(max_buffered_bytes=65_536))
    client = raw(lab, receive_buffer_bytes=4_096).open_websocket()
    message = encode_frame(BINARY, bytes(250_000), masking_key=b"abcd")
    with pytest.raises(OSError, match=r"reset|EOF|pipe|abort"):
        for _ in range(400):
            client.send(message)
            assert all(c.buffered_bytes < 65_536 + 600_000 for c in lab.connections)
    until(lambda: not lab.connections)
    assert "websocket echo: cut, sends, but does not read the answers" in [line.text for line in lab.log]


def test_a_subscriber_that_never_reads_is_cut_and_the_others_miss_nothing(make_lab, raw, until):
    lab = make_lab(guards=Guards(max_buffered_bytes=65_536))
    raw(lab, receive_buffer_bytes=4_096).open_websocket("/ws/news")
    reader = raw(lab).open_websocket("/ws/news")
    until(lambda: len(lab.connections) == 2)
    text, sent = "x" * 32_768, 0
    while len(lab.connections) == 2:
        sent += 1
        lab.publish(text)
        assert reader.frame().payload == text.encode()
        assert sent < 1_000, "the client that does not read was never cut"
    lab.publish("after")
    assert reader.frame().payload == b"after"


def test_a_client_that_answers_no_ping_is_dropped(make_server, raw, until):
    server = make_server(heartbeat_s=0.02, guards=Guards(idle_timeout_s=0.1))
    client = raw(server).open_websocket()
    assert client.frame().opcode == PING
    assert client.is_over()
    until(lambda: "websocket echo: cut, answered no ping" in [line.text for line in server.log.lines()])


def test_a_client_that_answers_its_pings_stays(make_server, raw, until, on_loop):
    server = make_server(guards=Guards(idle_timeout_s=60))
    client = raw(server).open_websocket()
    until(lambda: server.connections())
    (peer,) = server._peers
    for _ in range(3):
        peer._alive_ns -= 59 * 10**9  # as if so much time had passed
        on_loop(peer.beat)
        frame = client.frame()
        assert frame.opcode == PING
        received = peer.connection.bytes_up
        client.send_frame(PONG, frame.payload)
        until(lambda received=received: peer.connection.bytes_up > received)
    client.send_text("still here")
    assert client.frame().payload == b"still here"
    peer._alive_ns -= 61 * 10**9
    on_loop(peer.beat)
    assert client.is_over()


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_a_client_that_vanishes_is_forgotten(any_lab, raw, until, leave):
    clients = [raw(any_lab).open_websocket("/ws/news") for _ in range(3)]
    until(lambda: len(any_lab.connections) == 3)
    getattr(clients[1], leave)()
    until(lambda: len(any_lab.connections) == 2)
    assert any_lab.server.channel("news").subscribers == 2


# The sub-protocol rtlab.v1.


def test_resuming_gives_the_same_ids_as_an_event_stream(any_lab, raw, until):
    for text in ("a", "b"):
        any_lab.publish(text)
    any_lab.publish("c\n\nc", event="price")
    client = raw(any_lab).open_websocket("/ws/news", RESUME)
    client.send_text("last-event-id: k3f9-1")
    assert [client.frame().payload for _ in range(2)] == [b"id: k3f9-2\n\nb", b"id: k3f9-3\nevent: price\n\nc\n\nc"]
    stream = raw(any_lab).open_stream("/sse/news", "Last-Event-ID: k3f9-1")
    assert [re.findall(rb"id: k3f9-(\d+)", stream.chunk())] == [[b"2"]]
    client.send_text("from the client")
    assert client.frame().payload == b"id: k3f9-4\n\nfrom the client"


def test_an_empty_greeting_starts_with_the_next_message(lab, raw, until):
    lab.publish("before")
    client = raw(lab).open_websocket("/ws/news", RESUME)
    client.send_text("last-event-id: ")
    until(lambda: lab.server.channel("news").subscribers)
    lab.publish("after")
    assert client.frame().payload == b"id: k3f9-2\n\nafter"


def test_a_greeting_from_an_earlier_life_gets_everything_kept(lab, raw):
    lab.publish("a")
    client = raw(lab).open_websocket("/ws/news", RESUME)
    client.send_text("last-event-id: k3f9-99")
    assert client.frame().payload == b"id: k3f9-1\n\na"


def test_a_gap_in_the_history_is_logged(lab, raw):
    for number in range(1, 1_003):
        lab.publish(str(number))
    client = raw(lab).open_websocket("/ws/news", RESUME)
    client.send_text("last-event-id: k3f9-1")
    assert client.frame().payload == b"id: k3f9-3\n\n3"
    assert [line.text for line in lab.log if line.level == "warning"] == [
        "websocket news: messages after k3f9-1 are gone from the history"
    ]


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_another_greeting_is_refused_with_1008_and_a_second_one_is_not_heard(lab, raw, opcode):
    lab.publish("a")
    client = raw(lab).open_websocket("/ws/news", RESUME)
    client.send_frame(opcode, b"hello")
    assert client.close_code() == 1008
    client.send_text("last-event-id: k3f9-0")
    client.send_frame(CLOSE, (1008).to_bytes(2))
    assert client.read_to_end() == b""


def test_without_a_greeting_nothing_comes_but_1008(make_lab, raw):
    lab = make_lab(guards=Guards(header_timeout_s=0.05))
    client = raw(lab).open_websocket("/ws/news", RESUME)
    lab.publish("a")
    frame = client.frame()
    assert (frame.opcode, frame.payload[:2]) == (CLOSE, (1008).to_bytes(2))


def test_without_the_sub_protocol_there_are_no_ids(lab, raw, until):
    lab.publish("before")
    client = raw(lab).open_websocket("/ws/news")
    until(lambda: lab.connections)
    lab.publish("after", event="price")
    assert client.frame().payload == b"after"
