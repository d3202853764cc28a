from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.reading import MAX_STREAM_BYTES, read_by_hand, served_bytes
from rtlab.findings.messages import StreamEvent


def test_each_reader_gets_the_same_bytes() -> None:
    readings = read_by_hand(b"event: tick\nid: 7\nda", b"ta: 1\n\n")
    assert [reading.reader for reading in readings] == ["rtlab", "sseclient-py"]
    assert [reading.events for reading in readings] == [(StreamEvent("tick", "7", "1"),)] * 2
    assert [reading.trouble for reading in readings] == ["", ""]


def test_an_unfinished_event_is_dropped_by_rtlab_and_delivered_by_sseclient() -> None:
    standard, peer = read_by_hand(b"data: 1\n\ndata: 2")
    assert [event.data for event in standard.events] == ["1"]
    assert [event.data for event in peer.events] == ["1", "2"]


def test_retry_is_told_in_milliseconds_and_only_digits_count() -> None:
    waits = [
        read_by_hand(stream)[0].reconnection_ms for stream in (b"retry: 50\n", b"retry: 5x\n", b"retry: 70000\n")
    ]
    assert waits == [50, 3_000, 70_000]


def test_a_wrong_type_is_the_trouble_of_rtlab_alone() -> None:
    standard, peer = read_by_hand(b"data: 1\n\n", content_type="text/plain")
    assert (standard.events, standard.reconnection_ms) == ((), None)
    assert "text/plain" in standard.trouble
    assert (len(peer.events), peer.trouble) == (1, "")


def test_an_error_of_a_reader_is_its_trouble() -> None:
    _, peer = read_by_hand(b"data: \xff\n\n")
    assert "UnicodeDecodeError" in peer.trouble


def test_an_empty_stream_gives_nothing() -> None:
    assert [reading.events for reading in read_by_hand()] == [(), ()]


def test_served_bytes_grow_by_chunk_and_event() -> None:
    assert served_bytes(b"data: 1\n\n") - served_bytes() == len(b"9\r\ndata: 1\n\n\r\n")


def test_a_stream_that_is_too_long_and_an_unknown_reader_are_refused() -> None:
    with pytest.raises(InputError, match="at most"):
        read_by_hand(bytes(MAX_STREAM_BYTES + 1))
    with pytest.raises(InputError, match="sseclient-py"):
        read_by_hand(b"", readers=("curl",))
