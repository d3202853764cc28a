"""The event stream, named: the standard's examples, and the same vectors that the decoder meets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtlab.codecs.dissect import dissect
from rtlab.records import WireUnit
from rtlab.resources import data_path

VECTORS = json.loads(data_path("vectors", "sse.json").read_text(encoding="utf-8"))["stream_vectors"]


def units(stream: bytes) -> tuple[WireUnit, ...]:
    return dissect(stream, hint="event stream").down


def named(stream: bytes) -> list[tuple[str, bytes]]:
    return [(u.unit, stream[u.offset : u.offset + u.length_bytes]) for u in units(stream)]


def dispatched(stream: bytes) -> list[str]:
    return [u.text.partition(" delivers an event: ")[2] for u in units(stream) if u.unit == "dispatch"]


# HTML 9.2.6, the standard's own examples.


def test_two_lines_of_data_are_one_event() -> None:
    assert dispatched(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [r"'message' with data 'YHOO\n+2\n10'."]


def test_comments_and_ids_of_the_standards_second_example() -> None:
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
    assert dispatched(stream) == [
        "'message' with data 'first event', last event ID '1'.",
        "'message' with data 'second event'.",
        "'message' with data ' third event'.",
    ]
    assert named(stream)[:3] == [("comment", b": test stream"), ("line end", b"\n"), ("empty line", b"\n")]


def test_empty_data_is_delivered_and_an_unfinished_block_is_not() -> None:
    stream = b"data\n\ndata\ndata\n\ndata:"
    assert dispatched(stream) == ["'message' with data ''.", r"'message' with data '\n'."]
    assert named(stream)[-2:] == [("field name", b"data"), ("unfinished colon", b":")]


def test_one_space_after_the_colon_is_a_unit_of_its_own() -> None:
    assert named(b"data:test\n\n")[:3] == [("field name", b"data"), ("colon", b":"), ("field value", b"test")]
    assert named(b"data:  x\n")[2:4] == [("space", b" "), ("field value", b" x")]


# HTML 9.2.5 and 9.2.6, rule by rule.


def test_cr_lf_and_both_end_a_line() -> None:
    assert [unit for unit in named(b"a\rb\nc\r\n") if unit[0] == "line end"] == [
        ("line end", b"\r"),
        ("line end", b"\n"),
        ("line end", b"\r\n"),
    ]


def test_only_the_first_byte_order_mark_is_dropped() -> None:
    assert named(b"\xef\xbb\xbfdata\n")[0] == ("byte order mark", b"\xef\xbb\xbf")
    assert "no field" in units(b"\xef\xbb\xbf\xef\xbb\xbfdata\n")[1].text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"retry: 10x", "ignored"),
        (b"retry", "ignored"),
        (b"id: a\0", "holds NUL, so it is ignored"),
        (b"id", "forgotten"),
        (b"event", "'message'"),
        (b"other: x", "knows no field 'other'"),
        (b"Data: x", "knows no field 'Data'"),
    ],
)
def test_a_line_that_does_nothing_usual_says_so(line: bytes, said: str) -> None:
    assert any(said in unit.text for unit in units(line + b"\n"))


def test_an_event_type_lasts_for_one_block() -> None:
    assert dispatched(b"event: a\ndata\n\ndata\n\n") == ["'a' with data ''.", "'message' with data ''."]


def test_bytes_that_are_not_utf8_are_named_and_shown_replaced() -> None:
    (value,) = (unit for unit in units(b"data: a\xff\n\n") if unit.unit == "field value")
    assert value.text == (
        "Broken rule: An event stream is UTF-8; each wrong part becomes U+FFFD (HTML 9.2.5). 'a\ufffd'."
    )


def test_a_character_that_the_end_of_the_bytes_cuts_is_not_called_wrong() -> None:
    assert "Broken rule" not in units(b"data: \xe2\x82")[-1].text


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_line_without_an_end_has_an_unfinished_unit(cut: int) -> None:
    assert units(b"data: abc\n"[:cut])[-1].unit.startswith("unfinished ")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_vector_delivers_as_many_events_as_the_standard_says(vector: dict[str, Any]) -> None:
    texts = [chunk if isinstance(chunk, str) else chunk[0] * chunk[1] for chunk in vector["chunks"]]
    assert len(dispatched("".join(texts).encode("latin-1"))) == len(vector["events"])
