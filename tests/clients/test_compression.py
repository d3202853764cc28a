"""permessage-deflate (RFC 7692) in rtlab's WebSocket client, against scripted servers and a lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import rtlab
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_decoder import EventDecoder
from rtlab.codecs.websocket_events import CloseReceived, Event, TextMessage
from rtlab.codecs.websocket_frames import CLOSE, TEXT, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError

pytestmark = pytest.mark.usefixtures("known_epoch")

HELLO = bytes.fromhex("f248cdc9c90700")
HELLO_AGAIN = bytes.fromhex("f200110000")
TOO_LONG = DeflateOptions().deflater("server").deflate(bytes(101))
BYE = encode_frame(CLOSE, b"\x03\xe8")
DEFLATE = "permessage-deflate"


def accepted(*extensions: str) -> Callable[[Any], bytes]:
    """Answer an opening handshake, with extensions."""

    def answer(request: Any) -> bytes:
        fields = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {accept_key(request.get(b'Sec-WebSocket-Key').decode())}",
            *(f"Sec-WebSocket-Extensions: {extension}" for extension in extensions),
        ]
        return ("\r\n".join(fields) + "\r\n\r\n").encode()

    return answer


def events(received: bytes, agreed: DeflateOptions) -> list[Event]:
    """What a server with these parameters understands."""
    decoder = EventDecoder(
        peer_masks=True, max_message_bytes=1 << 20, max_fragments=9, inflater=agreed.inflater("client")
    )
    return decoder.feed(received)


# The opening handshake.


@pytest.mark.parametrize(
    ("compression", "offer"),
    [
        (False, None),
        (True, b"permessage-deflate; client_max_window_bits"),
        (
            DeflateOptions(server_no_context_takeover=True, server_max_window_bits=10, client_max_window_bits=9),
            b"permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
        ),
    ],
)
def test_compression_is_offered_only_when_asked_for(serve: Any, compression: Any, offer: bytes | None) -> None:
    answer = offer.decode() if offer and b"10" in offer else ""
    server = serve([accepted(*filter(None, [answer])), "read", BYE])
    with WebSocket(server.url("ws"), compression=compression):
        assert server.requests[0].get(b"Sec-WebSocket-Extensions") == offer


def test_what_was_agreed_on_can_be_seen(serve: Any) -> None:
    server = serve(
        [accepted(f"{DEFLATE}; server_no_context_takeover; client_max_window_bits=12"), "read", BYE],
        [accepted(), "read", BYE],
    )
    ws = WebSocket(server.url("ws"), compression=DeflateOptions(level=9))
    assert ws.compression is None
    with ws:
        assert ws.compression == DeflateOptions(server_no_context_takeover=True, client_max_window_bits=12, level=9)
    with ws:
        assert ws.compression is None


@pytest.mark.parametrize(
    "answers",
    [
        [f"{DEFLATE}; x"],
        [f"{DEFLATE}; client_max_window_bits"],
        [f"{DEFLATE}; server_max_window_bits=16"],
        [f"{DEFLATE}; server_no_context_takeover; server_no_context_takeover"],
        [DEFLATE, DEFLATE],
        [f"{DEFLATE}, x-other"],
        [f"{DEFLATE};"],
        [""],
    ],
)
def test_a_wrong_answer_fails_the_connection(serve: Any, answers: list[str]) -> None:
    server = serve([accepted(*answers), "hold"])
    with pytest.raises(ConnectionFailed, match=r"The opening handshake is wrong: .*RFC (7692|6455)") as caught:
        WebSocket(server.url("ws"), compression=True).open()
    assert caught.value.status == 101
    assert server.wait_for(lambda server: server.closed_ns)
    assert server.received[0] == b""


def test_an_answer_without_an_offer_fails_the_connection(serve: Any) -> None:
    server = serve([accepted(DEFLATE), "hold"])
    with pytest.raises(ConnectionFailed, match="an extension that was not offered"):
        WebSocket(server.url("ws")).open()


def test_a_server_that_does_not_do_as_asked_fails_the_connection(serve: Any) -> None:
    server = serve([accepted(DEFLATE), "hold"])
    with pytest.raises(ConnectionFailed, match="does not agree to server_no_context_takeover"):
        WebSocket(server.url("ws"), compression=DeflateOptions(server_no_context_takeover=True)).open()


def test_options_that_cannot_be_are_refused(serve: Any) -> None:
    with pytest.raises(InputError, match="client_max_window_bits"):
        DeflateOptions(client_max_window_bits=7)


# Messages.


def test_messages_of_the_server_are_restored_whether_compressed_or_not(serve: Any) -> None:
    messages = (
        encode_frame(TEXT, HELLO, rsv1=True)
        + encode_frame(TEXT, b"plain")
        + encode_frame(TEXT, HELLO_AGAIN, rsv1=True)
        + encode_frame(TEXT, b"\x00", rsv1=True)
    )
    server = serve([accepted(DEFLATE), messages, "read", BYE])
    with WebSocket(server.url("ws"), compression=True) as ws:
        assert [message.data for message in ws.take(4)] == ["Hello", "plain", "Hello", ""]


@pytest.mark.parametrize(
    ("wanted", "answer", "keeps_context"),
    [
        (True, DEFLATE, True),
        (True, f"{DEFLATE}; client_no_context_takeover", False),
        (DeflateOptions(client_no_context_takeover=True), DEFLATE, False),
        (True, f"{DEFLATE}; client_max_window_bits=8", True),
    ],
)
def test_messages_to_the_server_are_compressed_as_agreed(
    serve: Any, wanted: Any, answer: str, keeps_context: bool
) -> None:
    server = serve([accepted(answer), "hold"])
    with WebSocket(server.url("ws"), compression=wanted) as ws:
        agreed = ws.compression
        for _ in range(2):
            ws.send("Hello")
        ws.close(timeout_s=0.1)
    assert server.wait_for(lambda s: s.closed_ns)
    assert agreed is not None
    first, second, _ = FrameDecoder().feed(server.received[0])
    assert (first.rsv1, first.payload) == (True, HELLO)
    assert (second.rsv1, second.payload == HELLO_AGAIN) == (True, keeps_context and "8" not in answer)
    assert events(server.received[0], agreed)[:2] == [TextMessage("Hello")] * 2
    assert events(server.received[0], agreed)[2:] == [CloseReceived(1000, "")]


def test_a_server_that_does_not_compress_gets_plain_messages(serve: Any) -> None:
    server = serve([accepted(), "hold"])
    with WebSocket(server.url("ws"), compression=True) as ws:
        ws.send("Hello")
        ws.close(timeout_s=0.1)
    assert server.wait_for(lambda s: s.closed_ns)
    frame, _ = FrameDecoder().feed(server.received[0])
    assert (frame.rsv1, frame.payload) == (False, b"Hello")


@pytest.mark.parametrize(
    ("compression", "frame", "code"),
    [
        pytest.param(False, encode_frame(TEXT, HELLO, rsv1=True), 1002, id="nobody agreed"),
        pytest.param(True, encode_frame(TEXT, b"\xff\xff", rsv1=True), 1007, id="no deflate stream"),
        pytest.param(True, encode_frame(TEXT, TOO_LONG, rsv1=True), 1009, id="too long"),
    ],
)
def test_a_bad_message_of_the_server_ends_the_connection(
    serve: Any, compression: bool, frame: bytes, code: int
) -> None:
    answer = accepted(DEFLATE) if compression else accepted()
    server = serve([answer, frame, "hold"])
    with WebSocket(server.url("ws"), compression=compression, max_message_bytes=100) as ws:
        with pytest.raises(ConnectionEnded, match="The server broke a rule") as caught:
            ws.receive()
        assert caught.value.close_code == code


def test_a_message_may_have_as_many_fragments_as_allowed(serve: Any) -> None:
    fragments = encode_frame(TEXT, b"a", fin=False) + encode_frame(0, b"b", fin=False) + encode_frame(0, b"c")
    server = serve([accepted(), fragments, "read", BYE], [accepted(), fragments, "hold"])
    with WebSocket(server.url("ws"), max_fragments=3) as ws:
        assert ws.receive().data == "abc"
    with WebSocket(server.url("ws"), max_fragments=2) as ws, pytest.raises(ConnectionEnded) as caught:
        ws.receive()
    assert caught.value.close_code == 1009


# With a lab.


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    "options",
    [
        DeflateOptions(),
        DeflateOptions(server_no_context_takeover=True, client_no_context_takeover=True),
        DeflateOptions(server_max_window_bits=8, client_max_window_bits=8, level=1, memory_level=1),
    ],
    ids=["default", "no context", "smallest"],
)
def test_client_and_lab_understand_each_other(options: DeflateOptions, tls: bool) -> None:
    messages = ["", "héllo " * 1_000, "héllo " * 1_000, b"", bytes(100_000), "last"]
    with (
        rtlab.start_lab("compressing", compression=options, tls=tls) as lab,
        WebSocket(lab.echo_url(), compression=options, ca_pem=lab.ca_pem) as ws,
    ):
        assert ws.compression == options
        for message in messages:
            ws.send(message)
        assert [received.data for received in ws.take(len(messages))] == messages
        assert ws.traffic.bytes_down < 10_000
        assert ws.ping() > 0


def test_compression_goes_with_resuming() -> None:
    with rtlab.start_lab("compressing", compression=True) as lab:
        for number in range(3):
            lab.publish(f"message {number}")
        with WebSocket(lab.ws_url(), subprotocols=["rtlab.v1"], last_event_id="k3f9-1", compression=True) as ws:
            lab.publish("message 3")
            got = list(ws.take(3))
    assert [(received.id, received.data) for received in got] == [
        ("k3f9-2", "message 1"),
        ("k3f9-3", "message 2"),
        ("k3f9-4", "message 3"),
    ]
