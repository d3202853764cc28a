"""What holds for every dissection: each byte is named once, whatever the bytes are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.dissect import Dissection, Hint, dissect
from rtlab.codecs.http1 import (
    LAST_CHUNK,
    RequestHead,
    ResponseHead,
    encode_chunk,
    encode_request_head,
    encode_response_head,
)
from rtlab.codecs.sse import EventStreamDecoder, encode_comment, encode_event
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_request, make_key, opening_request, opening_response
from rtlab.errors import InputError
from rtlab.records import Direction, WireChunk, WireUnit

HINTS: list[Hint] = ["request", "response", "client frames", "server frames", "event stream"]
LAYERS = {"TLS", "HTTP/1.1", "opening handshake", "event stream", "WebSocket"}

# Traffic, built with the project's own encoders.

TOKENS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=20)
FIELDS = st.lists(st.tuples(TOKENS.map("X-".__add__), VALUES), max_size=3).map(tuple)
TEXT_LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ONE_LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12)
EVENTS = st.builds(encode_event, TEXT_LINES, event=ONE_LINE, id=st.none() | ONE_LINE)
STREAMS = st.lists(EVENTS | st.builds(encode_comment, ONE_LINE), max_size=5).map(b"".join)
CUTS = st.lists(st.integers(1, 30), max_size=12)

Exchange = tuple[bytes, bytes]


def pieces(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Cut data into pieces of the given sizes; the last piece is what remains."""
    cut = []
    for size in sizes:
        cut.append(data[:size])
        data = data[size:]
    return [piece for piece in (*cut, data) if piece]


@st.composite
def requests_with_answers(draw: st.DrawFn, *, is_last: bool = True) -> Exchange:
    method = draw(st.sampled_from(["GET", "POST", "HEAD"]))
    target = "/" + draw(TOKENS)
    body = draw(st.binary(max_size=40)) if method == "POST" else b""
    length = (("Content-Length", str(len(body))),) if body else ()
    request = encode_request_head(RequestHead(method, target, (("Host", "h"), *draw(FIELDS), *length))) + body
    status = draw(st.sampled_from([200, 204, 404]))
    stream = draw(STREAMS)
    coding = draw(st.sampled_from(["chunked", "length", "close"] if is_last else ["chunked", "length"]))
    fields = [("Content-Type", "text/event-stream"), *draw(FIELDS)]
    sent = stream
    if coding == "chunked":
        fields.append(("Transfer-Encoding", "chunked"))
        sent = b"".join(map(encode_chunk, pieces(stream, draw(CUTS)))) + LAST_CHUNK
    elif coding == "length":
        fields.append(("Content-Length", str(len(stream))))
    if method == "HEAD" or status == 204:
        sent = b""
    return request, encode_response_head(ResponseHead(status, "", tuple(fields))) + sent


@st.composite
def frames(draw: st.DrawFn, *, from_client: bool) -> list[bytes]:
    """Legal frames: whole messages and fragmented ones with control frames between, and perhaps a close frame."""

    def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
        key = draw(st.binary(min_size=4, max_size=4)) if from_client else None
        return encode_frame(opcode, payload, fin=fin, masking_key=key)

    wire = []
    for _ in range(draw(st.integers(0, 4))):
        opcode = draw(st.sampled_from([TEXT, BINARY]))
        payload = draw(TEXT_LINES).encode() * draw(st.sampled_from([1, 1, 30]))
        parts = pieces(payload, draw(CUTS)) or [b""]
        for number, part in enumerate(parts):
            wire.append(frame(CONTINUATION if number else opcode, part, fin=number == len(parts) - 1))
            if draw(st.booleans()):
                wire.append(frame(draw(st.sampled_from([PING, PONG])), draw(st.binary(max_size=9))))
    if draw(st.booleans()):
        wire.append(frame(CLOSE, encode_close_payload(draw(st.sampled_from([1000, 1011, 4999])), draw(ONE_LINE))))
    return wire


