from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rtlab.network.redaction import Redactor
from rtlab.records import Direction

SECRET_NAMES = ("Cookie", "set-cookie", "AUTHORIZATION", "Proxy-Authorization")
VALUES = (b"", b"a=b; c=d", b"Basic QUJD", b"a  b \t", b"\xe4\xff", b"Cookie: x", b'"\\""', b"***")
LOOKS_SECRET = b"\r\nCookie: in a body\r\n\r\nSet-Cookie: in a body\r\n"
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Part:
    """Some bytes of one direction, and what may be shown of them."""

    direction: Direction
    sent: bytes
    shown: bytes


@st.composite
def fields(draw: Callable) -> tuple[bytes, bytes]:
    """Some field lines as sent and as shown."""
    sent = shown = b""
    for _ in range(draw(st.integers(0, 4))):
        is_secret = draw(st.booleans())
        names = SECRET_NAMES if is_secret else ("Accept", "X-Cookie", "Cookies", "Set-Cookie-Not", "Authorize")
        start = draw(st.sampled_from(names)).encode() + b":" + draw(st.sampled_from([b"", b" ", b" \t "]))
        secret = draw(st.sampled_from(VALUES))
        sent += start + secret + b"\r\n"
        shown += start + (b"*" * len(secret) if is_secret else secret) + b"\r\n"
    return sent, shown


@st.composite
def messages(draw: Callable, direction: Direction, start_line: bytes, *, with_body: bool = True) -> Part:
    """A request or a response, its body delimited in one of the possible ways."""
    sent, shown = draw(fields())
    body = draw(st.binary(max_size=30)) + LOOKS_SECRET
    if not with_body:
        rest = b"\r\n"
    elif draw(st.booleans()):
        rest = b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    else:
        rest = b"Transfer-Encoding: chunked\r\n\r\n"
        rest += b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body, len(LOOKS_SECRET), LOOKS_SECRET)
    return Part(direction, start_line + sent + rest, start_line + shown + rest)


@st.composite
def conversations(draw: Callable) -> list[Part]:
    """What crosses one connection: exchanges, and at the end perhaps a body without end, or WebSocket."""
    parts = []
    post, get, head = (b"%b / HTTP/1.1\r\nHost: a\r\n" % method for method in (b"POST", b"GET", b"HEAD"))
    ok = b"HTTP/1.1 200 OK\r\n"
    for kind in draw(st.lists(st.sampled_from(["get", "post", "head", "empty", "interim"]), max_size=4)):
        if kind == "get":
            parts += [draw(messages("up", get, with_body=False)), draw(messages("down", ok))]
        elif kind == "post":
            parts += [draw(messages("up", post)), draw(messages("down", ok))]
        elif kind == "head":
            parts += [draw(messages("up", head, with_body=False))]
            parts += [draw(messages("down", ok + b"Content-Length: 999\r\n", with_body=False))]
        elif kind == "empty":
            parts += [draw(messages("up", post))]
            parts += [draw(messages("down", b"HTTP/1.1 204 No Content\r\n", with_body=False))]
        else:
            parts += [draw(messages("up", post))]
            parts += [draw(messages("down", b"HTTP/1.1 103 Early Hints\r\n", with_body=False))]
            parts += [draw(messages("down", ok))]
    end = draw(st.sampled_from(["", "stream", "websocket"]))
    if end:
        parts += [draw(messages("up", get, with_body=False))]
        status = b"HTTP/1.1 101 Go\r\n" if end == "websocket" else ok
        parts += [draw(messages("down", status, with_body=False)), Part("down", LOOKS_SECRET, LOOKS_SECRET)]
    if end == "websocket":
        parts += [Part("up", LOOKS_SECRET, LOOKS_SECRET), Part("down", LOOKS_SECRET, LOOKS_SECRET)]
    return parts


def joined(parts: list[Part], what: str) -> dict[Direction, bytes]:
    return {
        direction: b"".join(getattr(part, what) for part in parts if part.direction == direction)
        for direction in get_args(Direction)
    }


def redacted(pieces: list[tuple[Direction, bytes]]) -> dict[Direction, bytes]:
    redactor = Redactor()
    shown: dict[Direction, bytes] = {"up": b"", "down": b""}
    for direction, piece in pieces:
        found = redactor.redact(direction, piece)
        assert len(found) == len(piece)
        shown[direction] += found
    return shown


@settings(PATIENT, max_examples=60)
@given(conversations(), st.data())
def test_however_a_conversation_is_split_the_same_bytes_are_masked(parts: list[Part], data: st.DataObject) -> None:
    pieces = []
    for part in parts:
        cuts = sorted(data.draw(st.sets(st.integers(0, len(part.sent)), max_size=6)) | {0, len(part.sent)})
        pieces += [(part.direction, part.sent[a:b]) for a, b in pairwise(cuts)]
    assert redacted(pieces) == joined(parts, "shown")


