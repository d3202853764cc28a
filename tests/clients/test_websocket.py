from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trustme

import rtlab
from rtlab import clock
from rtlab.clients.websocket import LINGER_S, WebSocket
from rtlab.codecs.websocket_decoder import EventDecoder
from rtlab.codecs.websocket_events import CloseReceived, PongReceived
from rtlab.codecs.websocket_frames import Opcode, encode_frame
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError, LocalProtocolError, WaitTimeout
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.usefixtures("known_epoch")


def accepted(*fields: bytes) -> Callable[[Any], bytes]:
    """Answer an opening handshake as it should be, with further header fields."""

    def answer(request: Any) -> bytes:
        accept = b"Sec-WebSocket-Accept: " + accept_key(request.get(b"Sec-WebSocket-Key").decode()).encode()
        lines = (
            b"HTTP/1.1 101 Switching Protocols",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            accept,
            *fields,
        )
        return b"\r\n".join((*lines, b"", b""))

    return answer


def text(data: str) -> bytes:
    return encode_frame(Opcode.TEXT, data.encode())


def close(code: int, reason: str = "") -> bytes:
    return encode_frame(Opcode.CLOSE, code.to_bytes(2) + reason.encode())


BYE = ("read", close(1000))
"""Steps of a server that answers the client's close frame."""


def close_sent(received: bytes) -> CloseReceived | None:
    """Give the close frame at the end of what a client sent."""
    events = EventDecoder(peer_masks=True, max_message_bytes=1 << 26, max_fragments=1).feed(received)
    return events[-1] if events and isinstance(events[-1], CloseReceived) else None


# The opening handshake.


def test_the_opening_request_offers_what_was_asked_for(serve: Any) -> None:
    server = serve([accepted(b"Sec-WebSocket-Protocol: b"), *BYE])
    with WebSocket(
        server.url("ws", "/ws?a=b"), subprotocols=("a", "b"), origin="http://page.test", headers=(("X", "y"),)
    ) as ws:
        assert ws.subprotocol == "b"
        (request,) = server.requests
    assert request.line == b"GET /ws?a=b HTTP/1.1"
    assert request.get(b"Host") == f"127.0.0.1:{server.port}".encode()
    assert request.get(b"Sec-WebSocket-Version") == b"13"
    assert request.get(b"Sec-WebSocket-Protocol") == b"a, b"
    assert request.get(b"Origin") == b"http://page.test"
    assert request.get(b"X") == b"y"
    assert request.get(b"Sec-WebSocket-Extensions") is None


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 426, 500, 503])
def test_a_refused_handshake_carries_its_status_and_the_servers_words(serve: Any, status: int) -> None:
    server = serve([b"HTTP/1.1 %d Refused\r\nContent-Length: 9\r\n\r\nnot today" % status])
    with pytest.raises(ConnectionFailed, match=f"{status} not today$") as caught:
        WebSocket(server.url("ws")).open()
    assert caught.value.status == status


def test_a_refusal_by_a_lab_carries_its_status(lab: Lab) -> None:
    with pytest.raises(ConnectionFailed, match="another origin") as caught:
        WebSocket(lab.ws_url(), origin="http://evil.test").open()
    assert caught.value.status == 403


@pytest.mark.parametrize(
    "rest",
    [[], [b"Content-Length: 9\r\n\r\nhalf"], [b"\r\n" + b"endless " * 10_000, "hold"]],
    ids=["no end of the head", "cut short", "without end"],
)
def test_a_refusal_with_an_odd_body_still_carries_its_status(serve: Any, rest: list[Any]) -> None:
    server = serve([b"HTTP/1.1 403 Forbidden\r\n" + (rest[0] if rest else b"\r\n"), *rest[1:]])
    with pytest.raises(ConnectionFailed, match="403") as caught:
        WebSocket(server.url("ws")).open()
    assert caught.value.status == 403
    assert len(str(caught.value)) < 300


