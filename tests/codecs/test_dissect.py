"""What holds for every dissection: each byte is named once, whatever the bytes are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
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

some = settings(deadline=None, max_examples=60)


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
    words = ("unfinished", "not HTTP", "not TLS", "unreadable", "after the", "another protocol")
    units = dissection.up + dissection.down
    return [u for u in units if "Broken rule:" in u.text or any(word in u.unit for word in words)]


# Coverage.


@some
@given(connections())
def test_every_byte_of_a_correct_connection_is_named_once_and_nothing_is_found_wrong(connection: Exchange) -> None:
    dissection = dissect(connection)
    assert_names_all(dissection, *connection)
    assert odd_units(dissection) == []


@some
@given(connections(), st.data())
def test_bytes_that_end_anywhere_are_all_named(connection: Exchange, data: st.DataObject) -> None:
    up, down = (part[: data.draw(st.integers(0, len(part)))] for part in connection)
    assert_names_all(dissect((up, down)), up, down)


@some
@given(connections(), st.data())
def test_spoilt_bytes_are_all_named(connection: Exchange, data: st.DataObject) -> None:
    up, down = (data.draw(mutated(part)) for part in connection)
    assert_names_all(dissect((up, down)), up, down)


@some
@given(st.binary(max_size=200), st.binary(max_size=200), st.none() | st.sampled_from(HINTS))
def test_garbage_is_all_named(up: bytes, down: bytes, hint: Hint | None) -> None:
    assert_names_all(dissect((up, down)), up, down)
    alone = dissect(up, hint=hint)
    assert_names_all(alone, alone.up_bytes, alone.down_bytes)
    assert alone.up_bytes + alone.down_bytes == up


@some
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


@some
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


@some
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
    for dissection in (dissect(b""), dissect((b"", b"")), dissect([])):
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


@some
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
    assert [unit.text for unit in units if unit.text.startswith("redacted")] == ["redacted, 3 bytes."]


# How it looks.

SSE_UP = b"GET /sse/news HTTP/1.1\r\nHost: localhost\r\nCookie: session=1\r\nLast-Event-ID: 6\r\n\r\n"
SSE_DOWN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    + encode_chunk(b"retry: 1000\n\nid: 7\ndata: caf\xc3")
    + encode_chunk(b"\xa9\n\n: hi\n")
    + LAST_CHUNK
)
WS_UP = (
    b"GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
) + bytes.fromhex("818537fa213d7f9f4d5158 888237fa213d3412")
WS_DOWN = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
) + bytes.fromhex("010348656c 8900 80026c6f 880203e8")

SSE_SHOWN = """\
client to server, 80 bytes
offset  bytes                      layer              meaning
     0  47 45 54                   HTTP/1.1           method: GET asks for a resource.
     3  20                         HTTP/1.1           space: One space separates method and target.
     4  2f 73 73 65 2f 6e 65 77…   HTTP/1.1           request target: '/sse/news'.
    13  20                         HTTP/1.1           space: One space separates target and version.
    14  48 54 54 50 2f 31 2e 31    HTTP/1.1           version: 'HTTP/1.1'.
    22  0d 0a                      HTTP/1.1           line end: Ends the line.
    24  48 6f 73 74                HTTP/1.1           field name: Host: which site of the server is meant.
    28  3a                         HTTP/1.1           colon: Ends the name.
    29  20                         HTTP/1.1           whitespace: Not part of the value.
    30  6c 6f 63 61 6c 68 6f 73…   HTTP/1.1           field value: 'localhost'.
    39  0d 0a                      HTTP/1.1           line end: Ends the line.
    41  43 6f 6f 6b 69 65          HTTP/1.1           field name: Cookie: what the server asked the client to send back.
    47  3a                         HTTP/1.1           colon: Ends the name.
    48  20                         HTTP/1.1           whitespace: Not part of the value.
    49  ·· ·· ·· ·· ·· ·· ·· ··    HTTP/1.1           field value: redacted, 9 bytes.
    58  0d 0a                      HTTP/1.1           line end: Ends the line.
    60  4c 61 73 74 2d 45 76 65…   HTTP/1.1           field name: Last-Event-ID: the last event that the client has, to go on after it.
    73  3a                         HTTP/1.1           colon: Ends the name.
    74  20                         HTTP/1.1           whitespace: Not part of the value.
    75  36                         HTTP/1.1           field value: '6'.
    76  0d 0a                      HTTP/1.1           line end: Ends the line.
    78  0d 0a                      HTTP/1.1           end of head: An empty line ends the head. No body follows.
