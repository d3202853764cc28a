from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rtlab.codecs.websocket_decoder import EventDecoder
from rtlab.codecs.websocket_events import (
    BinaryMessage,
    CloseReceived,
    Event,
    PingReceived,
    PongReceived,
    ProtocolViolation,
    TextMessage,
)
from rtlab.codecs.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, encode_frame

KEY = bytes.fromhex("37fa213d")
MAX_MESSAGE_BYTES = 200
MAX_FRAGMENTS = 4

# Mostly frames that mean something, so that random streams get past their first frame. Some break a rule, and
# their lengths surround every limit: 125 and 126 of the layout, 200 of the decoder.
PAYLOADS = (
    st.binary(max_size=8)
    | st.sampled_from(["é€😀".encode(), b"\xe2\x82", b"\x03\xe8bye", b"\x03\xed", b"\x03", b""])
    | st.sampled_from([124, 125, 126, 199, 200, 201]).map(lambda size: b"x" * size)
)
FRAMES = st.builds(
    encode_frame,
    opcode=st.sampled_from([TEXT, TEXT, BINARY, BINARY, CONTINUATION, CONTINUATION, PING, PONG, CLOSE, 3]),
    payload=PAYLOADS,
    fin=st.sampled_from([True, True, False]),
    rsv1=st.sampled_from([False] * 15 + [True]),
    masking_key=st.sampled_from([KEY] * 15 + [None]),
)
STREAMS = st.lists(FRAMES | st.binary(max_size=3), max_size=10).map(b"".join)


def decoder(*, peer_masks: bool = True) -> EventDecoder:
    return EventDecoder(peer_masks=peer_masks, max_message_bytes=MAX_MESSAGE_BYTES, max_fragments=MAX_FRAGMENTS)


def feed(*chunks: bytes, peer_masks: bool = True) -> list[Event]:
    one = decoder(peer_masks=peer_masks)
    return [event for chunk in chunks for event in one.feed(chunk)]


def masked(opcode: int, payload: bytes, *, fin: bool = True, rsv1: bool = False) -> bytes:
    return encode_frame(opcode, payload, fin=fin, rsv1=rsv1, masking_key=KEY)


def violation(*chunks: bytes, peer_masks: bool = True) -> tuple[int, str]:
    *_, event = feed(*chunks, peer_masks=peer_masks)
    assert isinstance(event, ProtocolViolation)
    return event.code, event.spec


# The same events however the bytes are cut.


@settings(deadline=None)
@example(masked(TEXT, b"x" * 200), [3])
@example(masked(TEXT, b"ok") + masked(TEXT, b"\xed\xa0\x80"), [])
@example(masked(BINARY, b"a", fin=False) + masked(PING, b"") + masked(CONTINUATION, b"b"), [7])
@given(STREAMS, st.lists(st.integers(0, 60), max_size=20))
def test_random_streams_never_raise_and_give_the_same_events_in_any_chunks(stream: bytes, sizes: list[int]) -> None:
    events = feed(stream)
    assert feed(*(stream[at : at + 1] for at in range(len(stream)))) == events
    cuts = [0]
    for size in sizes:
        cuts.append(min(cuts[-1] + size, len(stream)))
    cuts.append(len(stream))
    assert feed(*(stream[start:stop] for start, stop in pairwise(cuts))) == events


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=8), st.booleans())
def test_random_bytes_never_raise(chunks: list[bytes], peer_masks: bool) -> None:
    events = feed(*chunks, peer_masks=peer_masks)
    assert all(not isinstance(event, ProtocolViolation) for event in events[:-1])


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_a_chunk_may_be_any_bytes_and_is_not_kept(kind: type[bytes]) -> None:
    buffer = bytearray(masked(TEXT, b"Hello")[:-1])
    one = decoder()
    assert one.feed(kind(buffer)) == []
    buffer[:] = bytes(len(buffer))
    assert one.feed(masked(TEXT, b"Hello")[-1:]) == [TextMessage("Hello")]


# Who masks.


def test_a_client_must_mask_every_frame() -> None:
    for opcode in (TEXT, BINARY, PING, PONG, CLOSE):
        assert violation(encode_frame(opcode, b"")) == (1002, "RFC 6455 5.1")


