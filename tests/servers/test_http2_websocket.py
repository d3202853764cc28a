"""WebSockets over HTTP/2: each is a stream that an extended CONNECT has opened."""

import threading

import pytest
from h2.errors import ErrorCodes

from rtlab.codecs.http2_frames import DATA, Http2Frame, encode_http2_frame
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_frames import BINARY, CLOSE, PING, PONG, TEXT, FrameDecoder, encode_frame
from rtlab.servers.backpressure import Backpressure
from rtlab.servers.guards import Guards

pytestmark = pytest.mark.usefixtures("known_epoch")

VERSION = ("sec-websocket-version", "13")
RESUME = ("sec-websocket-protocol", "rtlab.v1")
OFFER = ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")


@pytest.fixture
def client(http2_lab, dial):
    return dial(http2_lab)


def frame(opcode, payload=b"", **options):
    return encode_frame(opcode, payload, masking_key=b"\x01\x02\x03\x04", **options)


def close_frame(code, reason=""):
    return frame(CLOSE, code.to_bytes(2) + reason.encode())


def receive(client, stream, count=1):
    """Wait for so many frames of a WebSocket, and take them out."""
    frames = []
    client.until(lambda: len(FrameDecoder().feed(client.data[stream])) >= count)
    frames = FrameDecoder().feed(client.data[stream])
    client.data[stream] = b""
    return [(each.opcode, each.payload) for each in frames]


def test_messages_come_back_and_the_end_is_clean(http2_lab, client, until):
    stream = client.open_websocket()
    assert not {"upgrade", "connection", "sec-websocket-accept"} & client.heads[stream].keys()
    client.write(stream, frame(TEXT, "é".encode()) + frame(BINARY, b"\0\xff"))
    assert receive(client, stream, 2) == [(TEXT, "é".encode()), (BINARY, b"\0\xff")]
    client.write(stream, frame(PING, b"?"))
    assert receive(client, stream) == [(PONG, b"?")]
    (connection,) = http2_lab.connections
    assert (connection.transport, connection.channel) == ("websocket", "echo")
    client.write(stream, close_frame(4123, "bye"))
    client.until(lambda: stream in client.ended)
    assert receive(client, stream) == [(CLOSE, (4123).to_bytes(2))]
    client.write(stream, b"", end=True)
    until(lambda: not http2_lab.connections)
    assert "websocket echo: client closed, 4123 bye" in [line.text for line in http2_lab.log]
    client.round_trip()
    assert not client.resets


def test_a_client_that_leaves_the_stream_open_is_reset_without_an_error(client):
    stream = client.open_websocket()
    client.write(stream, close_frame(1000))
    client.until(lambda: stream in client.resets)
    assert client.resets == {stream: ErrorCodes.NO_ERROR}
    assert stream in client.ended


def test_an_end_without_a_close_frame_ends_the_stream(http2_lab, client, until):
    stream = client.open_websocket()
    client.write(stream, b"", end=True)
    client.until(lambda: stream in client.ended)
    until(lambda: not http2_lab.connections)


@pytest.mark.parametrize(
    ("path", "sent", "code"),
    [
        ("/ws/news", frame(BINARY, b"x"), 1003),
        ("/echo", encode_frame(TEXT, b"not masked"), 1002),
        ("/echo", frame(TEXT, b"\xff"), 1007),
        ("/echo", close_frame(1005), 1002),
    ],
)
def test_what_breaks_the_rules_is_closed_with_its_code(client, path, sent, code):
    stream = client.open_websocket(path)
    client.write(stream, sent)
    ((opcode, payload),) = receive(client, stream)
    assert (opcode, int.from_bytes(payload[:2])) == (CLOSE, code)


def test_a_lab_that_stops_closes_with_1001(http2_lab, client):
    stream = client.open_websocket()
    stopping = threading.Thread(target=http2_lab.stop)
    stopping.start()
    assert receive(client, stream) == [(CLOSE, (1001).to_bytes(2) + b"the lab stops")]
    client.write(stream, close_frame(1001), end=True)
    assert client.until_over() == ErrorCodes.NO_ERROR
    stopping.join()
    assert stream in client.ended


def test_a_channel_goes_both_ways_beside_event_streams(http2_lab, client):
    socket, stream = client.open_websocket("/ws/news"), client.open_stream()
    client.write(socket, frame(TEXT, b"up"))
    assert receive(client, socket) == [(TEXT, b"up")]
    assert client.read_until(stream, b"\n\n") == b"id: k3f9-1\ndata: up\n\n"


def test_the_subprotocol_resumes(http2_lab, client):
    for number in range(3):
        http2_lab.publish(str(number))
    stream = client.open_websocket("/ws/news", RESUME)
    assert client.heads[stream]["sec-websocket-protocol"] == "rtlab.v1"
    client.write(stream, frame(TEXT, b"last-event-id: k3f9-2"))
    ((_, payload),) = receive(client, stream)
    assert b"k3f9-3" in payload