server to client, 133 bytes
offset  bytes                      layer              meaning
     0  48 54 54 50 2f 31 2e 31    HTTP/1.1           version: 'HTTP/1.1'.
     8  20                         HTTP/1.1           space: One space separates version and status code.
     9  32 30 30                   HTTP/1.1           status code: 200 OK: the request has succeeded.
    12  20                         HTTP/1.1           space: One space separates status code and phrase.
    13  4f 4b                      HTTP/1.1           reason phrase: 'OK': words for people, which programs ignore.
    15  0d 0a                      HTTP/1.1           line end: Ends the line.
    17  43 6f 6e 74 65 6e 74 2d…   HTTP/1.1           field name: Content-Type: the media type of the body.
    29  3a                         HTTP/1.1           colon: Ends the name.
    30  20                         HTTP/1.1           whitespace: Not part of the value.
    31  74 65 78 74 2f 65 76 65…   HTTP/1.1           field value: 'text/event-stream'. An EventSource accepts this type only.
    48  0d 0a                      HTTP/1.1           line end: Ends the line.
    50  54 72 61 6e 73 66 65 72…   HTTP/1.1           field name: Transfer-Encoding: how the body is wrapped for the way; chunked: in pieces.
    67  3a                         HTTP/1.1           colon: Ends the name.
    68  20                         HTTP/1.1           whitespace: Not part of the value.
    69  63 68 75 6e 6b 65 64       HTTP/1.1           field value: 'chunked'.
    76  0d 0a                      HTTP/1.1           line end: Ends the line.
    78  0d 0a                      HTTP/1.1           end of head: An empty line ends the head. A body in chunks follows.
    80  31 64                      HTTP/1.1           chunk size: The chunk has 29 bytes; the size is hexadecimal.
    82  0d 0a                      HTTP/1.1           line end: Ends the line.
    84  72 65 74 72 79             event stream       field name: retry: the reconnection time in milliseconds.
    89  3a                         event stream       colon: Ends the field's name.
    90  20                         event stream       space: One space after the colon is dropped.
    91  31 30 30 30                event stream       field value: '1000'.
    95  0a                         event stream       line end: LF ends the line.
    96  0a                         event stream       empty line: An empty line (LF); there is no data before it, so no event is delivered.
    97  69 64                      event stream       field name: id: the last event ID, sent back after a reconnection.
    99  3a                         event stream       colon: Ends the field's name.
   100  20                         event stream       space: One space after the colon is dropped.
   101  37                         event stream       field value: '7'.
   102  0a                         event stream       line end: LF ends the line.
   103  64 61 74 61                event stream       field name: data: one line of the event's text.
   107  3a                         event stream       colon: Ends the field's name.
   108  20                         event stream       space: One space after the colon is dropped.
   109  63 61 66 c3                event stream       field value: 'café'. Continues in the next chunk, in the middle of a character.
   113  0d 0a                      HTTP/1.1           end of chunk: CR LF follows the data; it is not part of it.
   115  38                         HTTP/1.1           chunk size: The chunk has 8 bytes; the size is hexadecimal.
   116  0d 0a                      HTTP/1.1           line end: Ends the line.
   118  a9                         event stream       field value: Continued from the chunk before. 'café'.
   119  0a                         event stream       line end: LF ends the line.
   120  0a                         event stream       dispatch: An empty line (LF) delivers an event: 'message' with data 'café', last event ID '7'.
   121  3a 20 68 69                event stream       comment: A comment, which no client delivers; often a heartbeat: 'hi'.
   125  0a                         event stream       line end: LF ends the line.
   126  0d 0a                      HTTP/1.1           end of chunk: CR LF follows the data; it is not part of it.
   128  30                         HTTP/1.1           last chunk: A chunk of no bytes ends the body.
   129  0d 0a                      HTTP/1.1           line end: Ends the line.
   131  0d 0a                      HTTP/1.1           end of body: An empty line ends the chunked body.
