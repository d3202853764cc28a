import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_frames import CLOSE, PING, PONG, FrameDecoder, encode_frame
from rtlab.codecs.websocket_session import BinaryMessage, CloseReceived, TextMessage, WebSocketSession
from rtlab.errors import RemoteProtocolError
from rtlab.load.counters import EventCounter, FrameCounter
from rtlab.load.stamp import STAMP_BYTES


def pieces(data, cuts):
    """Cut bytes at places given as shares of their length."""
    places = sorted({int(cut * len(data)) for cut in cuts} | {0, len(data)})
    return [data[start:stop] for start, stop in itertools.pairwise(places)]


cuts = st.lists(st.floats(0, 1), max_size=12)

# Lines as servers write them, and as no server should.
line = st.one_of(
    st.sampled_from([b"", b"", b"data", b"data:", b"data: ", b"data:  x", b"dataset: 1", b"data :x", b" data: x"]),
    st.sampled_from([b":", b": beat", b"id: k3f9-7", b"event: news", b"retry: 1000", b"\xef\xbb\xbfdata: bom"]),
    st.binary(max_size=60).map(lambda filler: b"data: " + filler),
    st.integers(0, 10**20 - 1).map(lambda at_ns: b"data: %020d 000001 00000002abc" % at_ns),
    st.binary(max_size=60),
)
line_end = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r"])
block = st.sampled_from(
    [b"id: 1\ndata: %020d 000001 00000002abcdefg\n\n" % 5, b": beat\n\n", b"retry: 1000\n\n", b"data: x\n\n"]
)
stream = st.lists(st.one_of(block, st.tuples(line, line_end).map(b"".join)), max_size=20).map(b"".join)


def exact_starts(decoder, piece):
    return [event.data.encode()[:STAMP_BYTES] for event in decoder.feed(piece)]


def is_utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(stream.filter(is_utf8), cuts)
def test_events_are_counted_as_the_exact_codec_reads_them_however_they_are_cut(data, cuts):
    counter, decoder = EventCounter(), EventStreamDecoder()
    for piece in pieces(data, cuts):
        assert counter.feed(piece) == exact_starts(decoder, piece)


@given(st.lists(block, min_size=1, max_size=30), st.sampled_from([b"\n", b"\r\n", b"\r"]), cuts)
def test_events_with_any_line_end_are_all_counted(blocks, end, cuts):
    data = b"".join(blocks).replace(b"\n", end)
    counter = EventCounter()
    found = [start for piece in pieces(data, cuts) for start in counter.feed(piece)]
    assert len(found) == sum(b"data" in each for each in blocks)


def test_an_event_of_several_data_lines_starts_as_its_joined_text_does():
    counter = EventCounter()
    counter.feed(b": the first line is read slowly\n\n")
    assert counter.feed(b"data: a\ndata: b\n\ndata: c\n\n") == [b"a\nb", b"c"]


def test_an_unfinished_block_is_no_event():
    assert EventCounter().feed(b"data: a\n") == []


def test_a_long_unfinished_line_is_kept_short():
    counter = EventCounter()
    for _ in range(100):
        counter.feed(b"data: " + b"x" * 1000)
    assert len(counter._line) < 100
    assert counter.feed(b"\n\n") == [b"x" * STAMP_BYTES]


text = st.text(max_size=200).map(str.encode)
long_payload = st.sampled_from([125, 126, 127, 65535, 65536, 70000]).map(lambda size: b"y" * size)
message = st.one_of(
    st.tuples(st.just(1), text, st.just(1)),
    st.tuples(st.just(2), st.binary(max_size=200), st.integers(1, 4)),
    st.tuples(st.just(1), long_payload, st.integers(1, 3)),
    st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125), st.just(1)),
)


def frames(opcode, payload, parts):
    """Write a message in some fragments, with a ping between them."""
    size = len(payload) // parts + 1
    chunks = [payload[at : at + size] for at in range(0, max(1, len(payload)), size)]
    opcodes = [opcode] + [0] * (len(chunks) - 1)
    written = [
        encode_frame(code, chunk, fin=number == len(chunks) - 1)
        for number, (code, chunk) in enumerate(zip(opcodes, chunks, strict=True))
    ]
    return encode_frame(PING, b"between").join(written)


def session_starts(session, piece):
    starts = []
    for event in session.feed(piece):
        if isinstance(event, TextMessage):
            starts.append(event.text.encode()[:STAMP_BYTES])
        elif isinstance(event, BinaryMessage):
            starts.append(event.data[:STAMP_BYTES])
    return starts


@given(st.lists(message, max_size=12), cuts)
def test_messages_are_counted_as_the_exact_codec_reads_them_however_they_are_cut(messages, cuts):
    data = b"".join(frames(*each) for each in messages)
    counter, session = FrameCounter(), WebSocketSession("client")
    pongs = b""
    for piece in pieces(data, cuts):
        assert counter.feed(piece) == session_starts(session, piece)
        pongs += session.take_output()
    answers, expected = FrameDecoder().feed(counter.output), FrameDecoder().feed(pongs)
    assert [frame.payload for frame in answers] == [frame.payload for frame in expected]
    assert all(frame.opcode == PONG and frame.masking_key for frame in answers)


@given(st.lists(st.integers(0, 300), max_size=20))
def test_every_single_byte_may_be_a_piece_of_its_own(sizes):
    data = b"".join(encode_frame(1, b"z" * size) for size in sizes)
    counter = FrameCounter()
    found = [start for at in range(len(data)) for start in counter.feed(data[at : at + 1])]
    assert [len(start) for start in found] == [min(size, STAMP_BYTES) for size in sizes]


@pytest.mark.parametrize(("payload", "code"), [(b"", 1005), (b"\x03\xe8", 1000), (b"\x03\xe9going", 1001)])
def test_a_close_frame_is_answered_and_ends_the_reading(payload, code):
    counter, session = FrameCounter(), WebSocketSession("client")
    data = encode_frame(1, b"last") + encode_frame(CLOSE, payload) + encode_frame(1, b"never")
    assert counter.feed(data) == [b"last"]
    assert isinstance(session.feed(data)[-1], CloseReceived)
    assert counter.close_code == code == session.close_code
    ours, theirs = (FrameDecoder().feed(output) for output in (counter.output, session.take_output()))
    assert [(frame.opcode, frame.payload) for frame in ours] == [(frame.opcode, frame.payload) for frame in theirs]
    assert counter.feed(encode_frame(1, b"never")) == []


@pytest.mark.parametrize(
    "data",
    [
        encode_frame(1, b"masked", masking_key=b"abcd"),
        encode_frame(1, b"compressed", rsv1=True),
        encode_frame(3, b"reserved"),
        encode_frame(0, b"no message is on"),
        encode_frame(1, b"a", fin=False) + encode_frame(1, b"b"),
        encode_frame(PING, b"x" * 126),
        encode_frame(PING, b"x", fin=False),
        b"\x81\x7e\x00\x05short",
        b"\x81\x7f" + bytes(7) + b"\x05short",
        encode_frame(CLOSE, b"\x03"),
    ],
)
def test_a_frame_that_no_server_may_send_is_refused(data):
    with pytest.raises(RemoteProtocolError):
        FrameCounter().feed(data)
