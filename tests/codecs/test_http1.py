from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rtlab.codecs.http1 import (
    LAST_CHUNK,
    BodyData,
    EndOfMessage,
    RequestDecoder,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_chunk,
    encode_request_head,
    encode_response_head,
)
from rtlab.errors import LocalProtocolError, RemoteProtocolError

Event = RequestHead | ResponseHead | BodyData | EndOfMessage
Decoder = RequestDecoder | ResponseDecoder

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"

TOKEN = st.text("!#$%&'*+-.^_`|~09AZaz", min_size=1, max_size=12)
TARGET = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)
VALUE = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\0\r\n")).map(lambda text: text.strip(" \t"))
HEADERS = st.lists(st.tuples(TOKEN.map("X-".__add__), VALUE), max_size=6).map(tuple)
REASON = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]))
SIZES = st.lists(st.integers(0, 9))


def pieces(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut data into pieces of the given sizes; the last piece is what remains."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


def byte_by_byte(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def feed_all(decoder: Decoder, chunks: Iterable[bytes]) -> tuple[list[Event], bytes]:
    """Feed the chunks; give what came, with the pieces of the body joined, and the rest."""
    events: list[Event] = []
    for chunk in chunks:
        for event in decoder.feed(chunk):
            if isinstance(event, BodyData) and events and isinstance(last := events[-1], BodyData):
                events[-1] = BodyData(last.data + event.data)
            else:
                events.append(event)
    return events, decoder.rest


def response(stream: bytes, request_method: str = "GET") -> tuple[list[Event], bytes]:
    """Decode a response in one piece and byte by byte; both must give the same."""
    whole = feed_all(ResponseDecoder(request_method=request_method), [stream])
    assert feed_all(ResponseDecoder(request_method=request_method), byte_by_byte(stream)) == whole
    return whole


def request(stream: bytes) -> tuple[list[Event], bytes]:
    """Decode a request in one piece and byte by byte; both must give the same."""
    whole = feed_all(RequestDecoder(), [stream])
    assert feed_all(RequestDecoder(), byte_by_byte(stream)) == whole
    return whole


def assert_response_refused(stream: bytes, spec: str) -> None:
    for chunks in ([stream], byte_by_byte(stream)):
        with pytest.raises(RemoteProtocolError) as caught:
            feed_all(ResponseDecoder(), chunks)
        assert caught.value.spec == spec
        assert caught.value.status is None


def assert_request_refused(stream: bytes, spec: str) -> None:
    for chunks in ([stream], byte_by_byte(stream)):
        with pytest.raises(RemoteProtocolError) as caught:
            feed_all(RequestDecoder(), chunks)
        assert caught.value.spec == spec
        assert caught.value.status == 400


# Both ways.


@given(method=TOKEN, target=TARGET, headers=HEADERS, version=st.sampled_from(["HTTP/1.1", "HTTP/1.0"]), sizes=SIZES)
def test_an_encoded_request_head_comes_back(
    method: str, target: str, headers: tuple[tuple[str, str], ...], version: str, sizes: list[int]
) -> None:
    head = RequestHead(method, target, (("Host", "a"), *headers), version)
    assert feed_all(RequestDecoder(), pieces(encode_request_head(head), sizes)) == ([head, EndOfMessage()], b"")


@given(status=st.integers(200, 999), reason=REASON, headers=HEADERS, sizes=SIZES)
def test_an_encoded_response_head_comes_back(
    status: int, reason: str, headers: tuple[tuple[str, str], ...], sizes: list[int]
) -> None:
    head = ResponseHead(status, reason, headers)
    assert feed_all(ResponseDecoder(), pieces(encode_response_head(head), sizes))[0][0] == head


@given(st.lists(st.binary()), SIZES)
@example([b"\r\n", b"0\r\n\r\n", b""], [1] * 120)
def test_a_chunked_body_comes_back(chunks: list[bytes], sizes: list[int]) -> None:
    stream = CHUNKED + b"".join(map(encode_chunk, chunks)) + LAST_CHUNK + b"next"
    events, rest = feed_all(ResponseDecoder(), pieces(stream, sizes))
    body = b"".join(chunks)
    assert events[1:] == ([BodyData(body)] if body else []) + [EndOfMessage()]
    assert rest == b"next"


@given(st.binary(), SIZES)
def test_a_body_of_declared_length_comes_back(body: bytes, sizes: list[int]) -> None:
    stream = OK + b"Content-Length: %d\r\n\r\n%bnext" % (len(body), body)
    events, rest = feed_all(ResponseDecoder(), pieces(stream, sizes))
    assert events[1:] == ([BodyData(body)] if body else []) + [EndOfMessage()]
    assert rest == b"next"


@given(
    st.lists(
        st.sampled_from([b"0", b"5", b"f", b"\r\n", b"\n", b"\r", b";a=b", b"hello", b"X: y", b"5\r\nhello\r\n"])
    ).map(b"".join),
    SIZES,
)
def test_a_chunked_body_is_accepted_or_refused_however_it_is_cut(body: bytes, sizes: list[int]) -> None:
    def outcome(chunks: Iterable[bytes]) -> object:
        decoder = ResponseDecoder()
        decoder.feed(CHUNKED)
        try:
            return feed_all(decoder, chunks)
        except RemoteProtocolError as error:
            return error.spec

    assert outcome([body]) == outcome(pieces(body, sizes)) == outcome(byte_by_byte(body))


# Heads: fields and their look-up (RFC 9110 5, RFC 9112 5).


def test_a_field_is_found_whatever_its_case_and_repeats_are_joined() -> None:
    head = ResponseHead(200, headers=(("Vary", "Origin"), ("X", "1"), ("vary", "Accept")))
    assert head.get("VARY") == "Origin, Accept"
    assert head.get_all("Vary") == ["Origin", "Accept"]
    assert head.get("Accept") is None
    assert head.get_all("Accept") == []


def test_an_empty_value_is_not_an_absent_field() -> None:
    assert RequestHead("GET", "/", (("X", ""),)).get("x") == ""


def test_spaces_around_a_value_are_not_part_of_it() -> None:
    (head, *_), _ = request(GET + b"A:b\r\nC: \t d e \t\r\nE:\r\n\r\n")
    assert isinstance(head, RequestHead)
    assert head.headers[1:] == (("A", "b"), ("C", "d e"), ("E", ""))


def test_a_value_in_latin_1_is_sent_one_byte_a_character() -> None:
    assert b"X: \xe9\r\n" in encode_request_head(RequestHead("GET", "/", (("X", "é"),)))


def test_a_value_beyond_latin_1_is_sent_as_utf_8() -> None:
    encoded = encode_request_head(RequestHead("GET", "/", (("Host", "a"), ("Last-Event-ID", "é…"))))
    assert b"Last-Event-ID: \xc3\xa9\xe2\x80\xa6\r\n" in encoded
    (head, *_), _ = request(encoded)
    assert isinstance(head, RequestHead)
    assert (head.get("Last-Event-ID") or "").encode("latin-1").decode() == "é…"


def test_a_control_character_in_a_last_event_id_reaches_the_server() -> None:
    head = RequestHead("GET", "/", (("Host", "a"), ("Last-Event-ID", "1\x01\x7f")))
    assert request(encode_request_head(head))[0][0] == head


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\r\nX: y", "a\0b", "\ud800"])
def test_a_value_that_could_end_its_line_is_not_sent(value: str) -> None:
    with pytest.raises(LocalProtocolError, match="X-Test") as caught:
        encode_response_head(ResponseHead(200, headers=(("X-Test", value),)))
    assert caught.value.spec == "RFC 9110 5.5"


@pytest.mark.parametrize("name", ["", " a", "a ", "a:b", "a\r\nb", "é", "a\0", "(a)"])
def test_a_name_that_is_no_token_is_not_sent(name: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        encode_request_head(RequestHead("GET", "/", ((name, "x"),)))
    assert caught.value.spec == "RFC 9110 5.1"


@pytest.mark.parametrize(
    "head",
    [
        RequestHead("", "/"),
        RequestHead("GET ", "/"),
        RequestHead("GE\nT", "/"),
        RequestHead("GET", ""),
        RequestHead("GET", "/a b"),
        RequestHead("GET", "/\r\nX: y"),
        RequestHead("GET", "/é"),
        RequestHead("GET", "/", version="HTTP/2"),
        RequestHead("GET", "/", version="HTTP/1.1\r\nX: y"),
    ],
    ids=repr,
)
def test_a_request_line_that_breaks_the_grammar_is_not_sent(head: RequestHead) -> None:
    with pytest.raises(LocalProtocolError):
        encode_request_head(head)


@pytest.mark.parametrize(
    "head",
    [
        ResponseHead(20),
        ResponseHead(1000),
        ResponseHead(-20),
        ResponseHead(200, "OK\r\nX: y"),
        ResponseHead(200, "…"),
        ResponseHead(200, version="HTTP/1"),
    ],
    ids=repr,
)
def test_a_status_line_that_breaks_the_grammar_is_not_sent(head: ResponseHead) -> None:
    with pytest.raises(LocalProtocolError):
        encode_response_head(head)


def test_a_status_line_without_a_reason_keeps_its_space() -> None:
    assert encode_response_head(ResponseHead(204)) == b"HTTP/1.1 204 \r\n\r\n"


# Heads: what is refused (RFC 9112 2.2, 3, 4, 5).


@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        (b"A: b\r\n c\r\n\r\n", "RFC 9112 5.2"),
        (b"A: b\r\n\tc\r\n\r\n", "RFC 9112 5.2"),
        (b" A: b\r\n\r\n", "RFC 9112 5.2"),
        (b"A : b\r\n\r\n", "RFC 9112 5.1"),
        (b"A\t: b\r\n\r\n", "RFC 9112 5.1"),
        (b": b\r\n\r\n", "RFC 9112 5.1"),
        (b"A\r\n\r\n", "RFC 9112 5.1"),
        (b"A\xe9: b\r\n\r\n", "RFC 9112 5.1"),
        (b"A: b\0c\r\n\r\n", "RFC 9110 5.5"),
        (b"A: b\rc\r\n\r\n", "RFC 9112 2.2"),
        (b"A: b\r\r\n\r\n", "RFC 9112 2.2"),
        (b"A: b\nC: d\r\n\r\n", "RFC 9112 2.2"),
        (b"A: b\r\n\n", "RFC 9112 2.2"),
    ],
)
def test_malformed_fields_are_refused(fields: bytes, spec: str) -> None:
    assert_response_refused(OK + fields, spec)
    assert_request_refused(GET + fields, spec)


def test_a_bare_lf_is_refused_before_the_head_ends() -> None:
    with pytest.raises(RemoteProtocolError):
        RequestDecoder().feed(b"GET / HTTP/1.1\n")


@pytest.mark.parametrize(
    "line",
    [
        b"GET /",
        b"GET  / HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b" GET / HTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"GET\t/ HTTP/1.1",
        b"G(T / HTTP/1.1",
        b"GET /\xc3\xa9 HTTP/1.1",
        b"GET /\x7f HTTP/1.1",
    ],
)
def test_malformed_request_lines_are_refused(line: bytes) -> None:
    assert_request_refused(line + b"\r\nHost: a\r\n\r\n", "RFC 9112 3")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"HTTP/1.1",
        b"HTTP/1.1 200",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 +20 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 099 OK",
        b"HTTP/1.1 20\xb2 OK",
        b"HTTP/1.1 200 O\x01K",
    ],
)
def test_malformed_status_lines_are_refused(line: bytes) -> None:
    assert_response_refused(line + b"\r\nA: b\r\n\r\n", "RFC 9112 4")


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/0.9", b"HTTP/1.", b"HTTP/1.10", b"http/1.1", b"ICY/1.1"])
def test_versions_other_than_http_1_are_refused(version: bytes) -> None:
    assert_request_refused(b"GET / " + version + b"\r\nHost: a\r\n\r\n", "RFC 9112 2.3")
    assert_response_refused(version + b" 200 OK\r\n\r\n", "RFC 9112 2.3")


