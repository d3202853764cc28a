from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.http1 import encode_chunk
from rtlab.codecs.sse import encode_comment, encode_event
from rtlab.codecs.websocket_frames import BINARY, CONTINUATION, PING, TEXT, Frame, FrameDecoder, encode_frame
from rtlab.errors import LabError
from rtlab.experiments.drain import Order, drain
from rtlab.experiments.drained_line import EventMarks, FrameMarks
from rtlab.experiments.raw_server import RawServer

STAMP = "00000000001234567890"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    while data:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[:size])
        data = data[size:]
    return pieces


@pytest.mark.parametrize("stamped", [False, True])
@given(
    sizes=st.lists(st.integers(1, 200), min_size=1, max_size=5),
    events=st.integers(1, 30),
    joined=st.integers(1, 4),
)
def test_events_are_counted_however_the_bytes_are_cut(
    stamped: bool, sizes: list[int], events: int, joined: int
) -> None:
    one = encode_event(f"{STAMP}xyz", id="7")
    body = b"".join(encode_chunk(one * joined) + encode_chunk(encode_comment()) for _ in range(events))
    marks = EventMarks(stamped)
    found = [marks.feed(piece) for piece in cut(HEAD + body, sizes)]
    assert sum(count for count, _ in found) == events * joined
    stamps = [stamp for _, some in found for stamp in some]
    assert stamps == ([1_234_567_890] * events * joined if stamped else [])


@pytest.mark.parametrize("stamped", [False, True])
@given(
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    lengths=st.lists(st.sampled_from([20, 21, 125, 126, 300, 70_000]), min_size=1, max_size=8),
    repeats=st.integers(1, 9),
)
def test_messages_are_counted_however_the_bytes_are_cut(
    stamped: bool, sizes: list[int], lengths: list[int], repeats: int
) -> None:
    payloads = [STAMP.encode().ljust(length, b"x") for length in lengths for _ in range(repeats)]
    marks = FrameMarks(stamped)
    wire = b"".join(encode_frame(TEXT, payload) for payload in payloads)
    found = [marks.feed(piece) for piece in cut(wire, [50 * size for size in sizes])]
    assert sum(count for count, _ in found) == len(payloads)
    assert [stamp for _, some in found for stamp in some] == [1_234_567_890] * (len(payloads) if stamped else 0)


def test_a_fragmented_message_counts_once_and_a_ping_is_answered() -> None:
    marks = FrameMarks(False)
    parts = encode_frame(BINARY, b"ab", fin=False) + encode_frame(PING, b"?") + encode_frame(CONTINUATION, b"c")
    assert marks.feed(parts) == (1, [])
    (pong,) = FrameDecoder().feed(marks.answers)
    assert isinstance(pong, Frame)
    assert (pong.opcode, pong.payload, pong.masking_key is None) == (10, b"?", False)


def order(url: str, payload_bytes: int) -> Order:
    return Order(url, 1, payload_bytes, warm_up_s=0, seconds=0.1)


def test_messages_of_another_size_than_ordered_are_an_error() -> None:
    with RawServer(encode_event("x" * 30)) as server, pytest.raises(LabError, match=r"30 bytes came; 31"):
        drain(order(server.url(), 31))


def test_a_count_by_marks_that_the_codec_does_not_share_is_an_error() -> None:
    two_lines = b"data: a\ndata: b\n\n"  # two marks, one event
    with RawServer(two_lines * 3) as server, pytest.raises(LabError, match="6 by their marks, 3 decoded"):
        drain(order(server.url(), 3))


def test_connections_that_end_are_told() -> None:
    with RawServer(encode_event("x" * 30)) as server:
        assert drain(order(server.url(), 30))["ended"] == 1


def test_a_stream_that_is_refused_is_an_error() -> None:
    with RawServer() as server:
        with pytest.raises(LabError, match="got no message"):
            drain(order(server.url(), 30))
        with pytest.raises(LabError, match="answered 204"):
            drain(order(server.url(), 30))