def test_an_event_stream_instead_of_a_websocket_is_a_refusal(lab: Lab) -> None:
    with pytest.raises(ConnectionFailed, match="200") as caught:
        WebSocket(lab.sse_url().replace("http", "ws")).open()
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: accepted()(request).replace(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: x"),
        lambda request: re.sub(rb"Sec-WebSocket-Accept: \S+\r\n", b"", accepted()(request)),
        lambda request: accepted()(request).replace(b"Upgrade: websocket", b"Upgrade: h2c"),
        lambda request: accepted()(request).replace(b"Connection: Upgrade", b"Connection: close"),
        accepted(b"Sec-WebSocket-Protocol: not-offered"),
        accepted(b"Sec-WebSocket-Extensions: permessage-deflate"),
    ],
    ids=["wrong key", "no key", "upgrade", "connection", "sub-protocol", "extension"],
)
def test_a_wrong_answer_to_the_handshake_fails(serve: Any, answer: Callable[[Any], bytes]) -> None:
    server = serve([answer, "hold"])
    with pytest.raises(ConnectionFailed, match="handshake is wrong") as caught:
        WebSocket(server.url("ws"), subprotocols=("offered",)).open()
    assert caught.value.status == 101


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"\x81\x05hello\r\n\r\n", b""])
def test_an_answer_that_is_not_http_fails(serve: Any, answer: bytes) -> None:
    with pytest.raises(ConnectionFailed):
        WebSocket(serve([answer]).url("ws")).open()


def test_a_server_that_does_not_answer_the_handshake_runs_out_of_time(serve: Any) -> None:
    with pytest.raises(WaitTimeout):
        WebSocket(serve(["hold"]).url("ws")).open(0.1)


def test_where_nobody_listens_open_fails_at_once(serve: Any) -> None:
    server = serve()
    server.stop_listening()
    with pytest.raises(ConnectionFailed, match="No connection"):
        WebSocket(server.url("ws")).open(30)


def test_a_certificate_that_is_not_trusted_fails(serve: Any, authority: trustme.CA) -> None:
    with pytest.raises(ConnectionFailed, match="not trusted"):
        WebSocket(serve([accepted()], tls=authority).url("ws")).open(30)


def test_a_sub_protocol_that_is_no_token_is_refused_before_anything_is_sent(serve: Any) -> None:
    server = serve([accepted()])
    with pytest.raises(LocalProtocolError):
        WebSocket(server.url("ws"), subprotocols=("a b",)).open()
    assert server.connections == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "127.0.0.1", "ws://a:b@127.0.0.1/"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        WebSocket(url)


# Messages.


def test_text_and_binary_messages_come_back_from_the_echo(lab: Lab) -> None:
    with WebSocket(lab.echo_url()) as ws:
        for message in ("ä€😀", b"\0\xff", "", b"", "x" * 300_000, bytes(70_000)):
            ws.send(message)
            assert ws.receive().data == message


def test_messages_sent_together_with_the_handshake_are_not_lost(serve: Any) -> None:
    server = serve([lambda request: accepted()(request) + text("one") + text("two")[:2], text("two")[2:], *BYE])
    with WebSocket(server.url("ws")) as ws:
        one, two = ws.take(2)
    assert (one.data, two.data) == ("one", "two")
    assert server.accepted_ns[0] < one.received_ns <= two.received_ns < clock.now_ns()


def test_fragments_are_joined_and_a_ping_between_them_is_answered(serve: Any) -> None:
    frames = (
        encode_frame(Opcode.TEXT, "ä".encode()[:1], fin=False)
        + encode_frame(Opcode.PING, b"alive?")
        + encode_frame(Opcode.CONTINUATION, "ä".encode()[1:])
    )
    server = serve([accepted(), frames, "read", *BYE])
    with WebSocket(server.url("ws")) as ws:
        assert ws.receive().data == "ä"
        assert server.wait_for(lambda s: s.received[0])
        assert EventDecoder(peer_masks=True, max_message_bytes=1, max_fragments=1).feed(server.received[0]) == [
            PongReceived(b"alive?")
        ]