"""  # noqa: E501

WS_SHOWN = """\
client to server, 171 bytes
offset  bytes                      layer              meaning
     0  47 45 54                   HTTP/1.1           method: GET asks for a resource.
     3  20                         HTTP/1.1           space: One space separates method and target.
     4  2f 65 63 68 6f             HTTP/1.1           request target: '/echo'.
     9  20                         HTTP/1.1           space: One space separates target and version.
    10  48 54 54 50 2f 31 2e 31    HTTP/1.1           version: 'HTTP/1.1'.
    18  0d 0a                      HTTP/1.1           line end: Ends the line.
    20  48 6f 73 74                HTTP/1.1           field name: Host: which site of the server is meant.
    24  3a                         HTTP/1.1           colon: Ends the name.
    25  20                         HTTP/1.1           whitespace: Not part of the value.
    26  6c 6f 63 61 6c 68 6f 73…   HTTP/1.1           field value: 'localhost'.
    35  0d 0a                      HTTP/1.1           line end: Ends the line.
    37  55 70 67 72 61 64 65       opening handshake  field name: Upgrade: to which protocol the connection shall change.
    44  3a                         opening handshake  colon: Ends the name.
    45  20                         opening handshake  whitespace: Not part of the value.
    46  77 65 62 73 6f 63 6b 65…   opening handshake  field value: 'websocket'.
    55  0d 0a                      opening handshake  line end: Ends the line.
    57  43 6f 6e 6e 65 63 74 69…   opening handshake  field name: Connection: options for this connection alone, not for the next hop.
    67  3a                         opening handshake  colon: Ends the name.
    68  20                         opening handshake  whitespace: Not part of the value.
    69  55 70 67 72 61 64 65       opening handshake  field value: 'Upgrade'.
    76  0d 0a                      opening handshake  line end: Ends the line.
    78  53 65 63 2d 57 65 62 53…   opening handshake  field name: Sec-WebSocket-Version: the version of the WebSocket protocol.
    99  3a                         opening handshake  colon: Ends the name.
   100  20                         opening handshake  whitespace: Not part of the value.
   101  31 33                      opening handshake  field value: '13'.
   103  0d 0a                      opening handshake  line end: Ends the line.
   105  53 65 63 2d 57 65 62 53…   opening handshake  field name: Sec-WebSocket-Key: a random value that the server must answer.
   122  3a                         opening handshake  colon: Ends the name.
   123  20                         opening handshake  whitespace: Not part of the value.
   124  64 47 68 6c 49 48 4e 68…   opening handshake  field value: 'dGhlIHNhbXBsZSBub25jZQ=='. 16 random bytes in base64.
   148  0d 0a                      opening handshake  line end: Ends the line.
   150  0d 0a                      HTTP/1.1           end of head: An empty line ends the head. No body follows.
   152  81                         WebSocket          FIN, RSV and opcode: FIN=1 RSV=000 opcode=1. A text message.
   153  85                         WebSocket          mask bit and length: MASK=1 length=5: masked, 5 bytes of payload.
   154  37 fa 21 3d                WebSocket          masking key: Each byte of the payload was XORed with one of these, in turn. The key is no secret.
   158  7f 9f 4d 51 58             WebSocket          payload: Unmasked: 'Hello'.
   163  88                         WebSocket          FIN, RSV and opcode: FIN=1 RSV=000 opcode=8. Close: the sender will send nothing more.
   164  82                         WebSocket          mask bit and length: MASK=1 length=2: masked, 2 bytes of payload.
   165  37 fa 21 3d                WebSocket          masking key: Each byte of the payload was XORed with one of these, in turn. The key is no secret.
   169  34 12                      WebSocket          close code: Unmasked: 1000: a normal end.
