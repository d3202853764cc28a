from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.codecs.websocket_close import encode_close_payload, parse_close_payload
from rtlab.errors import LocalProtocolError, RemoteProtocolError

WIRE_CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, *range(3000, 5000)}


def test_exactly_the_codes_of_the_registry_may_be_sent() -> None:
    sendable = set()
    for code in range(65536):
        try:
            encode_close_payload(code)
        except LocalProtocolError:
            continue
        sendable.add(code)
    assert sendable == WIRE_CODES


def test_exactly_the_codes_of_the_registry_may_be_received() -> None:
    receivable = set()
    for code in range(65536):
        try:
            assert parse_close_payload(code.to_bytes(2)) == (code, "")
        except RemoteProtocolError as error:
            assert error.close_code == 1002
            continue
        receivable.add(code)
    assert receivable == WIRE_CODES


@pytest.mark.parametrize("code", [-1, 65536, 10**9])
def test_a_code_that_does_not_fit_two_bytes_is_refused(code: int) -> None:
    with pytest.raises(LocalProtocolError, match="may not be sent"):
        encode_close_payload(code)


def test_an_empty_payload_means_1005() -> None:
    assert parse_close_payload(b"") == (1005, "")


def test_half_a_code_is_a_protocol_error() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_close_payload(b"\x03")
    assert caught.value.close_code == 1002


def test_a_reason_that_is_not_utf8_is_answered_with_1007() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_close_payload(b"\x03\xe8\xff")
    assert caught.value.close_code == 1007


def test_a_reason_may_have_123_bytes_and_not_one_more() -> None:
    assert len(encode_close_payload(1000, "é" * 61 + "x")) == 125
    with pytest.raises(LocalProtocolError, match="at most 123 bytes"):
        encode_close_payload(1000, "é" * 62)


def test_a_lone_surrogate_in_the_reason_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="surrogate"):
        encode_close_payload(1000, "\ud800")


@settings(deadline=None)
@given(st.sampled_from(sorted(WIRE_CODES)), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_code_and_reason_come_back(code: int, reason: str) -> None:
    assert parse_close_payload(encode_close_payload(code, reason)) == (code, reason)
