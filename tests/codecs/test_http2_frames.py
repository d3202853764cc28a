from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.http2_frames import (
    CONTINUATION,
    DATA,
    HEADERS,
    PING,
    SETTINGS,
    WINDOW_UPDATE,
    FrameType,
    Http2Frame,
    Http2FrameDecoder,
    encode_http2_frame,
    error_name,
)
from rtlab.errors import InputError, RemoteProtocolError

FRAMES = st.builds(
    Http2Frame,
    type=st.integers(0, 255),
    flags=st.integers(0, 255),
    stream_id=st.integers(0, 2**31 - 1),
    payload=st.binary(max_size=300),
)


def test_the_types_are_those_of_the_rfc() -> None:
    assert (DATA, HEADERS, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION) == (0, 1, 4, 6, 8, 9)
    assert sorted(FrameType) == list(range(10))


def test_nine_bytes_come_before_the_payload() -> None:
    wire = encode_http2_frame(Http2Frame(DATA, 1, 3, b"abc"))
    assert wire == bytes.fromhex("000003 00 01 00000003") + b"abc"


@given(st.lists(FRAMES, max_size=8), st.lists(st.integers(0, 400), max_size=20))
def test_frames_come_back_however_the_stream_is_cut(frames: list[Http2Frame], cuts: list[int]) -> None:
    wire = b"".join(map(encode_http2_frame, frames))
    decoder, decoded, at = Http2FrameDecoder(), list[Http2Frame](), 0
    for size in [*cuts, len(wire)]:
        decoded += decoder.feed(wire[at : at + size])
        at += size
    assert decoded == frames
    assert decoder.unfinished_bytes == 0


@given(FRAMES)
def test_an_unfinished_frame_is_kept(frame: Http2Frame) -> None:
    wire, decoder = encode_http2_frame(frame), Http2FrameDecoder()
    assert decoder.feed(wire[:-1]) == []
    assert decoder.unfinished_bytes == len(wire) - 1
    assert decoder.feed(wire[-1:]) == [frame]


def test_the_reserved_bit_of_the_stream_is_ignored() -> None:
    (frame,) = Http2FrameDecoder().feed(bytes.fromhex("000000 00 00 80000001"))
    assert frame.stream_id == 1


def test_a_frame_may_carry_as_much_as_the_receiver_allows_and_no_more() -> None:
    assert len(Http2FrameDecoder().feed(bytes.fromhex("004000 00 00 00000001") + bytes(16_384))) == 1
    with pytest.raises(RemoteProtocolError, match=r"RFC 9113 4\.2"):
        Http2FrameDecoder().feed(bytes.fromhex("004001 00 00 00000001"))
    assert Http2FrameDecoder(20_000).feed(bytes.fromhex("004001 00 00 00000001")) == []


@pytest.mark.parametrize(
    "frame", [Http2Frame(256, 0, 0, b""), Http2Frame(0, -1, 0, b""), Http2Frame(0, 0, 2**31, b"")]
)
def test_a_part_that_does_not_fit_its_field_is_refused(frame: Http2Frame) -> None:
    with pytest.raises(InputError, match="31 of stream"):
        encode_http2_frame(frame)


def test_a_frame_knows_its_name_its_flags_and_its_clause() -> None:
    head = Http2Frame(HEADERS, 0x25, 1, b"")
    assert (head.name, head.clause) == ("HEADERS", "RFC 9113 6.2")
    assert head.flag_names == ("END_STREAM", "END_HEADERS", "PRIORITY")
    assert Http2Frame(DATA, 0x04, 1, b"").flag_names == ()
    unknown = Http2Frame(200, 0xFF, 1, b"")
    assert (unknown.name, unknown.flag_names, unknown.clause) == ("type 200", (), "RFC 9113 5.5")


def test_settings_are_named() -> None:
    frame = Http2Frame(SETTINGS, 0, 0, bytes.fromhex("0003 00000064 0008 00000001 00ff 00000007"))
    assert frame.settings == {"MAX_CONCURRENT_STREAMS": 100, "ENABLE_CONNECT_PROTOCOL": 1, "setting 255": 7}
    assert Http2Frame(SETTINGS, 1, 0, b"").settings == {}
    assert Http2Frame(PING, 0, 0, bytes(8)).settings == {}


@pytest.mark.parametrize(("code", "name"), [(0, "NO_ERROR"), (7, "REFUSED_STREAM"), (13, "HTTP_1_1_REQUIRED")])
def test_an_error_code_has_its_name(code: int, name: str) -> None:
    assert error_name(code) == name


def test_an_error_code_that_nobody_knows_is_a_number() -> None:
    assert error_name(14) == "error 14"
