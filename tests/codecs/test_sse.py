from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rtlab.codecs.sse import EventStreamDecoder, ServerSentEvent, encode_comment, encode_event
from rtlab.errors import LocalProtocolError, RemoteProtocolError
from rtlab.resources import data_path

VECTORS = json.loads(data_path("vectors", "sse.json").read_text(encoding="utf-8"))
STREAM_VECTORS = VECTORS["stream_vectors"]
SERIALISER_VECTORS = VECTORS["serialiser_vectors"]

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ONE_LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"))
# Mostly bytes that mean something to the decoder, so that random streams hold events.
STREAM_BYTES = st.lists(
    st.sampled_from([b"data", b"event", b"id", b"retry", b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"1"])
    | st.sampled_from([b"\xef\xbb\xbf", b"\xe2\x80", b"\xff", b"\0"])
    | st.binary(max_size=4)
).map(b"".join)


def pieces(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut data into pieces of the given sizes; the last piece is what remains."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def even_pieces(data: bytes, size: int = 1) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def decode(chunks: Iterable[bytes]) -> tuple[list[ServerSentEvent], str, int | None, int]:
    decoder = EventStreamDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events, decoder.last_event_id, decoder.retry_ms, decoder.comments


# The conformance vectors.


def vector_chunks(vector: dict[str, Any]) -> list[bytes]:
    texts = [chunk if isinstance(chunk, str) else chunk[0] * chunk[1] for chunk in vector["chunks"]]
    return [text.encode("latin-1") for text in texts]


def assert_vector_holds(vector: dict[str, Any], chunks: Iterable[bytes]) -> None:
    events, last_event_id, retry_ms, comments = decode(chunks)
    assert len(events) == len(vector["events"])
    for event, expected in zip(events, vector["events"], strict=True):
        assert event.type == expected["type"]
        assert event.last_event_id == expected["lastEventId"]
        if "data" in expected:
            assert event.data == expected["data"]
        else:
            assert len(event.data) == expected["data_len"]
            assert hashlib.sha256(event.data.encode()).hexdigest() == expected["data_sha256"]
    assert last_event_id == vector["last_event_id"]
    assert retry_ms == vector["retry"]
    if "comments" in vector:
        assert comments == len(vector["comments"])


@pytest.mark.parametrize("vector", STREAM_VECTORS, ids=lambda vector: vector["id"])
def test_stream_vector_holds_however_the_bytes_are_cut(vector: dict[str, Any]) -> None:
    chunks = vector_chunks(vector)
    stream = b"".join(chunks)
    assert_vector_holds(vector, chunks)
    assert_vector_holds(vector, [stream])
    # 8 MiB byte by byte would only repeat what 1 MiB shows, and take ten seconds.
    assert_vector_holds(vector, even_pieces(stream, size=1 if len(stream) < 2**21 else 1021))


def test_every_stream_vector_is_run() -> None:
    assert len({vector["id"] for vector in STREAM_VECTORS}) == len(STREAM_VECTORS) == 88


@pytest.mark.parametrize("vector", SERIALISER_VECTORS, ids=lambda vector: vector["id"])
def test_serialiser_vector_comes_back_or_is_refused(vector: dict[str, Any]) -> None:
    call = dict(vector["call"])
    encode = encode_comment if "comment" in call else encode_event
    if "comment" in call:
        call["text"] = call.pop("comment")
    if isinstance(vector["decoded"], str):
        assert vector["decoded"].startswith("reject")
        with pytest.raises(LocalProtocolError):
            encode(**call)
        return
    events, *_ = decode([encode(**call)])
    assert events == [ServerSentEvent(e["data"], e["type"], e["lastEventId"]) for e in vector["decoded"]]


def test_every_serialiser_vector_is_run() -> None:
    assert len({vector["id"] for vector in SERIALISER_VECTORS}) == len(SERIALISER_VECTORS) == 13


# Both ways.


@given(
    data=TEXT,
    event=ONE_LINE,
    id=st.none() | ONE_LINE,
    retry_ms=st.none() | st.integers(0, 10**30),
    sizes=st.lists(st.integers(0, 9)),
)
@example(data="\r\n\r", event=" a ", id=" 1 ", retry_ms=0, sizes=[1] * 40)
@example(data="", event="", id="", retry_ms=None, sizes=[])
@example(data="\ufeff", event="\ufeff", id="\ufeff", retry_ms=None, sizes=[])
def test_an_encoded_event_comes_back(
    data: str, event: str, id: str | None, retry_ms: int | None, sizes: list[int]
) -> None:
    stream = encode_event(data, event=event, id=id, retry_ms=retry_ms)
    events, last_event_id, decoded_retry_ms, comments = decode(pieces(stream, sizes))
    lf_only = data.replace("\r\n", "\n").replace("\r", "\n")
    assert events == [ServerSentEvent(lf_only, event or "message", id or "")]
    assert (last_event_id, decoded_retry_ms, comments) == (id or "", retry_ms, 0)


@given(STREAM_BYTES, st.lists(st.integers(0, 9)))
def test_the_result_does_not_depend_on_how_the_bytes_are_cut(stream: bytes, sizes: list[int]) -> None:
    whole = decode([stream])
    assert decode(pieces(stream, sizes)) == whole
    assert decode(even_pieces(stream)) == whole


@given(STREAM_BYTES, st.integers(0, 30), st.lists(st.integers(0, 9)))
def test_the_limit_does_not_depend_on_how_the_bytes_are_cut(
    stream: bytes, max_event_bytes: int, sizes: list[int]
) -> None:
    stream = b"\n" + stream  # no byte order mark, which is not counted once it is recognised

    def is_refused(chunks: Iterable[bytes]) -> bool:
        decoder = EventStreamDecoder(max_event_bytes=max_event_bytes)
        try:
            for chunk in chunks:
                decoder.feed(chunk)
        except RemoteProtocolError:
            return True
        return False

    assert is_refused([stream]) == is_refused(pieces(stream, sizes)) == is_refused(even_pieces(stream))


@given(TEXT)
def test_a_comment_is_never_delivered(text: str) -> None:
    comment = encode_comment(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    events, last_event_id, retry_ms, comments = decode([comment, encode_event("next")])
    assert events == [ServerSentEvent("next")]
    assert (last_event_id, retry_ms, comments) == ("", None, lines)


# Encoding.


def test_an_event_is_written_field_by_field() -> None:
    stream = encode_event("a\nb", event="tick", id="7", retry_ms=3000)
    assert stream == b"event: tick\nid: 7\nretry: 3000\ndata: a\ndata: b\n\n"


def test_without_data_no_data_line_is_written() -> None:
    assert encode_event(id="7") == b"id: 7\n\n"
    assert encode_event(retry_ms=10) == b"retry: 10\n\n"


def test_empty_data_is_an_event_and_not_nothing() -> None:
    assert encode_event("") == b"data: \n\n"
    assert decode([encode_event("")])[0] == [ServerSentEvent("")]


def test_an_empty_id_makes_the_client_forget_the_last_one() -> None:
    events, last_event_id, *_ = decode([encode_event("a", id="1"), encode_event("b", id="")])
    assert [event.last_event_id for event in events] == ["1", ""]
    assert last_event_id == ""


@pytest.mark.parametrize("character", ["\r", "\n", "\0"])
@pytest.mark.parametrize("field", ["event", "id"])
def test_event_and_id_with_a_line_end_or_nul_are_refused(field: str, character: str) -> None:
    with pytest.raises(LocalProtocolError, match=field):
        encode_event("x", **{field: f"a{character}b"})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["data", "event", "id"])
def test_half_a_surrogate_pair_is_refused(field: str) -> None:
    with pytest.raises(LocalProtocolError, match="surrogate"):
        encode_event(**{field: "\ud800"})  # type: ignore[arg-type]


def test_a_comment_with_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="surrogate"):
        encode_comment("\udfff")