@st.composite
def websockets(draw: st.DrawFn) -> Exchange:
    request = opening_request("h", "/ws", make_key(draw(st.binary(min_size=16, max_size=16))), headers=draw(FIELDS))
    response = opening_response(check_opening_request(request), headers=draw(FIELDS))
    up, down = draw(frames(from_client=True)), draw(frames(from_client=False))
    return encode_request_head(request) + b"".join(up), encode_response_head(response) + b"".join(down)


@st.composite
def connections(draw: st.DrawFn) -> Exchange:
    """One connection: some exchanges on it, then a last one or a WebSocket."""
    exchanges = draw(st.lists(requests_with_answers(is_last=False), max_size=2))
    exchanges.append(draw(requests_with_answers() | websockets()))
    ups, downs = zip(*exchanges, strict=True)
    return b"".join(ups), b"".join(downs)


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    spoilt = bytearray(data)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(spoilt)))
        gone = draw(st.integers(0, 4))
        spoilt[at : at + gone] = draw(
            st.binary(max_size=4) | st.sampled_from([b"\r\n", b"\n", b"\r", b": ", b"\0"])
        )
    return bytes(spoilt)


# Checks.


def assert_covers(units: Sequence[WireUnit], data: bytes) -> None:
    at = 0
    for unit in units:
        assert unit.offset == at
        assert unit.length_bytes > 0
        assert unit.layer in LAYERS
        assert unit.unit and unit.text and unit.spec
        at += unit.length_bytes
    assert at == len(data)


def assert_names_all(dissection: Dissection, up: bytes, down: bytes) -> None:
    assert (dissection.up_bytes, dissection.down_bytes) == (up, down)
    assert_covers(dissection.up, up)
    assert_covers(dissection.down, down)


def all_text(dissection: Dissection) -> str:
    return "\n".join(unit.text for unit in dissection.up + dissection.down)


def odd_units(dissection: Dissection) -> list[WireUnit]:
    words = ("unfinished", "not HTTP", "not TLS", "unreadable", "after", "another", "empty line before")
    units = dissection.up + dissection.down
    return [u for u in units if "Broken rule:" in u.text or any(word in u.unit for word in words)]


# Coverage.


@given(connections())
def test_every_byte_of_a_correct_connection_is_named_once_and_nothing_is_found_wrong(connection: Exchange) -> None:
    dissection = dissect(connection)
    assert_names_all(dissection, *connection)
    assert odd_units(dissection) == []


@given(connections(), st.data())
def test_bytes_that_end_anywhere_are_all_named(connection: Exchange, data: st.DataObject) -> None:
    up, down = (part[: data.draw(st.integers(0, len(part)))] for part in connection)
    assert_names_all(dissect((up, down)), up, down)


@given(connections(), st.data())
def test_spoilt_bytes_are_all_named(connection: Exchange, data: st.DataObject) -> None:
    up, down = (data.draw(mutated(part)) for part in connection)
    assert_names_all(dissect((up, down)), up, down)


@given(st.binary(max_size=200), st.binary(max_size=200), st.none() | st.sampled_from(HINTS))
def test_garbage_is_all_named(up: bytes, down: bytes, hint: Hint | None) -> None:
    assert_names_all(dissect((up, down)), up, down)
    alone = dissect(up, hint=hint)
    assert_names_all(alone, alone.up_bytes, alone.down_bytes)
    assert alone.up_bytes + alone.down_bytes == up


@given(connections(), st.none() | st.sampled_from(HINTS))
def test_one_direction_alone_is_all_named(connection: Exchange, hint: Hint | None) -> None:
    for part in connection:
        alone = dissect(part, hint=hint)
        assert_names_all(alone, alone.up_bytes, alone.down_bytes)
        assert alone.up_bytes + alone.down_bytes == part


