from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rtlab.codecs.websocket_frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Frame,
    FrameDecoder,
    Opcode,
    apply_mask,
    encode_frame,
    parse_header,
)
from rtlab.errors import InputError, RemoteProtocolError

KEY = bytes.fromhex("37fa213d")

# RFC 6455 5.7, word for word.
RFC_EXAMPLES = [
    ("810548656c6c6f", Frame(TEXT, b"Hello")),
    ("818537fa213d7f9f4d5158", Frame(TEXT, b"Hello", masking_key=KEY)),
    ("010348656c", Frame(TEXT, b"Hel", fin=False)),
    ("80026c6f", Frame(CONTINUATION, b"lo")),
    ("890548656c6c6f", Frame(PING, b"Hello")),
    ("8a8537fa213d7f9f4d5158", Frame(PONG, b"Hello", masking_key=KEY)),
    ("827e0100" + "00" * 256, Frame(BINARY, bytes(256))),
    ("827f0000000000010000" + "00" * 65536, Frame(BINARY, bytes(65536))),
]

KEYS = st.none() | st.binary(min_size=4, max_size=4)
FRAMES = st.builds(
    Frame,
    opcode=st.integers(0, 15),
    payload=st.binary(max_size=300),
    fin=st.booleans(),
    rsv1=st.booleans(),
    masking_key=KEYS,
)


def encode(frame: Frame) -> bytes:
    return encode_frame(frame.opcode, frame.payload, fin=frame.fin, rsv1=frame.rsv1, masking_key=frame.masking_key)


def violation(header_hex: str) -> RemoteProtocolError:
    header = parse_header(bytes.fromhex(header_hex))
    assert header is not None
    with pytest.raises(RemoteProtocolError) as caught:
        header.check()
    assert caught.value.close_code == 1002
    return caught.value


def test_the_opcodes_are_those_of_the_rfc() -> None:
    assert (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG) == (0, 1, 2, 8, 9, 10)
    assert list(Opcode) == [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG]


@pytest.mark.parametrize(("wire", "frame"), RFC_EXAMPLES)
def test_the_examples_of_the_rfc_hold_in_both_directions(wire: str, frame: Frame) -> None:
    assert encode(frame).hex() == wire
    assert FrameDecoder().feed(bytes.fromhex(wire)) == [frame]


@pytest.mark.parametrize(
    ("payload_bytes", "header_hex"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65535, "827effff"),
        (65536, "827f0000000000010000"),
    ],
)
def test_a_length_is_written_in_its_shortest_form(payload_bytes: int, header_hex: str) -> None:
    wire = encode_frame(BINARY, bytes(payload_bytes))
    assert wire == bytes.fromhex(header_hex) + bytes(payload_bytes)
    header = parse_header(wire)
    assert header is not None
    assert (header.payload_bytes, header.header_bytes) == (payload_bytes, len(header_hex) // 2)
    header.check()


@settings(deadline=None)
@given(st.lists(FRAMES, max_size=8), st.lists(st.integers(0, 400), max_size=20))
def test_frames_come_back_however_the_stream_is_cut(frames: list[Frame], cuts: list[int]) -> None:
    wire = b"".join(map(encode, frames))
    decoder, decoded, at = FrameDecoder(), list[Frame](), 0
    for size in [*cuts, len(wire)]:
        decoded += decoder.feed(wire[at : at + size])
        at += size
    assert decoded == frames


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_can_be_looked_at(data: bytes) -> None:
    frames = FrameDecoder().feed(data)
    one_by_one = FrameDecoder()
    assert [frame for byte in data for frame in one_by_one.feed(bytes([byte]))] == frames


def test_all_three_reserved_bits_are_shown() -> None:
    frames = FrameDecoder().feed(bytes.fromhex("c100 a100 9100"))
    assert [(frame.rsv1, frame.rsv2, frame.rsv3) for frame in frames] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_a_header_is_not_read_before_its_last_byte() -> None:
    header = encode_frame(BINARY, bytes(65536), masking_key=KEY)[:14]
    assert [parse_header(header[:size]) for size in range(14)] == [None] * 14
    assert parse_header(b"??" + header, offset=2) == parse_header(header)
    assert parse_header(header) is not None


# Masking.


@settings(deadline=None)
@example(b"\x00" * 1023, KEY)
@example(b"\xff" * 1024, KEY)
@example(bytes(range(256)) * 5 + b"xyz", KEY)
@given(st.binary(max_size=1100), st.binary(min_size=4, max_size=4))
def test_masking_is_the_xor_of_the_rfc_and_undoes_itself(payload: bytes, key: bytes) -> None:
    masked = apply_mask(payload, key)
    assert masked == bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    assert apply_mask(masked, key) == payload


@pytest.mark.parametrize("key", [b"", b"abc", b"abcde"])
def test_a_masking_key_has_four_bytes(key: bytes) -> None:
    with pytest.raises(InputError, match="4 bytes"):
        apply_mask(b"x", key)


@pytest.mark.parametrize("opcode", [-1, 16])
def test_an_opcode_has_four_bits(opcode: int) -> None:
    with pytest.raises(InputError, match="from 0 to 15"):
        encode_frame(opcode, b"")


# What is wrong with a frame by itself.


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_a_reserved_opcode_is_refused(opcode: int) -> None:
    assert "reserved" in violation(f"8{opcode:x}00").message


@pytest.mark.parametrize("header", ["827e0000", "827e007d", "827f000000000000007d", "827f000000000000ffff"])
def test_a_length_in_a_longer_form_than_needed_is_refused(header: str) -> None:
    assert "shortest form" in violation(header).message


@pytest.mark.parametrize("header", ["827f8000000000000000", "82ffffffffffffffffff00000000"])
def test_a_length_with_its_top_bit_set_is_refused(header: str) -> None:
    assert "top bit" in violation(header).message


@pytest.mark.parametrize("header", ["0800", "0900", "0a00"])
def test_a_fragmented_control_frame_is_refused(header: str) -> None:
    assert "fragmented" in violation(header).message


@pytest.mark.parametrize("header", ["887e007e", "897e007e", "8a7f0000000000010000"])
def test_a_control_frame_over_125_bytes_is_refused(header: str) -> None:
    assert "125" in violation(header).message


@pytest.mark.parametrize("header", ["0000", "0100", "8200", "887d", "8900", "8afd00000000", "f100"])
def test_a_frame_that_only_its_context_could_forbid_is_let_through(header: str) -> None:
    parsed = parse_header(bytes.fromhex(header))
    assert parsed is not None
    parsed.check()
