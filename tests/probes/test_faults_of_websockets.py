"""Faults of WebSocket servers: in the handshake, in the frames, at the end."""

from __future__ import annotations

import pytest

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_frames import BINARY, CLOSE, PONG, TEXT, encode_frame
from rtlab.experiments.scripted_server import Answer
from rtlab.probes.compression import deflate_bytes
from rtlab.results.probe import probe

from .planted import ids

# The scripted server says 101 to whatever comes.
ALWAYS = {"HTTP-HOST", "WS-ORIGIN", "WS-HANDSHAKE"}
HELLO = encode_frame(TEXT, b"hello")
PONGED = encode_frame(PONG, b"rtlab probe")


def switching(*lines: str, upgrade: str = "websocket", connection: str = "Upgrade") -> bytes:
    head = ("HTTP/1.1 101 Switching", f"Upgrade: {upgrade}", f"Connection: {connection}", *lines, "", "")
    return "\r\n".join(head).encode()


ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
HANDSHAKES = {
    "a wrong accept value": (switching(ACCEPT), {"WS-ACCEPT"}),
    "no accept value": (switching(), {"WS-ACCEPT"}),
    "no upgrade": (switching(upgrade="h2c"), {"WS-UPGRADE", "WS-ACCEPT"}),
    "no connection": (switching(connection="close"), {"WS-UPGRADE", "WS-ACCEPT"}),
    "a sub-protocol": (switching("Sec-WebSocket-Protocol: chat"), {"WS-SUBPROTOCOL", "WS-ACCEPT"}),
    "an extension": (switching("Sec-WebSocket-Extensions: x-magic"), {"WS-EXTENSION", "WS-ACCEPT"}),
    "a parameter": (
        switching("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=20"),
        {"WS-EXTENSION", "WS-ACCEPT"},
    ),
    "a page instead": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", {"WS-REFUSED"}),
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", {"WS-REFUSED"}),
    "404": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", {"WS-REFUSED"}),
}
FRAMES = {
    "masked": (encode_frame(TEXT, b"hello", masking_key=b"\1\2\3\4"), "hold", {"WS-MASKED"}),
    "a reserved bit": (encode_frame(TEXT, b"hello", rsv1=True), "hold", {"WS-FRAME"}),
    "a reserved opcode": (encode_frame(3, b"hello"), "hold", {"WS-FRAME"}),
    "a fragmented ping": (encode_frame(9, b"", fin=False), "hold", {"WS-FRAME"}),
    "no UTF-8": (encode_frame(TEXT, b"caf\xe9"), "hold", {"WS-FRAME"}),
    "an invalid close code": (encode_frame(CLOSE, (1005).to_bytes(2)), "hold", {"WS-FRAME"}),
    "a broken line": (HELLO, "end", {"WS-CUT"}),
    "a reset": (HELLO, "reset", {"WS-CUT"}),
    "an error of the server": (encode_frame(CLOSE, (1011).to_bytes(2)), "hold", {"WS-ENDED"}),
    "goodbye": (HELLO + encode_frame(CLOSE, (1000).to_bytes(2)), "hold", set()),
    "any bytes": (PONGED + encode_frame(BINARY, b"\0" * 70_000), "hold", {"WS-CLOSE"}),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_wrong_handshake_is_found(scripted, name):
    data, wanted = HANDSHAKES[name]
    assert ids(probe(f"ws://{scripted(Answer(data))}", seconds=0.5)) == wanted


@pytest.mark.parametrize("name", FRAMES)
def test_a_wrong_frame_or_end_is_found(scripted, monkeypatch, name):
    monkeypatch.setattr("rtlab.probes.websocket.CLOSE_S", 0.2)
    data, then, wanted = FRAMES[name]
    result = probe(f"ws://{scripted(Answer(data, then, upgrade=True))}", seconds=0.5)
    assert ids(result) == wanted | ALWAYS, result


def test_a_server_that_answers_nothing_at_all_is_found(scripted, monkeypatch):
    monkeypatch.setattr("rtlab.probes.websocket.CLOSE_S", 0.2)
    result = probe(f"ws://{scripted(Answer(HELLO, 'hold', upgrade=True))}", seconds=1.0)
    assert ids(result) == {"WS-PONG", "WS-CLOSE", *ALWAYS}


def test_a_cookie_makes_an_open_door_an_error(scripted):
    url = f"ws://{scripted(Answer(HELLO, 'end', upgrade=True))}"
    result = probe(url, seconds=0.5, headers=[("Cookie", "session=1")])
    assert {"WS-ORIGIN", "WS-CUT"} <= ids(result, "error")
    assert "HTTP-TOKEN-UNCHECKED" in ids(result, "warning")


def test_contexts_that_are_given_up_cost_nothing():
    assert deflate_bytes(DeflateOptions(True, True)) == 0
    assert deflate_bytes(DeflateOptions()) == 256 * 1024 + 32 * 1024 + 7_168


def test_a_refusal_tells_what_the_server_says(scripted):
    refusal = Answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nno <you>\n")
    result = probe(f"ws://{scripted(refusal)}", seconds=0.5)
    assert result.findings[0].evidence.endswith(": no <you>")


def test_a_sub_protocol_that_was_offered_is_no_fault(lab):
    result = probe(lab.ws_url(), seconds=0.5, subprotocols=["rtlab.v1"])
    assert result.facts["subprotocol"] == "rtlab.v1"
    assert "WS-SUBPROTOCOL" not in ids(result)


def test_an_origin_that_the_user_names_is_sent_and_the_foreign_one_still_tried(make_lab):
    lab = make_lab()
    result = probe(lab.ws_url(), seconds=0.5, headers=[("Origin", lab.http_url)])
    assert ids(result) == set()
    assert {"WS-ORIGIN", "HTTP-HOST"} <= ids(result, "fine")
    stranger = probe(lab.ws_url(), seconds=0.5, headers=[("Origin", "https://stranger.example")])
    assert ids(stranger) == {"WS-REFUSED"}
