from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.http1 import BodyData, RequestDecoder, ResponseDecoder, encode_chunk
from rtlab.errors import InputError
from rtlab.network.chain import Chain
from rtlab.network.faults import (
    Answer,
    BufferingProxy,
    DropLastEventId,
    GzipProxy,
    Http10,
    Latency,
    RewriteAccept,
    StripUpgrade,
)
from rtlab.network.faults.fault import Piece, Sign

GET = (
    b"GET /sse/news?x=1 HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nLast-Event-ID: 7\r\n"
    b"Accept-Encoding: gzip, br\r\n\r\n"
)
POST = b"POST /publish/news HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
OPENING = (
    b"GET /ws/news HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade, X-Hop\r\nX-Hop: 1\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
ACCEL_HEAD = STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nX-Accel-Buffering: no\r\n\r\n")
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"0\r\n\r\n"
EVENT = encode_chunk(b"data: 0123456789\n\n")
BOTH_ENDED = [("down", Sign.END), ("up", Sign.END)]


class Talk:
    """A chain with faults, and what has come out of it."""

    def __init__(self, *faults, number=0):
        self.said = []
        self.out = []
        self.chain = Chain(number, 0, self.said.append)
        self.chain.apply(faults, 0)

    def up(self, data):
        return self._pass("up", data)

    def down(self, data):
        return self._pass("down", data)

    def apply(self, *faults):
        return self._took(self.chain.apply(faults, 9))

    def _pass(self, way, data):
        return self._took(self.chain.feed(Piece(way, data, 5)))

    def _took(self, pieces):
        """Give what came out downwards this time."""
        self.out += pieces
        return b"".join(p.data for p in pieces if p.direction == "down" and isinstance(p.data, bytes))

    @property
    def sent_up(self):
        return b"".join(p.data for p in self.out if p.direction == "up" and isinstance(p.data, bytes))

    @property
    def signs(self):
        return [(p.direction, p.data) for p in self.out if isinstance(p.data, Sign)]


def fields(request):
    return {name.lower(): value for name, value in RequestDecoder().feed(request)[0].headers}


def body_of(answer):
    return b"".join(event.data for event in ResponseDecoder().feed(answer) if isinstance(event, BodyData))


ALL = [
    StripUpgrade(),
    RewriteAccept(),
    DropLastEventId(),
    Answer(503, after_connections=1),
    BufferingProxy(50),
    GzipProxy(),
    Http10(),
]


@given(st.lists(st.sampled_from(ALL), max_size=4), st.lists(st.integers(1, 40), max_size=10), st.booleans())
def test_whatever_http_faults_do_the_events_arrive_when_the_stream_has_ended(faults, cuts, is_freed):
    talk = Talk(*faults)
    talk.up(GET)
    stream = STREAM_HEAD + EVENT * 5 + LAST
    received = b""
    for cut in cuts:
        received += talk.down(stream[:cut])
        stream = stream[cut:]
    if is_freed:
        received += talk.apply()
    received += talk.down(stream) if stream else b""
    decoder = ResponseDecoder()
    events = decoder.feed(received)
    if talk.signs:
        events += decoder.end()
    body = b"".join(event.data for event in events if isinstance(event, BodyData))
    if events[0].get("Content-Encoding") == "gzip":
        body = zlib.decompress(body, wbits=31)
    assert body == b"data: 0123456789\n\n" * 5


# Heads of requests.


def test_an_upgrade_is_stripped_with_all_that_connection_lists():
    talk = Talk(StripUpgrade())
    talk.up(OPENING)
    assert fields(talk.sent_up) == {"host": "a", "sec-websocket-version": "13"}
    assert talk.said == ["StripUpgrade: changed the head of GET /ws/news"]


def test_a_request_without_upgrade_keeps_every_byte():
    talk = Talk(StripUpgrade())
    talk.up(GET)
    assert talk.sent_up == GET


def test_each_request_of_a_connection_is_changed():
    talk = Talk(RewriteAccept("text/html"), DropLastEventId())
    for _ in range(2):
        talk.up(GET)
        talk.down(PLAIN)
    assert talk.sent_up.count(b"Accept: text/html\r\n") == 2
    assert b"Last-Event-ID" not in talk.sent_up
    assert b"event-stream" not in talk.sent_up


def test_no_accept_is_made_up():
    talk = Talk(RewriteAccept())
    talk.up(POST)
    assert talk.sent_up == POST


# An answer of the proxy.


def test_the_server_sees_nothing_of_a_request_that_the_proxy_answers():
    talk = Talk(Answer(502))
    answer = talk.up(GET)
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n")
    assert body_of(answer) == b"502 Bad Gateway\n"
    assert talk.sent_up == b""
    assert talk.signs == BOTH_ENDED
    assert talk.said == ["Answer: answered 502 to GET /sse/news"]


def test_connections_before_are_let_through():
    for number, passes in ((0, True), (1, True), (2, False)):
        talk = Talk(Answer(503, after_connections=2), number=number)
        talk.up(GET)
        assert (talk.sent_up == GET) == passes


def test_a_request_with_a_body_is_read_to_its_end_before_the_connection_is_closed():
    talk = Talk(Answer(503))
    assert talk.up(POST[:-2])
    assert talk.signs == [("down", Sign.END)]
    talk.up(POST[-2:])
    assert talk.signs == BOTH_ENDED
    assert talk.sent_up == b""


@pytest.mark.parametrize(("status", "expected"), [(204, b""), (304, b""), (599, b"599 \n")])
def test_an_answer_has_a_body_where_one_may_be(status, expected):
    answer = Talk(Answer(status)).up(GET)
    assert body_of(answer) == expected
    assert (b"Content-Length" in answer) == bool(expected)


def test_an_answer_to_head_has_no_body():
    assert Talk(Answer()).up(GET.replace(b"GET", b"HEAD")).endswith(b"\r\n\r\n")


def test_a_401_says_how_to_log_in():
    assert b"WWW-Authenticate: Basic" in Talk(Answer(401)).up(GET)
    assert b"Basic" not in Talk(Answer(401, headers=(("WWW-Authenticate", "Bearer"),))).up(GET)


def test_an_exchange_that_has_begun_is_not_answered():
    talk = Talk()
    talk.up(GET)
    talk.down(STREAM_HEAD)
    talk.apply(Answer(503))
    assert talk.down(EVENT) == EVENT
    assert talk.signs == []


# Buffering.


def test_events_are_held_until_the_buffer_is_full_and_the_head_with_them():
    talk = Talk(BufferingProxy(50))
    talk.up(GET)
    assert talk.down(STREAM_HEAD) == b""
    assert talk.down(EVENT) == b""
    assert talk.down(EVENT) == b""
    assert talk.down(EVENT) == STREAM_HEAD + (EVENT * 3)[:-6]  # the last 4 of 54 bytes wait, with the chunk's end
    assert talk.down(EVENT) == b""
    assert talk.said[1] == "BufferingProxy: passed on 50 bytes of a body at once"


def test_the_end_of_a_large_event_waits_until_a_buffer_is_full():
    talk = Talk(BufferingProxy(50, holds_head=False))
    talk.up(GET)
    talk.down(STREAM_HEAD)
    large = encode_chunk(b"data: " + b"x" * 120 + b"\n\n")
    first = talk.down(large)
    assert large.startswith(first)
    assert len(first) == len(b"80\r\n") + 100
    rest = talk.down(EVENT + EVENT)  # two chunks in one piece
    assert (large + EVENT + EVENT).startswith(first + rest)
    assert rest.startswith(large[len(first) :])
    assert first + rest + talk.down(LAST) == large + EVENT + EVENT + LAST


def test_a_head_may_go_first():
    talk = Talk(BufferingProxy(50, holds_head=False))
    talk.up(GET)
    assert talk.down(STREAM_HEAD) == STREAM_HEAD
    assert talk.down(EVENT) == b""


@pytest.mark.parametrize("rest", [LAST, Sign.END, Sign.RESET])
def test_what_is_held_goes_when_the_answer_ends(rest):
    talk = Talk(BufferingProxy())
    talk.up(GET)
    talk.down(STREAM_HEAD + EVENT)
    talk.down(rest)
    received = [piece.data for piece in talk.out if piece.direction == "down"]
    assert b"".join(data for data in received if isinstance(data, bytes)).startswith(STREAM_HEAD + EVENT)
    assert received[-1] == rest


def test_what_is_held_goes_when_the_fault_is_taken_away():
    talk = Talk(BufferingProxy())
    talk.up(GET)
    talk.down(STREAM_HEAD + EVENT)
    assert talk.apply() == STREAM_HEAD + EVENT
    assert talk.down(EVENT) == EVENT


@pytest.mark.parametrize("honours", [True, False])
@pytest.mark.parametrize("is_late", [True, False])
def test_x_accel_buffering_is_honoured_or_not(honours, is_late):
    fault = BufferingProxy(honours_accel=honours)
    talk = Talk() if is_late else Talk(fault)
    talk.up(GET)
    talk.down(ACCEL_HEAD)
    talk.apply(fault)
    assert (talk.down(EVENT) == EVENT) == honours


def test_a_websocket_is_not_buffered():
    talk = Talk(BufferingProxy())
    talk.up(OPENING)
    assert talk.down(SWITCHED + b"\x81\x02hi") == SWITCHED + b"\x81\x02hi"
    assert talk.down(b"\x81\x01!") == b"\x81\x01!"


def test_short_answers_of_a_kept_connection_pass_whole_one_by_one():
    talk = Talk(BufferingProxy())
    for _ in range(3):
        talk.up(POST)
        assert talk.down(PLAIN) == PLAIN
    talk.up(GET)
    assert talk.down(STREAM_HEAD + EVENT) == b""


# Compressing.


def test_a_compressed_stream_is_silent_until_much_has_come():
    talk = Talk(GzipProxy())
    talk.up(GET)
    head = talk.down(STREAM_HEAD)
    assert b"Content-Encoding: gzip\r\n" in head
    received = head + b"".join(talk.down(EVENT) for _ in range(100))
    assert len(body_of(received)) <= 10  # the header of gzip
    received += talk.down(LAST)
    assert zlib.decompress(body_of(received), wbits=31) == b"data: 0123456789\n\n" * 100
    assert received.endswith(LAST)


def test_a_compressor_that_is_taken_away_flushes_and_goes_on_flushing():
    talk = Talk(GzipProxy())
    talk.up(GET)
    received = talk.down(STREAM_HEAD + EVENT)
    inflate = zlib.decompressobj(wbits=31)
    received += talk.apply()
    assert inflate.decompress(body_of(received)) == b"data: 0123456789\n\n"
    for _ in range(3):
        received += talk.down(EVENT)
    talk.apply(Latency(0))  # it stays whatever else changes
    received += talk.down(EVENT + LAST)
    assert zlib.decompress(body_of(received), wbits=31) == b"data: 0123456789\n\n" * 5
    talk.up(GET)
    assert talk.down(STREAM_HEAD + EVENT) == STREAM_HEAD + EVENT


def test_a_body_that_ends_with_its_connection_is_finished_first():
    talk = Talk(GzipProxy())
    talk.up(GET)
    received = talk.down(b"HTTP/1.1 200 OK\r\n\r\n" + b"abc")
    received += talk.down(Sign.END)
    assert zlib.decompress(body_of(received), wbits=31) == b"abc"
    assert talk.signs == [("down", Sign.END)]


@pytest.mark.parametrize(
    ("request_head", "answer"),
    [
        (GET.replace(b"gzip, br", b"br"), STREAM_HEAD),
        (GET.replace(b"gzip, br", b"gzip;q=0, br"), STREAM_HEAD),
        (GET.replace(b"HTTP/1.1", b"HTTP/1.0"), STREAM_HEAD),
        (GET, STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: br\r\n\r\n")),
        (GET, STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nCache-Control: no-transform\r\n\r\n")),
        (GET, STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nCache-Control: No-Transform\r\n\r\n")),
        (GET, STREAM_HEAD.replace(b"200 OK", b"206 Partial Content")),
        (OPENING, SWITCHED),
    ],
)
def test_what_must_not_be_compressed_is_left_alone(request_head, answer):
    talk = Talk(GzipProxy())
    talk.up(request_head)
    assert talk.down(answer + EVENT) == answer + EVENT


# HTTP/1.0.


def test_a_request_goes_on_as_http_1_0():
    talk = Talk(Http10())
    talk.up(OPENING)
    assert talk.sent_up.startswith(b"GET /ws/news HTTP/1.0\r\n")
    assert fields(talk.sent_up) == {"host": "a", "sec-websocket-version": "13", "connection": "close"}


def test_an_answer_comes_back_without_chunks_and_ends_with_the_connection():
    talk = Talk(Http10())
    talk.up(GET)
    received = talk.down(b"HTTP/1.1 103 Early Hints\r\n\r\n" + STREAM_HEAD + EVENT)
    assert received.startswith(b"HTTP/1.0 200 OK\r\n")
    assert received.endswith(b"Connection: close\r\n\r\ndata: 0123456789\n\n")
    assert b"chunked" not in received
    assert talk.signs == []
    assert talk.down(EVENT + LAST) == b"data: 0123456789\n\n"
    assert talk.signs == BOTH_ENDED


def test_over_http_1_0_a_second_request_of_a_connection_does_not_reach_the_server():
    talk = Talk(Http10())
    talk.up(POST + GET + GET[:9])
    talk.up(GET[9:])
    assert talk.sent_up.startswith(b"POST /publish/news HTTP/1.0\r\n")
    assert talk.sent_up.endswith(b"\r\n\r\nhello")
    assert b"\r\n\r\nok" in talk.down(PLAIN)
    assert talk.signs == BOTH_ENDED


def test_a_stream_that_began_as_http_1_1_stays_so():
    talk = Talk()
    talk.up(GET)
    talk.down(STREAM_HEAD)
    talk.apply(Http10())
    assert talk.down(EVENT + LAST) == EVENT + LAST
    assert talk.signs == []


def test_a_stream_that_began_as_http_1_0_stays_so():
    talk = Talk(Http10())
    talk.up(GET)
    talk.down(STREAM_HEAD)
    talk.apply()
    assert talk.down(EVENT) == b"data: 0123456789\n\n"


# Order and settings.


def test_faults_of_tcp_come_after_those_of_http():
    talk = Talk(Latency(80), Answer(503))
    talk.up(GET)
    assert {piece.at_ns for piece in talk.out} == {5 + 80_000_000}


@pytest.mark.parametrize(
    "make",
    [
        lambda: RewriteAccept("a\r\nb"),
        lambda: Answer(101),
        lambda: Answer(600),
        lambda: Answer(503, -1),
        lambda: Answer(503, headers=(("a b", "c"),)),
        lambda: Answer(503, headers=("Retry-After", "5")),
        lambda: BufferingProxy(0),
    ],
)
def test_a_setting_that_cannot_work_is_refused(make):
    with pytest.raises(InputError):
        make()
