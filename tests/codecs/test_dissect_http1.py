"""Heads, bodies and TLS records, named: one example for each clause."""

from __future__ import annotations

import pytest

from rtlab.codecs.dissect import Dissection, dissect

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

Named = list[tuple[str, bytes]]


def up(dissection: Dissection) -> Named:
    data = dissection.up_bytes
    return [(u.unit, data[u.offset : u.offset + u.length_bytes]) for u in dissection.up]


def down(dissection: Dissection) -> Named:
    data = dissection.down_bytes
    return [(u.unit, data[u.offset : u.offset + u.length_bytes]) for u in dissection.down]


def body(response: bytes) -> Named:
    """Name what follows the head of a response."""
    named = down(dissect(response))
    return named[next(at for at, (unit, _) in enumerate(named) if unit == "end of head") + 1 :]


def rules(dissection: Dissection) -> list[str]:
    """Give the units that break a rule, each with the clause of the rule."""
    broken = [u for u in dissection.up + dissection.down if u.text.startswith("Broken rule: ")]
    return [f"{u.unit}: {u.text.partition('(')[2].partition(')')[0]}" for u in broken]


def text(dissection: Dissection, unit: str, number: int = 0) -> str:
    return [u.text for u in dissection.up + dissection.down if u.unit == unit][number]


# Heads.


def test_a_request_head_has_these_units() -> None:
    assert up(dissect(b"GET /a?b=1 HTTP/1.1\r\nHost:  h \r\nX:\r\n\r\n")) == [
        ("method", b"GET"),
        ("space", b" "),
        ("request target", b"/a?b=1"),
        ("space", b" "),
        ("version", b"HTTP/1.1"),
        ("line end", b"\r\n"),
        ("field name", b"Host"),
        ("colon", b":"),
        ("whitespace", b"  "),
        ("field value", b"h"),
        ("whitespace", b" "),
        ("line end", b"\r\n"),
        ("field name", b"X"),
        ("colon", b":"),
        ("line end", b"\r\n"),
        ("end of head", b"\r\n"),
    ]


def test_a_status_line_has_these_units() -> None:
    assert down(dissect(b"HTTP/1.1 404 Not Found\r\n"))[:6] == [
        ("version", b"HTTP/1.1"),
        ("space", b" "),
        ("status code", b"404"),
        ("space", b" "),
        ("reason phrase", b"Not Found"),
        ("line end", b"\r\n"),
    ]


@pytest.mark.parametrize(
    ("field", "meaning", "spec"),
    [
        ("Host: h", "which site", "RFC 9110 7.2"),
        ("content-type: text/html", "media type", "RFC 9110 8.3"),
        ("Last-Event-ID: 4", "go on after it", "HTML 9.2.4"),
        ("Origin: http://h", "which site's page", "RFC 6454 7"),
        ("Retry-After: 3", "next try", "RFC 9110 10.2.3"),
        ("X-Accel-Buffering: no", "nginx", "nginx, proxy_buffering"),
        ("Access-Control-Allow-Origin: *", "origin", "Fetch, CORS protocol"),
        ("Sec-Fetch-Mode: cors", "browser", "Fetch Metadata"),
        ("X-Unknown: 1", "a header field", "RFC 9110 5"),
    ],
)
def test_a_field_is_explained_with_its_clause(field: str, meaning: str, spec: str) -> None:
    units = dissect(f"GET / HTTP/1.1\r\n{field}\r\n\r\n".encode()).up
    name, value = (next(u for u in units if u.unit == unit) for unit in ("field name", "field value"))
    assert meaning in name.text
    assert (name.spec, value.spec) == (spec, spec)
    assert value.text.startswith(repr(field.partition(": ")[2]))


