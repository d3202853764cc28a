from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.probes.stream_inspector import MOST_BLOCK_LINES, MOST_LINE_BYTES, StreamInspector


def inspected(stream: bytes, *, ends: bool = False) -> StreamInspector:
    inspector = StreamInspector()
    inspector.feed(stream, 0.0)
    if ends:
        inspector.end()
    return inspector


def test_a_clean_stream_has_no_fault():
    seen = inspected(": hi\n\nretry: 500\nid: 1\nevent: x\ndata: a\n\ndata: ü\r\ndata\r\n\r\n".encode(), ends=True)
    assert seen.faults == {}
    assert [event.id for event in seen.events] == ["1", None]
    assert seen.retries_ms == [500]
    assert seen.comments_ms == [0.0]


def test_a_mark_is_told_with_its_place():
    assert inspected(b"\xef\xbb\xbfdata: a\n\n").faults == {"SSE-BOM": "at byte 0: \\xef\\xbb\\xbfdata: a"}
    seen = inspected(b"data: a\n\n\xef\xbb\xbfdata: b\n\n")
    assert seen.faults == {"SSE-BOM-INSIDE": "at byte 9: \\xef\\xbb\\xbfdata: b"}
    assert len(seen.events) == 1


def test_bytes_that_are_no_utf8_are_told_with_their_offset():
    assert inspected(b"data: a\n\ndata: caf\xe9\n\n").faults == {"SSE-UTF8": "at byte 18: data: caf\\xe9"}


def test_a_cr_alone_is_found_wherever_the_stream_is_cut():
    for stream in ([b"data: a\rdata: b\n\n"], [b"data: a\r", b"data: b\n\n"]):
        inspector = StreamInspector()
        for piece in stream:
            inspector.feed(piece, 0.0)
        assert list(inspector.faults) == ["SSE-BARE-CR"]


def test_a_cr_lf_that_is_cut_in_two_is_no_fault():
    inspector = StreamInspector()
    inspector.feed(b"data: a\r", 0.0)
    inspector.feed(b"\n\r", 0.0)
    inspector.feed(b"\n", 0.0)
    assert inspector.faults == {}
    assert len(inspector.events) == 1


def test_ids_and_retries_that_are_ignored_are_told():
    assert inspected(b"id: a\0b\ndata: x\n\n").faults == {"SSE-ID-NUL": "id: a\\x00b"}
    assert inspected(b"retry: 3s\n\n").faults == {"SSE-RETRY-INVALID": "retry: 3s"}


def test_json_with_line_ends_after_one_data_field_is_told_from_an_unknown_field():
    assert list(inspected(b'data: {\n  "a": 1\n}\n\n').faults) == ["SSE-MULTILINE"]
    assert list(inspected(b"Data: x\ndata: y\n\n").faults) == ["SSE-UNKNOWN-FIELD"]
    assert inspected(b'data: {"a": 1}\n\n').faults == {}


def test_a_block_without_an_end_is_told_only_when_the_server_ended_the_stream():
    stream = b"data: a\n\ndata: b\n"
    assert inspected(stream).faults == {}
    assert list(inspected(stream, ends=True).faults) == ["SSE-UNFINISHED"]
    assert list(inspected(b"data: a\n\ndata: b", ends=True).faults) == ["SSE-UNFINISHED"]


def test_long_blocks_and_long_lines_are_told():
    assert list(inspected(b"data: x\n" * MOST_BLOCK_LINES).faults) == ["SSE-LONG-BLOCK"]
    assert list(inspected(b"x" * (MOST_LINE_BYTES + 1)).faults) == ["SSE-LONG-LINE"]


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from([b"data: a", b"data", b"id: 1", b":", b"\n", b"\r", b"\r\n", b"\n\n", b"x", b"event: e"])
    )
)
def test_it_counts_the_events_that_a_browser_delivers_however_the_stream_is_cut(parts):
    stream = b"".join(parts)
    inspector = StreamInspector()
    for byte in stream:
        inspector.feed(bytes((byte,)), 0.0)
    delivered = EventStreamDecoder().feed(stream)
    assert len(inspector.events) == len(delivered) == len(inspected(stream).events)
    assert inspector.faults.keys() == inspected(stream).faults.keys()