def test_a_negative_retry_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="retry_ms"):
        encode_event("x", retry_ms=-1)


def test_each_line_of_a_comment_gets_its_colon() -> None:
    assert encode_comment("a\r\nb\rc") == b": a\n: b\n: c\n\n"


# Decoding.


def test_a_cr_at_the_end_of_a_chunk_ends_the_line_at_once() -> None:
    decoder = EventStreamDecoder()
    assert decoder.feed(b"data: a\r\r") == [ServerSentEvent("a")]


def test_a_lf_that_completes_a_crlf_is_not_an_empty_line() -> None:
    decoder = EventStreamDecoder()
    assert decoder.feed(b"data: a\r") == []
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\ndata: b\r\n\r") == [ServerSentEvent("a\nb")]
    assert decoder.feed(b"\ndata: c\n\n") == [ServerSentEvent("c")]


def test_only_cr_and_lf_end_a_line() -> None:
    text = "a\v\f\x1c\x1d\x1e\x85\u2028\u2029b"
    assert decode([f"data: {text}\n\n".encode()])[0] == [ServerSentEvent(text)]


def test_a_known_last_event_id_is_kept_until_the_stream_sets_another() -> None:
    decoder = EventStreamDecoder(last_event_id="41")
    assert decoder.last_event_id == "41"
    assert decoder.feed(b"data: a\n\n") == [ServerSentEvent("a", last_event_id="41")]
    assert decoder.feed(b"id: 42\ndata: b\n") == []
    assert decoder.last_event_id == "41"
    assert decoder.feed(b"\n") == [ServerSentEvent("b", last_event_id="42")]
    assert decoder.last_event_id == "42"