server to client, 144 bytes
offset  bytes                      layer              meaning
     0  48 54 54 50 2f 31 2e 31    HTTP/1.1           version: 'HTTP/1.1'.
     8  20                         HTTP/1.1           space: One space separates version and status code.
     9  31 30 31                   HTTP/1.1           status code: 101 Switching Protocols: another protocol follows this head.
    12  20                         HTTP/1.1           space: One space separates status code and phrase.
    13  53 77 69 74 63 68 69 6e…   HTTP/1.1           reason phrase: 'Switching Protocols': words for people, which programs ignore.
    32  0d 0a                      HTTP/1.1           line end: Ends the line.
    34  55 70 67 72 61 64 65       opening handshake  field name: Upgrade: to which protocol the connection shall change.
    41  3a                         opening handshake  colon: Ends the name.
    42  20                         opening handshake  whitespace: Not part of the value.
    43  77 65 62 73 6f 63 6b 65…   opening handshake  field value: 'websocket'.
    52  0d 0a                      opening handshake  line end: Ends the line.
    54  43 6f 6e 6e 65 63 74 69…   opening handshake  field name: Connection: options for this connection alone, not for the next hop.
    64  3a                         opening handshake  colon: Ends the name.
    65  20                         opening handshake  whitespace: Not part of the value.
    66  55 70 67 72 61 64 65       opening handshake  field value: 'Upgrade'.
    73  0d 0a                      opening handshake  line end: Ends the line.
    75  53 65 63 2d 57 65 62 53…   opening handshake  field name: Sec-WebSocket-Accept: proves that the server read the key and speaks WebSocket.
    95  3a                         opening handshake  colon: Ends the name.
    96  20                         opening handshake  whitespace: Not part of the value.
    97  73 33 70 50 4c 4d 42 69…   opening handshake  field value: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='. Right: the SHA-1 of the key and the protocol's GUID, in base64.
   125  0d 0a                      opening handshake  line end: Ends the line.
   127  0d 0a                      HTTP/1.1           end of head: An empty line ends the head. WebSocket frames follow.
   129  01                         WebSocket          FIN, RSV and opcode: FIN=0 RSV=000 opcode=1. A text message begins; more fragments follow.
   130  03                         WebSocket          mask bit and length: MASK=0 length=3: not masked, 3 bytes of payload.
   131  48 65 6c                   WebSocket          payload: 'Hel'.
   134  89                         WebSocket          FIN, RSV and opcode: FIN=1 RSV=000 opcode=9. Ping: asks for a sign of life.
   135  00                         WebSocket          mask bit and length: MASK=0 length=0: not masked, 0 bytes of payload.
   136  80                         WebSocket          FIN, RSV and opcode: FIN=1 RSV=000 opcode=0. The last fragment of a text message.
   137  02                         WebSocket          mask bit and length: MASK=0 length=2: not masked, 2 bytes of payload.
   138  6c 6f                      WebSocket          payload: 'lo'.
   140  88                         WebSocket          FIN, RSV and opcode: FIN=1 RSV=000 opcode=8. Close: the sender will send nothing more.
   141  02                         WebSocket          mask bit and length: MASK=0 length=2: not masked, 2 bytes of payload.
   142  03 e8                      WebSocket          close code: 1000: a normal end.
"""  # noqa: E501


def test_an_event_stream_is_shown_byte_by_byte() -> None:
    assert repr(dissect((SSE_UP, SSE_DOWN))) + "\n" == SSE_SHOWN


def test_a_websocket_is_shown_byte_by_byte() -> None:
    assert repr(dissect((WS_UP, WS_DOWN))) + "\n" == WS_SHOWN


def test_a_long_dissection_is_shown_in_part() -> None:
    shown = repr(dissect(b":\n" * 1000)).splitlines()
    assert len(shown) == 2 + 500 + 1
    assert shown[-1].strip() == "and 1500 units more"


def test_nothing_that_a_terminal_would_obey_is_shown() -> None:
    evil = "\x1b]0;title\x07\u202e"
    down = b"HTTP/1.1 200 " + evil.encode() + b"\r\nX-" + evil.encode() + b": " + evil.encode() + b"\r\n\r\n"
    for dissection in (dissect(down), dissect(encode_event(evil)), dissect(encode_frame(TEXT, evil.encode()))):
        assert all(line.isprintable() for line in repr(dissection).splitlines())