def test_a_server_must_not_mask_a_frame() -> None:
    for opcode in (TEXT, BINARY, PING, PONG, CLOSE):
        assert violation(masked(opcode, b""), peer_masks=False) == (1002, "RFC 6455 5.1")


# Reserved bits.


@pytest.mark.parametrize("bits", [0x10, 0x20, 0x40, 0x70])
@pytest.mark.parametrize("opcode", [TEXT, PING, CLOSE])
def test_a_reserved_bit_is_a_protocol_error_without_an_extension(bits: int, opcode: int) -> None:
    frame = masked(opcode, b"")
    assert violation(bytes([frame[0] | bits]) + frame[1:]) == (1002, "RFC 6455 5.2")


# A violation is seen as soon as the bytes show it.


def test_a_wrong_header_is_refused_before_its_payload_comes() -> None:
    assert violation(masked(PING, b"x" * 126)[:8])[0] == 1002
    assert violation(masked(3, b"xyz")[:6])[0] == 1002


@pytest.mark.parametrize("size", [MAX_MESSAGE_BYTES + 1, 65536, 1 << 40])
def test_a_message_that_is_too_long_is_refused_by_its_header_alone(size: int) -> None:
    length = b"\xfe" + size.to_bytes(2) if size < 65536 else b"\xff" + size.to_bytes(8)
    assert violation(b"\x82" + length + KEY)[0] == 1009


def test_the_fragment_that_makes_a_message_too_long_is_refused_by_its_header_alone() -> None:
    assert violation(masked(BINARY, bytes(150), fin=False), masked(CONTINUATION, bytes(51))[:6])[0] == 1009


def test_the_fragment_that_is_one_too_many_is_refused_by_its_header_alone() -> None:
    fragments = masked(BINARY, b"", fin=False) + masked(CONTINUATION, b"", fin=False) * (MAX_FRAGMENTS - 1)
    assert feed(fragments) == []
    assert violation(fragments, masked(CONTINUATION, b"x")[:6])[0] == 1009


def test_bad_utf8_is_refused_inside_a_frame_that_is_not_whole() -> None:
    frame = masked(TEXT, b"good \xff and 100 more bytes".ljust(100))
    assert feed(frame[:11]) == []
    assert violation(frame[:11], frame[11:12]) == (1007, "RFC 6455 8.1")


# What comes before and after.


def test_good_messages_before_a_violation_in_the_same_chunk_are_delivered() -> None:
    events = feed(masked(TEXT, b"one") + masked(BINARY, b"two") + masked(TEXT, b"\xff") + masked(TEXT, b"3"))
    assert events[:2] == [TextMessage("one"), BinaryMessage(b"two")]
    assert [type(event) for event in events[2:]] == [ProtocolViolation]


def test_nothing_is_read_after_a_violation() -> None:
    one = decoder()
    assert len(one.feed(masked(3, b""))) == 1
    assert one.finished
    assert one.feed(masked(TEXT, b"more")) == []


def test_nothing_is_read_after_a_close_frame() -> None:
    one = decoder()
    assert one.feed(masked(CLOSE, b"") + masked(PING, b"x")) == [CloseReceived(1005, "")]
    assert one.finished
    assert one.feed(masked(CLOSE, b"") + masked(3, b"")) == []


def test_control_frames_between_fragments_come_first_and_leave_the_message_whole() -> None:
    text = "é".encode()
    assert feed(
        masked(TEXT, text[:1], fin=False),
        masked(PING, b"\xff"),
        masked(PONG, b""),
        masked(CONTINUATION, text[1:]),
    ) == [PingReceived(b"\xff"), PongReceived(b""), TextMessage("é")]


def test_a_close_frame_inside_a_fragmented_message_drops_the_message() -> None:
    events = feed(masked(TEXT, b"half", fin=False) + masked(CLOSE, b"\x03\xe9bye"))
    assert events == [CloseReceived(1001, "bye")]


@pytest.mark.parametrize("size", [0, 1, 125, 126, MAX_MESSAGE_BYTES])
def test_messages_of_every_length_form_come_whole_up_to_the_limit(size: int) -> None:
    payload = bytes(size)
    assert feed(masked(BINARY, payload)) == [BinaryMessage(payload)]
    assert feed(encode_frame(BINARY, payload), peer_masks=False) == [BinaryMessage(payload)]
