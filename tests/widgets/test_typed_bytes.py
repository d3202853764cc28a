"""Bytes as typed: what is written is what is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.widgets.typed_bytes import from_hex, from_text, to_hex, to_text


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_bytes_survive_both_forms(data: bytes) -> None:
    assert from_text(to_text(data)) == data
    assert from_hex(to_hex(data)) == data


@given(st.binary())
def test_the_text_form_can_be_seen(data: bytes) -> None:
    assert to_text(data).replace("\n", "").isprintable()


def test_a_head_is_written_line_by_line() -> None:
    assert to_text(b"GET / HTTP/1.1\r\n\r\n") == "GET / HTTP/1.1\\r\\n\n\\r\\n"
    assert to_text("ü\\\x00\xff".encode() + b"\xff") == "ü\\\\\\x00ÿ\\xff"


def test_a_line_break_that_somebody_types_gives_no_byte() -> None:
    assert from_text("data: a\nb\r\n\\n") == b"data: ab\n"
    assert from_hex("81 05\n48656c\t6c6f") == b"\x81\x05Hello"


@pytest.mark.parametrize("typed", ["\\q", "\\x1", "\\xgg", "end\\", "\\\n", "\ud800"])
def test_what_is_no_text_form_is_refused(typed: str) -> None:
    with pytest.raises(InputError):
        from_text(typed)


@pytest.mark.parametrize("typed", ["8", "81 0", "zz", "0x81", "８1"])
def test_what_is_no_hex_is_refused(typed: str) -> None:
    with pytest.raises(InputError, match="two hexadecimal digits"):
        from_hex(typed)