def test_truncation_at_every_offset_of_one_connection_is_named() -> None:
    for cut in range(len(SSE_UP) + 1):
        assert_names_all(dissect((SSE_UP[:cut], b"")), SSE_UP[:cut], b"")
    for cut in range(len(SSE_DOWN) + 1):
        assert_names_all(dissect((SSE_UP, SSE_DOWN[:cut])), SSE_UP, SSE_DOWN[:cut])
    for cut in range(len(WS_UP) + 1):
        assert_names_all(dissect((WS_UP[:cut], WS_DOWN[:cut])), WS_UP[:cut], WS_DOWN[:cut])


@given(connections(), CUTS, CUTS)
def test_it_does_not_matter_how_the_capture_was_cut_into_chunks(
    connection: Exchange, up_sizes: list[int], down_sizes: list[int]
) -> None:
    up, down = connection
    chunks = [wire_chunk("up", piece) for piece in pieces(up, up_sizes)]
    chunks += [wire_chunk("down", piece) for piece in pieces(down, down_sizes)]
    chunks.sort(key=lambda chunk: len(chunk.data))  # mixes the directions
    up, down = (b"".join(c.data for c in chunks if c.direction == way) for way in ("up", "down"))
    assert dissect(chunks) == dissect((up, down))


def wire_chunk(direction: Direction, data: bytes, connection_id: int = 0) -> WireChunk:
    return WireChunk("sse-0", connection_id, direction, 0, data)


