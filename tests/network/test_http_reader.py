from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.network.faults.fault import Piece, Sign
from rtlab.network.http_reader import HttpReader
from rtlab.records import Direction

GET = b"GET /sse/news HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /publish/news HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabc\n\n\n\r\n2\r\nxy\r\n0\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi\r\n\r\n"
TALK: list[tuple[Direction, bytes]] = [
    ("up", POST),
    ("down", EARLY + PLAIN),
    ("up", GET),
    ("down", STREAM),
    ("up", GET),
    ("down", UPGRADED),
    ("up", b"\x81\x80anything \r\n\r\n"),
]


def split(data: st.DataObject, talk: list[tuple[Direction, bytes]]) -> list[Piece]:
    pieces = []
    for way, sent in talk:
        cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)), max_size=8)) | {0, len(sent)})
        pieces += [Piece(way, sent[a:b], len(pieces)) for a, b in pairwise(cuts)]
    return pieces


def read(reader: HttpReader, pieces: list[Piece]) -> list[Piece]:
    return [part for piece in pieces for part in reader.read(piece)]


def raw(pieces: list[Piece], way: Direction) -> bytes:
    return b"".join(piece.data for piece in pieces if piece.direction == way)


def make_reader() -> HttpReader:
    reader = HttpReader()
    reader.wants_heads = True
    return reader


@given(st.data())
def test_however_bytes_are_split_they_all_come_out_and_heads_and_bodies_are_found(data):
    pieces = split(data, TALK)
    parts = read(make_reader(), pieces)
    for way in ("up", "down"):
        assert raw(parts, way) == raw(pieces, way)
    heads = [(part.direction, part.head) for part in parts if part.head]
    assert [getattr(head, "target", None) or head.status for way, head in heads] == [
        "/publish/news", 103, 200, "/sse/news", 200, "/sse/news", 101,
    ]  # fmt: skip
    bodies = b"".join(part.body for part in parts if part.body and part.direction == "down")
    assert bodies == b"ok" + b"abc\n\n\nxy"
    assert sum(part.ends_message for part in parts) == 5


@given(st.data())
def test_while_nobody_asks_for_heads_pieces_stay_as_they_are(data):
    pieces = split(data, TALK)
    assert read(HttpReader(), pieces) == pieces


@given(st.data(), st.integers(0, 20))
def test_heads_are_found_again_after_the_first_whole_one(data, switch):
    pieces = split(data, TALK[:4])
    reader = HttpReader()
    parts = read(reader, pieces[:switch])
    reader.wants_heads = True
    parts += read(reader, pieces[switch:])
    for way in ("up", "down"):
        assert raw(parts, way) == raw(pieces, way)
    for part in parts:
        if part.head:
            assert part.data.endswith(b"\r\n\r\n")
            assert part.data.startswith((b"GET", b"POST", b"HTTP/1.1"))


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_bytes_that_are_no_http_pass_as_they_are(up, down):
    pieces = [Piece(way, data, 0) for way, data in (("up", up), ("down", down)) if data]
    reader = make_reader()
    parts = [*read(reader, pieces), *reader.release(1)]
    for way in ("up", "down"):
        assert raw(parts, way) == raw(pieces, way)


def test_tls_is_not_read():
    pieces = [Piece("up", b"\x16\x03\x01" + GET, 0), Piece("down", PLAIN, 1)]
    assert read(make_reader(), pieces) == pieces


def test_half_a_head_is_kept_and_goes_with_the_end_of_its_direction():
    reader = make_reader()
    assert reader.read(Piece("up", GET[:20], 0)) == []
    end = Piece("up", Sign.END, 1)
    assert reader.read(end) == [Piece("up", GET[:20], 1), end]


def test_half_a_head_is_released_on_request():
    reader = make_reader()
    reader.read(Piece("up", GET[:20], 0))
    assert reader.release(7) == [Piece("up", GET[:20], 7)]
    reader.wants_heads = False
    assert reader.read(Piece("up", GET[20:], 8)) == [Piece("up", GET[20:], 8)]
    assert reader.release(9) == []


def test_the_answer_on_its_way_is_known_until_its_body_ends():
    reader = make_reader()
    at = STREAM.index(b"2\r\nxy")
    read(reader, [Piece("up", GET, 0), Piece("down", STREAM[:at], 1)])
    assert reader.answer.get("Transfer-Encoding") == "chunked"
    reader.read(Piece("down", STREAM[at:], 2))
    assert reader.answer is None


@pytest.mark.parametrize("answer", [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n"])
def test_an_answer_without_a_body_is_over_with_its_head(answer):
    (part,) = read(make_reader(), [Piece("down", answer, 1)])
    assert part.ends_message


def test_the_answer_to_head_has_no_body():
    reader = make_reader()
    read(reader, [Piece("up", GET.replace(b"GET", b"HEAD"), 0)])
    (part, following) = read(reader, [Piece("down", PLAIN.removesuffix(b"ok") + EARLY, 1)])
    assert part.ends_message
    assert following.head.status == 103


def test_empty_lines_without_end_are_not_kept_without_end():
    reader = make_reader()
    passed = 0
    for number in range(10):
        passed += sum(len(part.data) for part in reader.read(Piece("up", b"\r\n" * 10_000, number)))
    assert passed >= 60_000


def test_what_came_too_early_goes_on_once_the_protocol_has_changed():
    reader = HttpReader()
    reader.wants_heads = True
    reader.read(Piece("up", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: b\r\n\r\n", 1))
    assert reader.read(Piece("up", b"early", 2)) == []
    parts = reader.read(Piece("down", b"HTTP/1.1 101 Switching Protocols\r\n\r\nlate", 3))
    assert [(part.direction, part.data) for part in parts] == [
        ("down", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        ("up", b"early"),
        ("down", b"late"),
    ]