@pytest.mark.parametrize(
    ("status", "spec"),
    [(101, "15.2.2"), (204, "15.3.5"), (299, "15.3"), (426, "15.5.22"), (503, "15.6.4"), (799, "15")],
)
def test_a_status_code_is_explained_or_has_the_meaning_of_its_class(status: int, spec: str) -> None:
    units = dissect(f"HTTP/1.1 {status} \r\n\r\n".encode()).down
    assert next(u for u in units if u.unit == "status code").spec == f"RFC 9110 {spec}"


@pytest.mark.parametrize(
    ("request_bytes", "broken"),
    [
        (b"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", ["method: RFC 9110 9.1"]),
        (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", ["request target: RFC 9112 3.2"]),
        (b"GET /\r\nHost: h\r\n\r\n", ["request target: RFC 9112 3"]),
        (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", ["version: RFC 9112 2.3"]),
        (b"GET / HTTP/1.1\nHost: h\r\n\r\n", ["line end: RFC 9112 2.2"]),
        (b"GET / HTTP/1.1\r\nHost: h\r\n\n", ["end of head: RFC 9112 2.2"]),
        (b"GET / HTTP/1.1\r\n\r\n", ["end of head: RFC 9112 3.2"]),
        (b"GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", ["end of head: RFC 9112 3.2"]),
        (b"GET / HTTP/1.1\r\nHost : h\r\n\r\n", ["field name: RFC 9112 5.1"]),
        (b"GET / HTTP/1.1\r\nHost: h\r\n i\r\n\r\n", ["folded field value: RFC 9112 5.2"]),
        (b"GET / HTTP/1.1\r\nHost: h\r\nwhat\r\n\r\n", ["field name: RFC 9112 5"]),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", ["field value: RFC 9110 5.5"]),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", ["field value: RFC 9110 5.5"]),
        (
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ["end of head: RFC 9112 6.3"],
        ),
        (
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n",
            ["end of head: RFC 9112 6.3"],
        ),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", ["end of head: RFC 9112 6.3"]),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", ["end of head: RFC 9112 6.3"]),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["end of head: RFC 9112 6.1"]),
        (REQUEST, []),
        (b"GET / HTTP/1.0\r\n\r\n", []),
    ],
)
def test_a_broken_rule_of_a_request_is_named_where_it_is_broken(request_bytes: bytes, broken: list[str]) -> None:
    dissection = dissect(request_bytes)
    assert rules(dissection) == broken
    assert "end of head" in dict(up(dissection))  # the reading went on


def test_broken_rules_of_a_status_line_are_named() -> None:
    assert rules(dissect(b"HTTP/1.1 20\r\n\r\n")) == ["status code: RFC 9110 15"]
    assert rules(dissect(b"HTTP/1.1 200\r\n\r\n")) == ["status code: RFC 9112 4"]


@pytest.mark.parametrize(
    ("cut", "last"),
    [
        (2, "unfinished method"),
        (5, "unfinished request target"),
        (8, "unfinished version"),
        (15, "unfinished line end"),
        (18, "unfinished field name"),
        (24, "unfinished line end"),
        (26, "unfinished end of head"),
    ],
)
def test_a_head_that_ends_early_has_an_unfinished_unit(cut: int, last: str) -> None:
    dissection = dissect(REQUEST[:cut])
    assert up(dissection)[-1][0] == last
    assert "Unfinished: " in dissection.up[-1].text
    assert rules(dissection) == []


# Which answer belongs to which request.


def test_the_answer_to_head_has_no_body() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    dissection = dissect((b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + REQUEST, answer + answer + b"hello"))
    assert [unit for unit, _ in down(dissection)].count("body data") == 1
    assert down(dissection)[-1] == ("body data", b"hello")
    assert "No body follows" in text(dissection, "end of head", 2)