@given(st.lists(STREAMS, min_size=1, max_size=3).map(b"".join), CUTS)
def test_a_chunked_event_stream_delivers_the_events_that_the_decoder_delivers(
    stream: bytes, sizes: list[int]
) -> None:
    head = ResponseHead(200, "", (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")))
    chunks = b"".join(map(encode_chunk, pieces(stream, sizes)))
    down = encode_response_head(head) + chunks + LAST_CHUNK
    units = dissect(down).down
    inner = [unit for unit in units if unit.layer == "event stream"]
    assert b"".join(down[unit.offset : unit.offset + unit.length_bytes] for unit in inner) == stream
    delivered = EventStreamDecoder().feed(stream)
    assert sum(unit.unit == "dispatch" for unit in inner) == len(delivered)


HOSTILE = {
    "no line end": b"GET " + b" " * 2**20,
    "no HTTP": b"\xffGET x" * 2**17,
    "no version": b"HTTP/" * 2**18,
    "slashes in one line": b"x HTTP/" * 2**17,
    "commas": b"GET / HTTP/1.1\r\nUpgrade: " + b"," * 2**20 + b"\r\n\r\n",
    "parameters": b"GET /" + b"?token=" * 2**17 + b" HTTP/1.1\r\n\r\n",
    "chunk extension": b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 2**20,
    "bad chunk sizes": b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\nz" + b"\r\n1  ;\rx" * 2**17,
    "one field": b"data: " + b"x" * 2**20,
    "one frame": b"\x81\xff" + (2**20).to_bytes(8, "big") + b"abcd" + b"\x10" * 2**20,
    "one answer": b"HTTP/1.1 101 \r\nUpgrade: websocket\r\n" + b"Sec-WebSocket-Accept: x\r\n" * 2**12,
}


@pytest.mark.timeout(30)  # a reading that is quadratic takes hours
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_long_hostile_input_is_named_in_linear_time(data: bytes) -> None:
    dissection = dissect(data)
    assert_names_all(dissection, dissection.up_bytes, dissection.down_bytes)
    assert len(dissection.up + dissection.down) < 25_000


# What is given.


@pytest.mark.parametrize(
    ("data", "direction", "first"),
    [
        (b"GET / HTTP/1.1\r\n", "up", "method"),
        (b"GE", "up", "unfinished method"),
        (b"HTTP/1.1 200 OK\r\n", "down", "version"),
        (b"HT", "down", "unfinished version"),
        (b"\x81\x85", "up", "FIN, RSV and opcode"),
        (b"\x81\x05Hello", "down", "FIN, RSV and opcode"),
        (b"data: x\n\n", "down", "field name"),
        (b"\xef\xbb\xbf: hi\n", "down", "byte order mark"),
        (b"\x16\x03\x01\x00\x05\x01", "up", "content type"),
        (b"\x16\x03\x03\x00\x05\x02", "down", "content type"),
        (b"\xde\xad\xbe\xef", "up", "not HTTP"),
    ],
)
def test_bytes_alone_are_recognised_by_their_start(data: bytes, direction: Direction, first: str) -> None:
    dissection = dissect(data)
    units = dissection.up if direction == "up" else dissection.down
    assert units[0].unit == first


def test_a_hint_overrules_the_start() -> None:
    assert dissect(b"GET: x\n", hint="event stream").down[0].unit == "field name"
    assert dissect(b"A\x01x", hint="server frames").down[0].layer == "WebSocket"
    assert dissect(b"data: x\n", hint="response").down[0].unit == "not HTTP"
    assert "A client must mask" in dissect(b"\x81\x01x", hint="client frames").up[1].text


def test_no_bytes_have_no_units() -> None:
    for nothing in (b"", (b"", b""), []):
        dissection = dissect(nothing)
        assert (dissection.up, dissection.down) == ((), ())
        assert repr(dissection) == "no bytes"


def test_chunks_of_two_connections_are_refused() -> None:
    with pytest.raises(InputError, match="several connections"):
        dissect([wire_chunk("up", b"a", 0), wire_chunk("down", b"b", 1)])


def test_a_hint_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="one direction"):
        dissect((b"", b""), hint="request")
    with pytest.raises(InputError, match="client frames"):
        dissect(b"", hint="frames")  # type: ignore[arg-type]


def test_what_is_neither_bytes_nor_chunks_is_refused() -> None:
    with pytest.raises(InputError, match="WireChunk"):
        dissect([b"GET / HTTP/1.1\r\n"])  # type: ignore[list-item]


# Secrets.

SECRET_FIELDS = [
    "Cookie",
    "cookie",
    "AUTHORIZATION",
    "Proxy-Authorization",
    "Set-Cookie",
    "X-Rtlab-Nonce",
    "Cookie ",
]


@given(st.sampled_from(SECRET_FIELDS), st.integers(0, 200), st.sampled_from(["", " ", "\r\n "]))
def test_secret_values_are_never_shown_wherever_the_bytes_end(name: str, cut: int, fold: str) -> None:
    fields = f"Host: h\r\n{name}:{fold}SECRET SECRET\r\nX: a\r{name}: SECRET\r\n".encode()
    up = b"GET /?nonce=SECRET&x=1 HTTP/1.1\r\n" + fields
    down = b"HTTP/1.1 200 OK\r\nLocation: /?token=SECRET\r\nTransfer-Encoding: chunked\r\n" + fields
    trailer = b"0\r\n" + fields + b"\r\n"
    up, down = up + b"\r\n", down + b"\r\n" + trailer
    for dissection in (dissect((up, down)), dissect((up[:cut], down[:cut])), dissect((b"", down[: cut + 150]))):
        assert "SEC" not in all_text(dissection)
        assert b"SEC".hex(" ") not in repr(dissection)


def test_a_secret_is_counted() -> None:
    units = dissect(b"GET / HTTP/1.1\r\nHost: h\r\nCookie: a=b\r\n\r\n").up
    assert [unit.text for unit in units if unit.text.startswith("redacted")] == ["redacted, 3 bytes"]


# How it looks.

SSE_UP = b"GET /sse/news HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/event-stream\r\nCookie: session=1\r\n\r\n"
SSE_DOWN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"e\r\nretry: 1000\n\n\xe2\r\n12\r\n\x80\xa6 ignored\nid: 7\nd\r\n11\r\nata: caf\xc3\xa9\n\n: hi\n\r\n0\r\n\r\n"
)
