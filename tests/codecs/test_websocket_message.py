from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlab.codecs.websocket_events import BinaryMessage, TextMessage
from rtlab.codecs.websocket_frames import BINARY, CONTINUATION, TEXT, FrameHeader
from rtlab.codecs.websocket_message import MessageAssembler
from rtlab.errors import RemoteProtocolError

# The Unicode Standard, table 3-7: for each range of first bytes, the ranges of the bytes that follow.
WELL_FORMED_UTF8 = [
    [(0x00, 0x7F)],
    [(0xC2, 0xDF), (0x80, 0xBF)],
    [(0xE0, 0xE0), (0xA0, 0xBF), (0x80, 0xBF)],
    [(0xE1, 0xEC), (0x80, 0xBF), (0x80, 0xBF)],
    [(0xED, 0xED), (0x80, 0x9F), (0x80, 0xBF)],
    [(0xEE, 0xEF), (0x80, 0xBF), (0x80, 0xBF)],
    [(0xF0, 0xF0), (0x90, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
    [(0xF1, 0xF3), (0x80, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
    [(0xF4, 0xF4), (0x80, 0x8F), (0x80, 0xBF), (0x80, 0xBF)],
]


def header(opcode: int, payload_bytes: int, *, fin: bool = False) -> FrameHeader:
    return FrameHeader(opcode, fin, False, False, False, None, payload_bytes, 2)


def begun(opcode: int = TEXT, *, max_message_bytes: int = 100, max_fragments: int = 10) -> MessageAssembler:
    assembler = MessageAssembler(max_message_bytes, max_fragments)
    assembler.begin_frame(header(opcode, 10))
    return assembler


def refusal_code(assembler: MessageAssembler, opcode: int, payload_bytes: int) -> int | None:
    with pytest.raises(RemoteProtocolError) as caught:
        assembler.begin_frame(header(opcode, payload_bytes))
    return caught.value.close_code


def could_become_text(start: bytes) -> bool:
    """Whether bytes begin one character of UTF-8 and do not go beyond it."""
    return any(
        len(start) <= len(ranges)
        and all(low <= byte <= high for byte, (low, high) in zip(start, ranges, strict=False))
        for ranges in WELL_FORMED_UTF8
    )


def starts_of_characters() -> Iterator[bytes]:
    """Every one and two bytes, and every third or fourth byte after the corners of the table."""
    for first in range(256):
        yield bytes([first])
        if first >= 0x80:
            yield from (bytes([first, second]) for second in range(256))
    for ranges in WELL_FORMED_UTF8:
        for corner in (0, 1):
            for size in range(2, len(ranges)):
                start = bytes(limits[corner] for limits in ranges[:size])
                yield from (start + bytes([last]) for last in range(256))


def test_a_text_is_refused_at_the_first_byte_that_no_text_can_have() -> None:
    for start in starts_of_characters():
        if not could_become_text(start[:-1]):
            continue
        assembler = begun()
        for byte in start[:-1]:
            assert assembler.add(bytes([byte]), is_last=False) is None
        if could_become_text(start):
            assert assembler.add(start[-1:], is_last=False) is None
        else:
            with pytest.raises(RemoteProtocolError) as caught:
                assembler.add(start[-1:], is_last=False)
            assert caught.value.close_code == 1007


def test_a_text_that_ends_inside_a_character_is_refused_with_its_last_piece() -> None:
    assembler = begun()
    assert assembler.add(b"\xe2\x82", is_last=False) is None
    with pytest.raises(RemoteProtocolError) as caught:
        assembler.add(b"", is_last=True)
    assert caught.value.close_code == 1007


def test_a_character_may_be_cut_anywhere() -> None:
    assembler = begun()
    pieces = [bytes([byte]) for byte in "κόσμε 😀".encode()]
    assert [assembler.add(piece, is_last=False) for piece in pieces] == [None] * len(pieces)
    assert assembler.add(b"", is_last=True) == TextMessage("κόσμε 😀")


def test_a_binary_message_may_hold_any_bytes() -> None:
    assembler = begun(BINARY)
    assembler.add(b"\xff\xfe", is_last=False)
    assert assembler.add(b"\xed\xa0\x80", is_last=True) == BinaryMessage(b"\xff\xfe\xed\xa0\x80")


def test_nothing_of_one_message_is_left_in_the_next() -> None:
    assembler = begun(BINARY)
    assembler.add(b"first", is_last=True)
    assert not assembler.in_progress
    assembler.begin_frame(header(TEXT, 6))
    assert assembler.add(b"second", is_last=True) == TextMessage("second")


def test_a_continuation_needs_a_beginning() -> None:
    assert refusal_code(MessageAssembler(100, 10), CONTINUATION, 1) == 1002


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_does_not_begin_inside_another(opcode: int) -> None:
    assert refusal_code(begun(), opcode, 1) == 1002


def test_a_message_may_reach_the_limit_and_not_pass_it() -> None:
    MessageAssembler(100, 10).begin_frame(header(BINARY, 100))
    assert refusal_code(MessageAssembler(100, 10), BINARY, 101) == 1009


def test_the_fragments_of_a_message_add_up() -> None:
    assembler = begun(BINARY)
    assembler.add(bytes(60), is_last=False)
    assembler.begin_frame(header(CONTINUATION, 40))
    assert refusal_code(assembler, CONTINUATION, 41) == 1009


def test_the_number_of_fragments_is_limited_and_counted_afresh_for_each_message() -> None:
    assembler = MessageAssembler(100, 3)
    for _ in range(2):
        for opcode in (TEXT, CONTINUATION, CONTINUATION):
            assembler.begin_frame(header(opcode, 0))
        assembler.add(b"", is_last=True)
    for opcode in (TEXT, CONTINUATION, CONTINUATION):
        assembler.begin_frame(header(opcode, 0))
    assert refusal_code(assembler, CONTINUATION, 0) == 1009