def test_retry_takes_effect_before_the_block_ends() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(b"retry: 250\n")
    assert decoder.retry_ms == 250


def test_a_retry_that_python_could_refuse_to_convert_is_ignored() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(b"retry: 250\nretry: " + b"9" * 5000 + b"\n")
    assert decoder.retry_ms == 250


def test_comments_are_counted_as_heartbeats() -> None:
    decoder = EventStreamDecoder()
    assert decoder.feed(b":\n\n: still here\n\ndata: :\n\n") == [ServerSentEvent(":")]
    assert decoder.comments == 2


def test_the_limit_counts_the_lines_of_one_event() -> None:
    decoder = EventStreamDecoder(max_event_bytes=14)
    assert len(decoder.feed(b"data: a\ndata: b\n\ndata: c\ndata: d\n\n: a long way\n")) == 2
    with pytest.raises(RemoteProtocolError, match="longer than 14 bytes"):
        decoder.feed(b"data: a\ndata: bb\n\n")


def test_an_endless_line_is_refused_before_it_ends() -> None:
    decoder = EventStreamDecoder(max_event_bytes=1000)
    decoder.feed(b": " + b"x" * 998)
    with pytest.raises(RemoteProtocolError, match="longer than 1000 bytes"):
        decoder.feed(b"x")


def test_a_long_line_in_small_pieces_is_held_only_once() -> None:
    decoder = EventStreamDecoder()
    piece = b"x" * 1024
    tracemalloc.start()
    try:
        decoder.feed(b"data: ")
        for _ in range(1024):
            decoder.feed(piece)
        assert tracemalloc.get_traced_memory()[0] < 1.5 * 1024 * 1024
    finally:
        tracemalloc.stop()
    (event,) = decoder.feed(b"\n\n")
    assert event.data == "x" * 1024 * 1024


def test_read_gives_what_feed_gives_as_plain_tuples() -> None:
    stream = b"event: tick\nid: 7\ndata: one\n\ndata: two\n\ndata: not yet\n"
    assert EventStreamDecoder().read(stream) == [("one", "tick", "7"), ("two", "message", "7")]
    fed = EventStreamDecoder().feed(stream)
    assert fed == [ServerSentEvent("one", "tick", "7"), ServerSentEvent("two", "message", "7")]
