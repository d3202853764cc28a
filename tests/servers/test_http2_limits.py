"""Clients of HTTP/2 that break the rules, or stretch them: each gets its error, and nothing stays behind."""

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtlab.codecs.http2_frames import (
    CONTINUATION,
    DATA,
    HEADERS,
    PING,
    PREFACE,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Http2Frame,
    Http2FrameDecoder,
    encode_http2_frame,
)
from rtlab.servers.guards import Guards
from rtlab.servers.http2_allowance import Allowance
from rtlab.servers.http2_options import Http2Options

END_STREAM, END_HEADERS = 1, 4
IDLE_FRAMES = Guards().max_idle_frames


def wire(type, payload=b"", stream_id=0, flags=0):
    return encode_http2_frame(Http2Frame(type, flags, stream_id, payload))


@pytest.fixture
def client(http2_lab, dial):
    return dial(http2_lab)


@pytest.fixture
def still_serves(http2_lab, dial, until):
    """Afterwards the lab has nobody left, has logged no failure, and serves the next client."""
    yield
    until(lambda: not http2_lab.connections)
    assert not [line for line in http2_lab.log if line.level == "error"]
    assert dial(http2_lab).open_stream()


# Streams.


def test_a_stream_too_many_is_refused_and_the_others_live(make_lab, dial):
    lab = make_lab(http2=Http2Options(max_streams=3))
    client = dial(lab)
    assert client.h2.remote_settings.max_concurrent_streams == 3
    held = [client.open_stream() for _ in range(3)]
    refused = client.ask("/sse/news")
    client.until(lambda: refused in client.resets)
    assert client.resets == {refused: ErrorCodes.REFUSED_STREAM}
    client.h2.reset_stream(held.pop(), ErrorCodes.CANCEL)
    client.flush()
    held.append(client.open_stream())
    lab.publish("Hello")
    for stream in held:
        assert b"Hello" in client.read_until(stream, b"\n\n")


def test_answers_that_are_over_make_room(make_lab, dial):
    client = dial(make_lab(http2=Http2Options(max_streams=1)))
    for _ in range(300):
        assert client.answer(client.ask("/poll/news"))[0] == 200
    assert not client.resets


def test_a_head_that_is_a_little_too_long_is_answered(client):
    limit_bytes = client.h2.remote_settings[SettingCodes.MAX_HEADER_LIST_SIZE]
    assert limit_bytes == Guards().max_head_bytes
    status, _, body = client.answer(client.ask("/poll/news", ("x", "y" * limit_bytes)))
    assert (status, body) == (431, b"431 The head of the request is too long.\n")
    assert client.answer(client.ask("/poll/news"))[0] == 200


# Connections.


def test_garbage_instead_of_the_preface_is_a_protocol_error(http2_lab, dial, still_serves):
    client = dial(http2_lab, begin=False)
    client.h2.initiate_connection()
    client.h2.data_to_send()
    client.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert client.until_over() == ErrorCodes.PROTOCOL_ERROR


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (wire(DATA, b"x", 1), ErrorCodes.PROTOCOL_ERROR),
        (wire(HEADERS, b"\x82", 2, END_HEADERS), ErrorCodes.PROTOCOL_ERROR),
        (wire(HEADERS, b"\xff" * 20, 1, END_HEADERS), ErrorCodes.COMPRESSION_ERROR),
        (wire(HEADERS, b"\xbf", 1, END_HEADERS), ErrorCodes.COMPRESSION_ERROR),
        (wire(CONTINUATION, b"", 1, END_HEADERS), ErrorCodes.PROTOCOL_ERROR),
        (wire(WINDOW_UPDATE, (2**31 - 1).to_bytes(4)), ErrorCodes.FLOW_CONTROL_ERROR),
        (wire(PING, b"short"), ErrorCodes.FRAME_SIZE_ERROR),
        (wire(DATA, bytes(16_385), 1), ErrorCodes.FRAME_SIZE_ERROR),
        (wire(SETTINGS, (4).to_bytes(2) + (2**31).to_bytes(4)), ErrorCodes.FLOW_CONTROL_ERROR),
        (wire(HEADERS, b"", 1) + wire(CONTINUATION, b"", 1) * 100, ErrorCodes.PROTOCOL_ERROR),
        (wire(RST_STREAM, bytes(4), 0), ErrorCodes.PROTOCOL_ERROR),
    ],
)
def test_what_breaks_the_rules_ends_the_connection_with_its_code(client, frames, code, still_serves):
    client.send(frames)
    assert client.until_over() == code


def test_a_head_without_end_is_too_much(client, still_serves):
    field = b"\x40\x01x\x7f\x80\x7f" + b"y" * 16_255  # a literal of 16,382 bytes that goes into the table
    client.send(wire(HEADERS, b"\x82" + field[:10], 1))
    client.send(b"".join(wire(CONTINUATION, b"y" * 16_000, 1) for _ in range(70)))
    assert client.until_over() in (ErrorCodes.PROTOCOL_ERROR, ErrorCodes.ENHANCE_YOUR_CALM)


