from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.http2_framing import (
    EVENT_IN_CHUNK,
    EVENT_IN_DATA,
    FRAME_ALONE,
    FRAME_IN_DATA,
    exchange_over_http2,
)


def test_every_frame_of_the_conversation_is_named() -> None:
    first, *frames = exchange_over_http2(("Hello",)).frames
    assert (first.frame, first.payload_bytes, first.direction) == ("preface", 24, "up")
    told = [(each.direction, each.stream_id, each.frame, each.flags) for each in frames if each.stream_id]
    assert told == [
        ("up", 1, "HEADERS", "END_STREAM END_HEADERS"),
        ("down", 1, "HEADERS", "END_HEADERS"),
        ("down", 1, "DATA", ""),
        ("up", 3, "HEADERS", "END_HEADERS"),
        ("down", 3, "HEADERS", "END_HEADERS"),
        ("up", 3, "DATA", ""),
        ("down", 3, "DATA", ""),
        ("up", 3, "DATA", ""),
        ("down", 3, "DATA", ""),
        ("down", 3, "DATA", "END_STREAM"),
        ("up", 3, "DATA", "END_STREAM"),
        ("up", 1, "RST_STREAM", ""),
    ]
    assert sum(each.frame == "SETTINGS" for each in frames) == 4


def test_a_frame_is_shown_with_its_nine_bytes_what_it_says_and_its_clause() -> None:
    frames = exchange_over_http2(("Hello",)).frames
    event = next(each for each in frames if each.frame == "DATA")
    assert (event.header, event.payload_bytes) == ("00000d 00 00 00000001", 13)
    assert (event.meaning, event.clause) == (r"'data: Hello\n\n'", "RFC 9113 6.1")
    (opening,) = (each for each in frames if "CONNECT" in each.meaning and each.frame == "HEADERS")
    assert opening.meaning.startswith(":method CONNECT, :protocol websocket, ")
    assert opening.clause == "RFC 8441 4"
    inside = [each.meaning for each in frames if "WebSocket frame" in each.meaning]
    assert inside == [
        "WebSocket frame, masked: 'Hello'",
        "WebSocket frame: 'Hello'",
        "WebSocket frame, masked: close code 1000",
        "WebSocket frame: close code 1000",
    ]
    (allowed,) = (each for each in frames if "ENABLE_CONNECT_PROTOCOL 1" in each.meaning)
    assert (allowed.direction, allowed.clause) == ("down", "RFC 9113 6.5, RFC 8441 3")
    assert frames[-1].meaning == "error code 8"


def test_what_a_message_costs_is_counted_for_both_versions() -> None:
    costs = exchange_over_http2(("Hello", "x" * 1_000)).costs
    assert [(cost.carrier, cost.payload_bytes, cost.wire_bytes - cost.payload_bytes) for cost in costs] == [
        (EVENT_IN_CHUNK, 5, 13),
        (EVENT_IN_CHUNK, 1_000, 15),
        (FRAME_ALONE, 5, 2),
        (FRAME_ALONE, 1_000, 4),
        (EVENT_IN_DATA, 5, 17),
        (EVENT_IN_DATA, 1_000, 17),
        (FRAME_IN_DATA, 5, 11),
        (FRAME_IN_DATA, 1_000, 13),
    ]


def test_an_event_larger_than_a_frame_and_a_window_is_counted_with_all_its_frames() -> None:
    found = exchange_over_http2(("\n" * 16_000,))
    event_bytes = 16_001 * len("data: \n") + 1
    (cost,) = (each for each in found.costs if each.carrier == EVENT_IN_DATA)
    frames = sum(each.frame == "DATA" and each.stream_id == 1 for each in found.frames)
    assert cost.wire_bytes == event_bytes + 9 * frames
    assert frames > event_bytes // 16_384
    assert any(each.frame == "WINDOW_UPDATE" and each.meaning.endswith("bytes more") for each in found.frames)
    assert found.events == ("\n" * 16_000,)


@pytest.mark.parametrize("texts", [[""], ["x" * 16_001], ["x"] * 101])
def test_texts_out_of_their_range_are_refused(texts: list[str]) -> None:
    with pytest.raises(InputError, match="1 to 16,000"):
        exchange_over_http2(texts)