def test_an_interim_answer_comes_before_the_real_one() -> None:
    asked = b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
    dissection = dissect((asked, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"))
    codes = [u.text[:3] for u in dissection.down if u.unit == "status code"]
    assert codes == ["100", "204"]
    assert up(dissection)[-1] == ("body data", b"hi")


def test_nothing_may_follow_an_answer_that_closes() -> None:
    dissection = dissect((REQUEST, b"HTTP/1.1 204 \r\nConnection: close\r\n\r\nHTTP/1.1 200 \r\n\r\n"))
    assert down(dissection)[-1] == ("bytes after the connection closed", b"HTTP/1.1 200 \r\n\r\n")
    assert rules(dissection) == ["bytes after the connection closed: RFC 9112 9.6"]


def test_reading_goes_on_at_the_next_message_after_bytes_that_are_none() -> None:
    dissection = dissect((b"\x00\x01\r\n" + REQUEST, b"HTTP/1.1 204 \r\n\r\nextra\r\nHTTP/1.1 204 \r\n\r\n"))
    assert up(dissection)[:2] == [("not HTTP", b"\x00\x01\r\n"), ("method", b"GET")]
    assert [unit for unit, _ in down(dissection)].count("version") == 2
    assert ("not HTTP", b"extra\r\n") in down(dissection)


def test_empty_lines_before_a_request_are_passed_over() -> None:
    assert up(dissect(b"\r\n\r\n" + REQUEST))[:3] == [
        ("empty line", b"\r\n"),
        ("empty line", b"\r\n"),
        ("method", b"GET"),
    ]


def test_a_change_to_another_protocol_ends_what_can_be_named() -> None:
    asked = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    dissection = dissect((asked + b"PRI *", b"HTTP/1.1 101 \r\nUpgrade: h2c\r\n\r\n\0\0\0"))
    assert up(dissection)[-1] == ("another protocol", b"PRI *")
    assert down(dissection)[-1] == ("another protocol", b"\0\0\0")


def test_a_change_of_protocol_that_nobody_asked_for_is_named() -> None:
    assert rules(dissect((REQUEST, b"HTTP/1.1 101 \r\nUpgrade: websocket\r\n\r\n"))) == [
        "end of head: RFC 9110 7.8"
    ]


def test_a_tunnel_through_a_proxy_may_carry_tls() -> None:
    asked = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"
    dissection = dissect((asked + b"\x16\x03\x01\x00\x02ab", b"HTTP/1.1 200 OK\r\n\r\n\x15\x03\x03\x00\x02cd"))
    assert up(dissection)[-1] == ("record body", b"ab")
    assert down(dissection)[-1] == ("record body", b"cd")


# Bodies.


@pytest.mark.parametrize(
    ("response", "named"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", [("body data", b"hi")]),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", [("unfinished body data", b"hi")]),
        (b"HTTP/1.1 200 OK\r\n\r\nhi", [("body data", b"hi")]),
        (
            CHUNKED + b"2;a=b\r\nhi\r\n0\r\nX: 1\r\n\r\n",
            [
                ("chunk size", b"2"),
                ("chunk extension", b";a=b"),
                ("line end", b"\r\n"),
                ("chunk data", b"hi"),
                ("end of chunk", b"\r\n"),
                ("last chunk", b"0"),
                ("line end", b"\r\n"),
                ("trailer name", b"X"),
                ("colon", b":"),
                ("whitespace", b" "),
                ("trailer value", b"1"),
                ("line end", b"\r\n"),
                ("end of body", b"\r\n"),
            ],
        ),
        (CHUNKED + b"1", [("unfinished chunk size", b"1")]),
        (CHUNKED + b"1;x", [("chunk size", b"1"), ("unfinished chunk extension", b";x")]),
        (CHUNKED + b"1\r", [("chunk size", b"1"), ("unfinished line end", b"\r")]),
        (
            CHUNKED + b"3\r\nhi",
            [("chunk size", b"3"), ("line end", b"\r\n"), ("unfinished chunk data", b"hi")],
        ),
    ],
)
def test_a_body_is_named_by_how_it_is_delimited(response: bytes, named: Named) -> None:
    assert body(response) == named


def test_reading_goes_on_at_the_next_chunk_after_one_that_is_too_long() -> None:
    dissection = dissect(CHUNKED + b"2\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")
    assert ("unreadable chunk", b"llo\r\n") in down(dissection)
    assert ("chunk data", b"!") in down(dissection)
    assert rules(dissection) == ["unreadable chunk: RFC 9112 7.1"]


def test_reading_goes_on_at_the_next_chunk_after_a_size_that_is_no_number() -> None:
    dissection = dissect(CHUNKED + b"zz\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")
    assert ("unreadable chunk", b"zz\r\nhello\r\n") in down(dissection)
    assert ("end of body", b"\r\n") in down(dissection)


def test_a_body_shows_its_start_if_it_is_text() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    assert text(dissect(head + b"caf\xc3\xa9"), "body data") == "5 bytes of the body: 'café'."
    assert text(dissect(head + b"\xff"), "body data") == "1 byte of the body, not text."
    assert text(dissect(head + b"\xe2\x82\xac" * 100), "body data") == f"300 bytes of the body: {'€' * 60!r}…."


# An event stream in chunks.


@pytest.mark.parametrize(
    ("first", "second", "split"),
    [
        (b"data: he", b"llo\n\n", [("field value", b"he"), ("field value", b"llo")]),
        (b"da", b"ta: x\n\n", [("field name", b"da"), ("field name", b"ta")]),
        (b"data: x\r", b"\n\r\n", [("line end", b"\r"), ("line end", b"\n")]),
        (b"data: \xe2", b"\x82\xac\n\n", [("field value", b"\xe2"), ("field value", b"\x82\xac")]),
        (b"\xef\xbb", b"\xbfdata: x\n\n", [("byte order mark", b"\xef\xbb"), ("byte order mark", b"\xbf")]),
    ],
)
def test_a_chunk_boundary_splits_a_unit_and_both_parts_say_so(first: bytes, second: bytes, split: Named) -> None:
    wire = STREAM_HEAD + b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(first), first, len(second), second)
    dissection = dissect(wire)
    before, after = (u for u in dissection.down if "chunk" in u.text and u.layer == "event stream")
    assert [(u.unit, wire[u.offset : u.offset + u.length_bytes]) for u in (before, after)] == split
    assert "Continues in the next chunk" in before.text
    assert ("in the middle of a character" in before.text) == (second[0] & 0xC0 == 0x80)
    assert after.text.startswith("Continued from the chunk before.")
    assert [u.unit for u in dissection.down].count("dispatch") == 1