def test_a_head_that_unpacks_to_far_too_much_ends_the_connection(client, still_serves):
    client.ask("/poll/news", *((f"x{number}", "y" * 1_000) for number in range(80)))
    assert client.until_over() == ErrorCodes.ENHANCE_YOUR_CALM


def rapid_reset(client):
    client.h2.clear_outbound_data_buffer()
    for _ in range(4 * IDLE_FRAMES):
        stream = client.h2.get_next_available_stream_id()
        head = [(":method", "GET"), (":path", "/sse/news"), (":scheme", "https"), (":authority", "127.0.0.1")]
        client.h2.send_headers(stream, head, end_stream=True)
        client.h2.reset_stream(stream, ErrorCodes.CANCEL)
        client.data[stream] = b""
    return client.h2.data_to_send()


@pytest.mark.parametrize(
    "flood",
    [
        rapid_reset,
        lambda client: wire(PING, bytes(8)) * 4 * IDLE_FRAMES,
        lambda client: wire(SETTINGS) * 4 * IDLE_FRAMES,
        lambda client: wire(PRIORITY, bytes(5), 1) * 4 * IDLE_FRAMES,
    ],
    ids=["rapid reset", "pings", "settings", "priorities"],
)
def test_a_flood_that_brings_nothing_is_stopped(client, flood, still_serves):
    client.send(flood(client))
    assert client.until_over() == ErrorCodes.ENHANCE_YOUR_CALM


def test_empty_data_without_end_is_stopped(client, still_serves):
    stream = client.open_websocket()
    client.send(wire(DATA, b"", stream) * 4 * IDLE_FRAMES)
    assert client.until_over() == ErrorCodes.ENHANCE_YOUR_CALM


def test_an_unknown_frame_is_ignored(client):
    client.send(wire(0xBE, b"?"))
    assert client.answer(client.ask("/poll/news"))[0] == 200


def test_an_idle_connection_is_closed(make_lab, dial):
    client = dial(make_lab(http2=True, guards=Guards(header_timeout_s=0.2)))
    assert client.until_over() == ErrorCodes.NO_ERROR


def test_a_client_that_says_nothing_is_told_goodbye(make_lab, dial):
    client = dial(make_lab(http2=True, guards=Guards(header_timeout_s=0.2)), begin=False)
    said = b""
    while data := client.sock.recv(65_536):
        said += data
    assert [each.name for each in Http2FrameDecoder().feed(said)] == ["SETTINGS", "GOAWAY"]


def test_a_connection_with_a_stream_is_not_idle(make_lab, dial):
    lab = make_lab(http2=True, guards=Guards(header_timeout_s=0.1), heartbeat_s=0.05)
    client = dial(lab)
    stream = client.open_stream()
    for _ in range(8):
        client.read_until(stream, b": \n\n")
    lab.publish("Hello")
    assert b"Hello" in client.read_until(stream, b"Hello\n\n")


def test_a_client_that_says_goodbye_is_closed(http2_lab, client, until):
    client.open_stream()
    client.h2.close_connection()
    client.flush()
    client.until_over()
    until(lambda: not http2_lab.connections)


def test_a_tls_handshake_that_does_not_end_is_not_waited_for(make_lab, raw):
    lab = make_lab(http2=True, guards=Guards(header_timeout_s=0.1))
    assert raw(lab.port).is_over()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.builds(
                wire,
                st.integers(0, 12),
                st.one_of(st.binary(max_size=20), st.just(b"\x82\x87\x84\x41\x09127.0.0.1")),
                st.sampled_from([0, 1, 3, 5]),
                st.integers(0, 63),
            ),
        ),
        max_size=12,
    )
)
def test_whatever_comes_no_failure_of_the_server_is_logged(http2_lab, dial, pieces):
    client = dial(http2_lab, begin=False)
    try:
        client.send(PREFACE + wire(SETTINGS) + b"".join(pieces))
        client.sock.shutdown(2)
    except OSError:
        pass
    client.close()
    assert not [line.text for line in http2_lab.log if line.level == "error"]


def test_an_allowance_is_spent_and_comes_back(monkeypatch):
    now_ns = 0
    monkeypatch.setattr("rtlab.clock.now_ns", lambda: now_ns)
    allowance = Allowance(3, 10)
    assert [allowance.spend() for _ in range(4)] == [True, True, True, False]
    now_ns = 200_000_000
    assert [allowance.spend() for _ in range(3)] == [True, True, False]
    now_ns = 60_000_000_000
    assert [allowance.spend() for _ in range(4)] == [True, True, True, False]