def test_a_head_of_exactly_the_limit_is_accepted_and_one_byte_more_is_not() -> None:
    stream = GET + b"A: b\r\n\r\n"
    for cut in (len(stream), 1):
        chunks = [stream[at : at + cut] for at in range(0, len(stream), cut)]
        assert feed_all(RequestDecoder(max_head_bytes=len(stream)), chunks)[0][-1] == EndOfMessage()
        with pytest.raises(RemoteProtocolError) as caught:
            feed_all(RequestDecoder(max_head_bytes=len(stream) - 1), chunks)
        assert (caught.value.spec, caught.value.status) == ("RFC 9110 5.4", 400)


def test_an_endless_head_is_refused_at_the_limit() -> None:
    decoder = ResponseDecoder(max_head_bytes=1000)
    decoder.feed(OK + b"A: " + b"b" * (1000 - len(OK) - 3))
    with pytest.raises(RemoteProtocolError):
        decoder.feed(b"b")


# Requests (RFC 9112 2.2, 3.2, 6.3).


def test_empty_lines_before_a_request_are_passed_over() -> None:
    events, rest = request(b"\r\n\r\n" + GET + b"\r\n")
    assert [type(event) for event in events] == [RequestHead, EndOfMessage]
    assert rest == b""


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        b"Host: a\r\nHost: a\r\n",
        b"Host: a\r\nhost: b\r\n",
        b"Host: a b\r\n",
        b"Host: a/b\r\n",
        b"Host: u@a\r\n",
        b"Host: a:b\r\n",
        b"Host: ::1\r\n",
        b"Host: [::1\r\n",
    ],
)
def test_a_request_needs_exactly_one_valid_host(hosts: bytes) -> None:
    assert_request_refused(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n", "RFC 9112 3.2")


@pytest.mark.parametrize(
    "host", [b"", b"localhost:8888", b"127.0.0.1", b"[::1]:80", b"xn--bcher-kva.example", b"a_b"]
)
def test_these_hosts_are_valid(host: bytes) -> None:
    (head, _), _ = request(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    assert isinstance(head, RequestHead)
    assert head.get("Host") == host.decode()


def test_http_1_0_needs_no_host_but_allows_no_second_one() -> None:
    assert request(b"GET / HTTP/1.0\r\n\r\n")[0][-1] == EndOfMessage()
    assert_request_refused(b"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "RFC 9112 3.2")


def test_a_request_without_a_declared_length_has_no_body() -> None:
    events, rest = request(GET + b"Upgrade: websocket\r\n\r\n\x81\x80")
    assert [type(event) for event in events] == [RequestHead, EndOfMessage]
    assert rest == b"\x81\x80"


def test_pipelined_requests_are_read_one_after_the_other() -> None:
    stream = (
        GET.replace(b"GET /", b"POST /1")
        + b"Content-Length: 2\r\n\r\nhi"
        + GET.replace(b"GET /", b"POST /2")
        + b"Transfer-Encoding: chunked\r\n\r\n2\r\nho\r\n0\r\n\r\n"
        + GET.replace(b"GET /", b"GET /3")
        + b"\r\n"
    )
    seen = []
    while stream:
        (head, *events), stream = request(stream)
        assert isinstance(head, RequestHead)
        seen.append((head.target, events))
    assert seen == [
        ("/1", [BodyData(b"hi"), EndOfMessage()]),
        ("/2", [BodyData(b"ho"), EndOfMessage()]),
        ("/3", [EndOfMessage()]),
    ]


# Responses (RFC 9110 15.2, RFC 9112 6.3).


def test_interim_responses_come_before_the_final_one() -> None:
    stream = (
        b"HTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.js>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi"
    )
    events, rest = response(stream)
    assert [event.status for event in events if isinstance(event, ResponseHead)] == [100, 103, 200]
    assert events[3:] == [BodyData(b"hi"), EndOfMessage()]
    assert rest == b""


def test_after_101_everything_belongs_to_the_new_protocol() -> None:
    events, rest = response(b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 3\r\n\r\n\x81\x02hi\r\n\r\n")
    assert events == [ResponseHead(101, "Switching Protocols", (("Content-Length", "3"),))]
    assert rest == b"\x81\x02hi\r\n\r\n"


def test_after_a_successful_connect_the_tunnel_begins() -> None:
    events, rest = response(OK + b"Content-Length: 3\r\n\r\nabcd", request_method="CONNECT")
    assert len(events) == 1
    assert rest == b"abcd"


def test_a_refused_connect_has_a_body() -> None:
    stream = b"HTTP/1.1 407 No\r\nContent-Length: 3\r\n\r\nabcd"
    assert response(stream, request_method="CONNECT")[0][1:] == [BodyData(b"abc"), EndOfMessage()]


@pytest.mark.parametrize("field", [b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b""])
@pytest.mark.parametrize(
    ("status", "method"), [(b"204 No Content", "GET"), (b"304 Not Modified", "GET"), (b"200 OK", "HEAD")]
)
def test_no_body_follows_204_304_and_head(status: bytes, method: str, field: bytes) -> None:
    events, rest = response(b"HTTP/1.1 " + status + b"\r\n" + field + b"\r\nHTTP/1.1", request_method=method)
    assert [type(event) for event in events] == [ResponseHead, EndOfMessage]
    assert rest == b"HTTP/1.1"


def test_a_keep_alive_connection_continues_with_the_rest() -> None:
    first = ResponseDecoder()
    first.feed(OK + b"Content-Length: 1\r\n\r\naHTTP/1.1 ")
    first.feed(b"404 Not")
    second = ResponseDecoder()
    assert second.feed(first.rest) == []
    assert second.feed(b" Found\r\nContent-Length: 0\r\n\r\n")[0] == ResponseHead(
        404, "Not Found", (("Content-Length", "0"),)
    )


# Where a body ends (RFC 9112 6.1 to 6.3, 8).


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_without_a_declared_length_a_response_lasts_until_the_close(version: bytes) -> None:
    decoder = ResponseDecoder()
    assert decoder.feed(version + b" 200 OK\r\n\r\nab")[1:] == [BodyData(b"ab")]
    assert decoder.feed(b"cd") == [BodyData(b"cd")]
    assert decoder.end() == [EndOfMessage()]
    assert decoder.end() == []
    assert decoder.rest == b""


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"HTTP/1.1 2",
        OK,
        b"HTTP/1.1 100 Continue\r\n\r\n",
        OK + b"Content-Length: 3\r\n\r\nab",
        CHUNKED,
        CHUNKED + b"3\r\nab",
        CHUNKED + b"3\r\nabc\r\n",
        CHUNKED + b"0\r\n",
        CHUNKED + b"0\r\nX: y\r\n",
    ],
)
def test_a_response_that_is_cut_short_is_an_error(stream: bytes) -> None:
    decoder = ResponseDecoder()
    decoder.feed(stream)
    with pytest.raises(RemoteProtocolError) as caught:
        decoder.end()
    assert caught.value.spec == "RFC 9112 8"


@pytest.mark.parametrize(
    "stream", [OK + b"Content-Length: 0\r\n\r\n", CHUNKED + LAST_CHUNK, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]
)
def test_the_close_after_a_complete_response_is_no_event(stream: bytes) -> None:
    decoder = ResponseDecoder()
    decoder.feed(stream)
    assert decoder.end() == []


@pytest.mark.parametrize(
    ("fields", "spec"),
    [
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "RFC 9112 6.3"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 5\r\nContent-Length: 6\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 5, 6\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 5,\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 5\r\nContent-Length: 05\r\n", "RFC 9112 6.3"),
        (b"Content-Length:\r\n", "RFC 9112 6.3"),
        (b"Content-Length: +5\r\n", "RFC 9112 6.3"),
        (b"Content-Length: -5\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 1_0\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 0x5\r\n", "RFC 9112 6.3"),
        (b"Content-Length: 5 5\r\n", "RFC 9112 6.3"),
        (b"Content-Length: \xb2\r\n", "RFC 9112 6.3"),
        (b"Content-Length: " + b"9" * 5000 + b"\r\n", "RFC 9112 6.3"),
        (b"Transfer-Encoding: gzip\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding: gzip, chunked\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding: chunked, chunked\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding: xchunked\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding: \x0bchunked\r\n", "RFC 9112 6.1"),
        (b"Transfer-Encoding:\r\n", "RFC 9112 6.1"),
    ],
)
def test_a_body_whose_end_is_in_doubt_is_refused(fields: bytes, spec: str) -> None:
    assert_response_refused(OK + fields + b"\r\n", spec)
    assert_request_refused(GET + fields + b"\r\n", spec)


def test_http_1_0_has_no_transfer_encoding() -> None:
    assert_response_refused(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "RFC 9112 6.1")
    assert_request_refused(b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "RFC 9112 6.1")


@pytest.mark.parametrize("fields", [b"Content-Length: 5, 5\r\n", b"Content-Length: 5\r\ncontent-length: 5\r\n"])
def test_the_same_length_twice_is_accepted(fields: bytes) -> None:
    assert response(OK + fields + b"\r\nhello!")[0][1:] == [BodyData(b"hello"), EndOfMessage()]


def test_the_name_of_the_coding_may_have_any_case() -> None:
    assert response(OK + b"transfer-encoding: Chunked\r\n\r\n" + LAST_CHUNK)[0][1:] == [EndOfMessage()]


# Chunks (RFC 9112 7.1).


def test_a_chunk_is_written_with_its_size_in_hexadecimal() -> None:
    assert encode_chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"


def test_no_chunk_is_written_for_no_data() -> None:
    assert encode_chunk(b"") == b""


def test_extensions_and_trailers_are_passed_over() -> None:
    body = b'005;a;b=c ; d="e;f"\r\nhello\r\nA\t;x\r\n0123456789\r\n0;last\r\nX: y\r\nZ:\r\n\r\nrest'
    assert response(CHUNKED + body)[0][1:] == [BodyData(b"hello0123456789"), EndOfMessage()]
    assert response(CHUNKED + body)[1] == b"rest"


@pytest.mark.parametrize(
    "size", [b"0x3", b"1_0", b"+3", b"-3", b" 3", b"3 ", b"", b";a", b"g", b"3\n", b"3;\0", b"3;a\rb", b"f" * 17]
)
def test_malformed_chunk_sizes_are_refused(size: bytes) -> None:
    assert_response_refused(CHUNKED + size + b"\r\nabc\r\n0\r\n\r\n", "RFC 9112 7.1")


@pytest.mark.parametrize("body", [b"3\nabc\r\n", b"3;a\nabc\r\n"])
def test_a_size_line_that_ends_with_a_bare_lf_is_refused(body: bytes) -> None:
    assert_response_refused(CHUNKED + body, "RFC 9112 7.1")


@pytest.mark.parametrize("body", [b"3\r\nabcd\r\n", b"3\r\nabc\n", b"3\r\nabc0\r\n\r\n", b"3\r\nabc\rX"])
def test_a_chunk_that_does_not_end_where_it_says_is_refused(body: bytes) -> None:
    assert_response_refused(CHUNKED + body, "RFC 9112 7.1")


@pytest.mark.parametrize(
    ("trailer", "spec"),
    [
        (b"X : y\r\n\r\n", "RFC 9112 5.1"),
        (b"X: y\r\n z\r\n\r\n", "RFC 9112 5.2"),
        (b"X: y\n\r\n", "RFC 9112 2.2"),
        (b"\n", "RFC 9112 2.2"),
        (b"X: \0\r\n\r\n", "RFC 9110 5.5"),
        (b"X: a\rb\r\n\r\n", "RFC 9110 5.5"),
    ],
)
def test_malformed_trailers_are_refused(trailer: bytes, spec: str) -> None:
    assert_response_refused(CHUNKED + b"0\r\n" + trailer, spec)


@pytest.mark.parametrize("body", [b"3;" + b"x" * 9000, b"0\r\nX: " + b"x" * 9000, b"0\r\n" + b"X: y\r\n" * 2000])
@pytest.mark.parametrize("ending", [b"", b"\r\n"])
def test_endless_extensions_and_trailers_are_refused(body: bytes, ending: bytes) -> None:
    assert_response_refused(CHUNKED + body + ending, "RFC 9112 7.1")


def test_a_large_body_is_handed_over_without_being_held_back() -> None:
    decoder = ResponseDecoder()
    decoder.feed(CHUNKED + b"100000\r\n")
    piece = b"x" * 65536
    for _ in range(16):
        (event,) = decoder.feed(piece)
        assert isinstance(event, BodyData)
        assert event.data is piece  # the body of a large chunk is not even copied
    assert decoder.feed(b"\r\n" + LAST_CHUNK) == [EndOfMessage()]