def test_a_unit_may_span_many_chunks() -> None:
    dissection = dissect(STREAM_HEAD + b"1\r\n:\r\n1\r\na\r\n1\r\nb\r\n1\r\n\n\r\n0\r\n\r\n")
    comments = [u for u in dissection.down if u.unit == "comment"]
    assert [u.length_bytes for u in comments] == [1, 1, 1]
    assert "Continued" in comments[1].text and "Continues" in comments[1].text


def test_a_compressed_event_stream_is_not_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n"
    assert body(head + b"\x1f\x8b\x08") == [("body data", b"\x1f\x8b\x08")]


def test_a_chunk_that_is_not_all_there_says_how_much_is() -> None:
    assert "Only 2 of them are here" in text(dissect(STREAM_HEAD + b"5\r\nda"), "chunk size")


# TLS.


def test_tls_records_are_named_and_stay_opaque() -> None:
    assert up(dissect(b"\x16\x03\x01\x00\x02ab\x17\x03\x03\x00\x01")) == [
        ("content type", b"\x16"),
        ("version", b"\x03\x01"),
        ("length", b"\x00\x02"),
        ("record body", b"ab"),
        ("content type", b"\x17"),
        ("version", b"\x03\x03"),
        ("length", b"\x00\x01"),
    ]


def test_what_is_no_tls_record_in_a_tls_stream_is_named() -> None:
    assert up(dissect(b"\x15\x03\x03\x00\x01aHTTP"))[-1] == ("not TLS", b"HTTP")
    assert up(dissect(b"\x15\x03\x03\x00"))[-1] == ("unfinished length", b"\x00")