@pytest.mark.parametrize("whole", [True, False], ids=["in one frame", "in fragments"])
def test_a_message_above_the_limit_ends_with_1009(serve: Any, whole: bool) -> None:
    half = b"x" * 51
    fragments = encode_frame(Opcode.TEXT, half, fin=False) + encode_frame(Opcode.CONTINUATION, half)
    server = serve([accepted(), text("x" * 100) + (text("x" * 101) if whole else fragments), "read"])
    with WebSocket(server.url("ws"), max_message_bytes=100) as ws:
        assert ws.receive().data == "x" * 100
        with pytest.raises(ConnectionEnded, match="broke a rule") as caught:
            ws.receive()
    assert caught.value.close_code == 1009


def test_a_frame_with_a_huge_length_is_refused_before_it_comes(serve: Any) -> None:
    server = serve([accepted(), b"\x82\x7f" + (2**62).to_bytes(8), "read"])
    with WebSocket(server.url("ws")) as ws, pytest.raises(ConnectionEnded) as caught:
        ws.receive()
    assert caught.value.close_code == 1009


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (encode_frame(Opcode.TEXT, b"x", masking_key=b"abcd"), 1002),
        (b"\xc1\x01x", 1002),
        (b"\x83\x00", 1002),
        (b"\x80\x01x", 1002),
        (b"\x09\x00", 1002),
        (b"\x82\x7e\x00\x01x", 1002),
        (encode_frame(Opcode.CLOSE, b"\x03"), 1002),
        (encode_frame(Opcode.CLOSE, (1005).to_bytes(2)), 1002),
        (encode_frame(Opcode.TEXT, b"\xff"), 1007),
        (encode_frame(Opcode.TEXT, b"\xed\xa0\x80"), 1007),
    ],
    ids=[
        "masked",
        "reserved bit",
        "reserved opcode",
        "continuation of nothing",
        "ping in fragments",
        "long form of a length",
        "half a close code",
        "forbidden close code",
        "not UTF-8",
        "surrogate",
    ],
)
def test_a_server_that_breaks_a_rule_is_told_so_and_receive_says_so(serve: Any, frame: bytes, code: int) -> None:
    server = serve([accepted(), text("fine") + frame, "read"])
    with WebSocket(server.url("ws")) as ws:
        assert ws.receive().data == "fine"
        for _ in range(3):
            with pytest.raises(ConnectionEnded, match="broke a rule") as caught:
                ws.receive()
            assert caught.value.close_code == code
        with pytest.raises(ConnectionEnded):
            ws.send("x")
    assert server.wait_for(lambda s: s.closed_ns)
    sent = close_sent(server.received[0])
    assert sent is not None
    assert sent.code == code


def test_a_text_that_has_no_utf_8_form_is_refused_and_the_websocket_stays_open(lab: Lab) -> None:
    with WebSocket(lab.echo_url()) as ws:
        with pytest.raises(LocalProtocolError):
            ws.send("\ud800")
        ws.send("x")
        assert ws.receive().data == "x"


def test_send_waits_while_the_server_does_not_read(serve: Any) -> None:
    over = threading.Event()
    server = serve([accepted(), lambda request: over.wait(60) and b"", "hold"])
    with WebSocket(server.url("ws")) as ws:
        with pytest.raises(WaitTimeout):
            for _ in range(64):
                ws.send(bytes(1_048_576), timeout_s=0.2)
        over.set()
        ws.send("the line is free again", timeout_s=30)
        ws.close(0.1)


# Pings.


def test_a_ping_measures_the_round_trip(lab: Lab) -> None:
    with WebSocket(lab.echo_url()) as ws:
        assert 0 < ws.ping() < 5_000


def test_a_pong_that_nobody_asked_for_answers_no_ping(serve: Any) -> None:
    server = serve([accepted(), "read", encode_frame(Opcode.PONG, b"unasked"), "read", *BYE])
    with WebSocket(server.url("ws")) as ws:
        with pytest.raises(WaitTimeout, match="pong"):
            ws.ping(0.2)
        ws.send("still open")
        assert server.wait_for(lambda s: s.received[0].count(b"\x81"))