@pytest.mark.parametrize("options", [DeflateOptions(), DeflateOptions(server_no_context_takeover=True)])
def test_messages_are_compressed_if_the_lab_and_the_client_want_it(make_lab, dial, options):
    lab = make_lab(http2=True, compression=options)
    client = dial(lab)
    small, plain = client.open_websocket("/ws/news", OFFER), client.open_websocket("/ws/news")
    assert client.heads[small]["sec-websocket-extensions"].startswith("permessage-deflate")
    assert "sec-websocket-extensions" not in client.heads[plain]
    lab.publish("x" * 1_000)
    ((_, payload),) = receive(client, plain)
    assert payload == b"x" * 1_000
    client.until(lambda: client.data[small])
    assert len(client.data[small]) < 30


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([], 400),
        ([("sec-websocket-version", "12")], 400),
        ([VERSION, ("sec-websocket-protocol", "a, a")], 400),
        ([VERSION, ("origin", "https://attacker.example")], 403),
    ],
)
def test_a_wrong_opening_is_refused(client, fields, status):
    stream = client.ask("/echo", *fields, method="CONNECT", protocol="websocket", whole=False)
    found, head, _ = client.answer(stream)
    assert found == status
    assert (head.get("sec-websocket-version") == "13") == (VERSION not in fields)
    assert not {"upgrade", "connection"} & head.keys()


def test_a_get_opens_no_websocket_over_http2(client):
    status, head, _ = client.answer(client.ask("/echo", VERSION))
    assert (status, head["allow"]) == (405, "CONNECT")


def test_a_client_that_answers_no_ping_is_dropped(make_lab, dial):
    lab = make_lab(http2=True, heartbeat_s=0.02, guards=Guards(idle_timeout_s=0.1))
    client = dial(lab)
    stream = client.open_websocket()
    client.until(lambda: stream in client.resets)
    assert client.resets == {stream: ErrorCodes.CANCEL}


def test_an_echo_that_is_not_read_is_dropped_and_the_others_stay(make_lab, dial):
    client = dial(make_lab(http2=True, guards=Guards(max_buffered_bytes=100_000)))
    client.h2.increment_flow_control_window(1_000_000)
    stalled, other = client.open_websocket(), client.open_websocket()
    client.unread.add(stalled)
    message = frame(BINARY, bytes(16_000))
    for _ in range(20):
        client.write(stalled, message[:16_384])
        client.round_trip()
        if client.resets:
            break
    assert client.resets == {stalled: ErrorCodes.CANCEL}
    client.write(other, frame(TEXT, b"here"))
    assert receive(client, other) == [(TEXT, b"here")]


@pytest.fixture
def shut(make_lab, dial):
    """A reader that has stopped, and a publisher that has sent until its window was shut: their lab waits."""
    lab = make_lab(http2=True, backpressure=Backpressure("wait", 1_024))
    reader, writer = dial(lab), dial(lab)
    stalled = reader.open_stream()
    reader.unread.add(stalled)
    stream = writer.open_websocket("/ws/news")
    message, sent = frame(TEXT, b"x" * 10_000), 0
    while (window := writer.h2.local_flow_control_window(stream)) > 0:
        piece = min(window, len(message) - sent % len(message))
        writer.write(stream, message[sent % len(message) :][:piece])
        sent += piece
        writer.round_trip()
        assert sent < 1_000_000
    return lab, reader, stalled, writer, stream, sent // len(message)


def test_under_wait_the_window_of_a_publisher_stays_shut_until_its_readers_read(shut):
    lab, reader, stalled, writer, stream, _ = shut
    assert max(each.buffered_bytes for each in lab.connections) < 40_000
    reader.unread.clear()
    reader.h2.acknowledge_received_data(len(reader.data[stalled]), stalled)
    reader.flush()
    reader.until(lambda: len(reader.data[stalled]) > 100_000)
    writer.until(lambda: writer.h2.local_flow_control_window(stream) > 0)


def test_what_came_before_the_end_is_read_although_it_had_to_wait(shut):
    _, reader, stalled, writer, stream, sent = shut
    writer.write(stream, b"", end=True)
    writer.round_trip()
    reader.unread.clear()
    reader.h2.acknowledge_received_data(len(reader.data[stalled]), stalled)
    reader.flush()
    reader.until(lambda: reader.data[stalled].count(b"\n\n") == sent)
    writer.until(lambda: stream in writer.ended)
    assert sent > 10


def test_more_than_the_window_allows_is_a_flow_control_error(shut):
    _, _, _, writer, stream, _ = shut
    writer.send(encode_http2_frame(Http2Frame(DATA, 0, stream, b"x")))
    assert writer.until_over() == ErrorCodes.FLOW_CONTROL_ERROR


def test_messages_of_any_size_pass_through_small_windows(http2_lab, client):
    stream = client.open_websocket("/ws/news")
    texts = [f"{number} {'z' * (number * 300)}" for number in range(60)]
    for text in texts:
        http2_lab.publish(text)
    assert receive(client, stream, 60) == [(TEXT, text.encode()) for text in texts]