@settings(PATIENT, max_examples=30)
@given(conversations())
def test_byte_by_byte_gives_the_same(parts: list[Part]) -> None:
    pieces = [(part.direction, bytes([byte])) for part in parts for byte in part.sent]
    assert redacted(pieces) == joined(parts, "shown")


@settings(PATIENT, max_examples=30)
@given(st.lists(messages("up", b"PUT /x HTTP/1.1\r\nHost: a\r\n"), max_size=5))
def test_requests_in_one_piece_are_told_apart(parts: list[Part]) -> None:
    sent = joined(parts, "sent")["up"]
    assert redacted([("up", sent)] if sent else []) == joined(parts, "shown")


def test_requests_may_be_asked_before_the_first_answer() -> None:
    up = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
    down = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: abc\r\n\r\n"
    assert redacted([("up", up), ("down", down)])["down"] == down.replace(b"abc", b"***")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"GET /x?token=abc HTTP/1.1\r\n", b"GET /x?token=*** HTTP/1.1\r\n"),
        (b"GET /x?a=1&Nonce=abc&b=token HTTP/1.1\r\n", b"GET /x?a=1&Nonce=***&b=token HTTP/1.1\r\n"),
        (b"GET /x?token=&token=a&monkey=b HTTP/1.1\r\n", b"GET /x?token=&token=*&monkey=b HTTP/1.1\r\n"),
        (
            b"GET / HTTP/1.1\r\nReferer: http://h/?key=abc#top\r\n",
            b"GET / HTTP/1.1\r\nReferer: http://h/?key=***#top\r\n",
        ),
    ],
)
def test_secret_parameters_of_an_address_are_masked_however_they_come(sent: bytes, shown: bytes, size: int) -> None:
    redactor = Redactor()
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert b"".join(redactor.redact("up", piece) for piece in pieces) == shown


def test_the_nonce_of_a_lab_is_a_secret() -> None:
    request = b"GET / HTTP/1.1\r\nHost: a\r\nX-Rtlab-Nonce: abcd\r\n\r\n"
    assert redacted([("up", request)])["up"] == request.replace(b"abcd", b"****")


def test_a_connection_that_starts_with_a_tls_handshake_is_left_alone() -> None:
    pieces: list[tuple[Direction, bytes]] = [("up", b"\x16\x03\x01"), ("up", LOOKS_SECRET), ("down", LOOKS_SECRET)]
    assert redacted(pieces) == {"up": b"\x16\x03\x01" + LOOKS_SECRET, "down": LOOKS_SECRET}


# What is not correct HTTP/1.1: rather too much than too little.


MALFORMED = {
    "folded": b"GET / HTTP/1.1\r\nHost: a\r\nCookie: SECRET\r\n SECRET\r\n\tSECRET\r\nAccept: x\r\n\r\n",
    "folded at once": b"GET / HTTP/1.1\r\nHost: a\r\nCookie:\r\n SECRET\r\nAccept: x\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: a\nCookie: SECRET\n\n",
    "bare CR": b"GET / HTTP/1.1\rHost: a\rCookie: SECRET\r\r",
    "space before the colon": b"GET / HTTP/1.1\r\nHost: a\r\nCookie : SECRET\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\nCookie: SECRET\r\n\r\n",
    "no request": b"Cookie: SECRET",
    "line before": b"one line\r\nCookie: SECRET\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nCookie: SECRET\r\n\r\n",
    "long head": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 66_000 + b"\r\nCookie: SECRET\r\n\r\n",
    "long secret": b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"SECRET" * 11_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_malformed_head_loses_its_secrets_too(request_bytes: bytes, size: int) -> None:
    pieces = [("up", request_bytes[at : at + size]) for at in range(0, len(request_bytes), size)]
    assert redacted(pieces)["up"] == request_bytes.replace(b"SECRET", b"******")


def test_after_a_malformed_request_answers_are_masked_wherever_they_look_secret() -> None:
    # Without the methods one cannot tell the heads of the answers from their bodies.
    pieces: list[tuple[Direction, bytes]] = [
        ("up", b"HEAD / HTTP/1.1\nHost: a\n\n"),
        ("down", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: SECRET\r\n\r\n"),
    ]
    assert b"SECRET" not in redacted(pieces)["down"]


def test_a_malformed_body_hides_no_secret_behind_it() -> None:
    request = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"
    request += b"0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nCookie: SECRET\r\n\r\n"
    assert redacted([("up", request)])["up"] == request.replace(b"SECRET", b"******")


@settings(PATIENT, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(get_args(Direction)), st.binary(max_size=60))))
@example(
    [("up", b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n"), ("down", b"HTTP/1.1 101 x\r\n\r\n\x81\0")]
)
def test_any_bytes_keep_their_length_and_order(pieces: list[tuple[Direction, bytes]]) -> None:
    shown = redacted(pieces)
    for direction in get_args(Direction):
        sent = b"".join(piece for way, piece in pieces if way == direction)
        assert len(shown[direction]) == len(sent)
        assert all(a in (b, ord("*")) for a, b in zip(shown[direction], sent, strict=True))