def test_several_threads_may_ping_at_once(lab: Lab) -> None:
    trips: list[float] = []
    with WebSocket(lab.echo_url()) as ws:
        threads = [threading.Thread(target=lambda: trips.append(ws.ping())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(trips) == 8


def test_a_ping_ends_when_the_connection_does(serve: Any) -> None:
    server = serve([accepted(), "read", close(1001)])
    with WebSocket(server.url("ws")) as ws:
        started_ns = clock.now_ns()
        with pytest.raises(ConnectionEnded) as caught:
            ws.ping(90)
        assert clock.now_ns() - started_ns < 60e9
        assert caught.value.close_code == 1001


# The end.


def test_the_servers_close_gives_its_code_and_reason_after_the_last_message(serve: Any) -> None:
    server = serve([accepted(), text("last") + close(4123, "Grund ä"), "read"])
    with WebSocket(server.url("ws")) as ws:
        assert ws.receive().data == "last"
        with pytest.raises(ConnectionEnded, match="4123 Grund ä") as caught:
            ws.receive()
        assert (caught.value.close_code, caught.value.reason) == (4123, "Grund ä")
        assert (ws.close_code, ws.close_reason) == (4123, "Grund ä")
        with pytest.raises(ConnectionEnded) as caught:
            ws.send("x")
        assert caught.value.close_code == 4123
    assert server.wait_for(lambda s: s.closed_ns)
    sent = close_sent(server.received[0])
    assert sent is not None
    assert sent.code == 4123


def test_a_close_without_a_code_is_1005(serve: Any) -> None:
    server = serve([accepted(), encode_frame(Opcode.CLOSE, b""), "read"])
    with WebSocket(server.url("ws")) as ws:
        with pytest.raises(ConnectionEnded) as caught:
            ws.receive()
        assert caught.value.close_code == ws.close_code == 1005


@pytest.mark.parametrize("how", [[], ["reset"]], ids=["closed", "reset"])
def test_a_line_that_breaks_is_1006(serve: Any, how: list[str]) -> None:
    server = serve([accepted(), b"\x81\x05ha", *how])
    with WebSocket(server.url("ws")) as ws:
        with pytest.raises(ConnectionEnded) as caught:
            ws.receive()
        assert caught.value.close_code == ws.close_code == 1006


def test_a_lab_that_cuts_the_line_is_1006(lab: Lab) -> None:
    with WebSocket(lab.ws_url("cut")) as ws:
        assert ws.close_code is None
        assert lab.cut("cut") == 1
        with pytest.raises(ConnectionEnded):
            ws.receive()
        assert ws.close_code == 1006


def test_a_lab_that_stops_says_1001() -> None:
    with rtlab.start_lab("stops") as lab:
        ws = WebSocket(lab.ws_url()).open()
    with ws:
        with pytest.raises(ConnectionEnded) as caught:
            ws.receive()
        assert caught.value.close_code == 1001


def test_close_sends_its_code_and_reason_and_a_second_close_does_nothing(serve: Any) -> None:
    server = serve([accepted(), "read", close(4000)])
    ws = WebSocket(server.url("ws")).open()
    ws.close(code=4000, reason="genug ä")
    ws.close()
    assert server.received[0][:1] == b"\x88"
    assert close_sent(server.received[0]) == CloseReceived(4000, "genug ä")
    assert ws.close_code == 4000
    with pytest.raises(ConnectionEnded):
        ws.receive()
    with pytest.raises(ConnectionEnded):
        ws.send("x")
    with pytest.raises(ConnectionEnded):
        ws.ping()


@pytest.mark.parametrize(
    ("code", "reason"), [(1005, ""), (999, ""), (1006, ""), (1000, "x" * 124), (1000, "\ud800")]
)
def test_a_close_that_cannot_be_sent_leaves_the_websocket_open(lab: Lab, code: int, reason: str) -> None:
    with WebSocket(lab.echo_url()) as ws:
        with pytest.raises(LocalProtocolError):
            ws.close(code=code, reason=reason)
        ws.send("open")
        assert ws.receive().data == "open"


@pytest.mark.parametrize("reads", [True, False])
def test_close_cuts_the_line_if_the_server_never_answers(serve: Any, reads: bool) -> None:
    over = threading.Event()
    server = serve([accepted(), "hold" if reads else lambda request: over.wait(60) and b""])
    ws = WebSocket(server.url("ws")).open()
    started_ns = clock.now_ns()
    ws.close(0.2)
    assert clock.now_ns() - started_ns < 20e9
    assert ws.close_code == 1006
    over.set()


def test_close_ends_in_time_though_the_server_goes_on_sending(serve: Any) -> None:
    pause = threading.Event()
    endless = [lambda request: (pause.wait(0.05) and b"") or text("more")] * 1_000
    for before in (b"", close(1000)):
        server = serve([accepted(), before, *endless])
        ws = WebSocket(server.url("ws")).open()
        started_ns = clock.now_ns()
        ws.close(0.2)
        assert clock.now_ns() - started_ns < (LINGER_S + 20) * 1e9
        pause.set()
        server.stop()
        pause.clear()


def test_a_server_that_closes_but_keeps_the_line_does_not_hold_the_client(
    serve: Any, until: Callable[..., Any]
) -> None:
    server = serve([accepted(), close(1000), "hold"])
    with WebSocket(server.url("ws")) as ws:
        with pytest.raises(ConnectionEnded):
            ws.receive(LINGER_S / 2)
        until(lambda: server.closed_ns, "the client did not close the line")


def test_an_opened_websocket_can_be_opened_again_after_its_close(lab: Lab) -> None:
    ws = WebSocket(lab.echo_url())
    for round_ in ("one", "two"):
        with ws:
            assert ws.close_code is None
            ws.send(round_)
            assert ws.receive().data == round_


# rtlab.v1.


def test_rtlab_v1_gives_ids_and_names_and_resumes(lab: Lab) -> None:
    for number in range(1, 4):
        lab.publish(f"m{number}", event="tick" if number == 2 else "")
    ws = WebSocket(lab.ws_url(), subprotocols=("rtlab.v1",), last_event_id="k3f9-1")
    with ws:
        assert ws.subprotocol == "rtlab.v1"
        two, three = ws.take(2)
        assert (two.data, two.event, two.id) == ("m2", "tick", "k3f9-2")
        assert (three.data, three.event, three.id) == ("m3", "message", "k3f9-3")
        assert lab.cut() == 1
        with pytest.raises(ConnectionEnded):
            ws.receive()
    lab.publish("m4")
    with ws:
        assert ws.receive().data == "m4"
        assert ws.last_event_id == "k3f9-4"


@pytest.mark.parametrize("message", ["no header", "id: 1\nmore: x\n\ndata", "event: x\n\ndata", ""])
def test_a_malformed_message_of_rtlab_v1_ends_the_connection_with_1002(serve: Any, message: str) -> None:
    good = text("id: 1\n\nfine")
    server = serve([accepted(b"Sec-WebSocket-Protocol: rtlab.v1"), "read", good + text(message), "read"])
    with WebSocket(server.url("ws"), subprotocols=("rtlab.v1",)) as ws:
        assert ws.receive().data == "fine"
        with pytest.raises(ConnectionEnded, match=r"broke a rule: .*rtlab\.v1") as caught:
            ws.receive()
        assert caught.value.close_code == 1002
    assert server.wait_for(lambda s: s.closed_ns)
    sent = close_sent(server.received[0])
    assert sent is not None
    assert sent.code == 1002


def test_a_malformed_message_that_comes_with_the_handshake_ends_the_connection_too(serve: Any) -> None:
    answer = accepted(b"Sec-WebSocket-Protocol: rtlab.v1")
    server = serve([lambda request: answer(request) + text("no header") + close(1000), "read"])
    with (
        WebSocket(server.url("ws"), subprotocols=("rtlab.v1",)) as ws,
        pytest.raises(ConnectionEnded, match="rule"),
    ):
        ws.receive()


def test_a_last_event_id_that_cannot_be_sent_is_refused(lab: Lab) -> None:
    with pytest.raises(LocalProtocolError):
        WebSocket(lab.ws_url(), subprotocols=("rtlab.v1",), last_event_id="1\n2").open()
