"""wire(): the same messages over both transports, every byte of both named."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError, LabNotRunning
from rtlab.results.wire import MAX_TEXTS, wire

TEXTS = ["Hello", "two\nlines", "grüße 😀", "a" * 70_000]


def test_both_connections_are_dissected_to_the_last_byte(lab):
    sse, websocket = wire(lab, TEXTS).connections
    for units, data in (
        (sse.up, sse.up_bytes),
        (sse.down, sse.down_bytes),
        (websocket.up, websocket.up_bytes),
        (websocket.down, websocket.down_bytes),
    ):
        assert sum(unit.length_bytes for unit in units) == len(data) > 0
        assert not [unit for unit in units if unit.text.startswith("Broken rule") or "unfinished" in unit.unit]
    for text in TEXTS:
        assert b"".join(b"data: %b\n" % line.encode() for line in text.split("\n")) in sse.down_bytes
        assert text.encode() in websocket.down_bytes
    assert [unit.unit for unit in sse.down].count("dispatch") == len(TEXTS)
    assert [unit.unit for unit in websocket.down].count("payload") == len(TEXTS)
    assert {unit.layer for unit in (*websocket.up, *websocket.down)} == {
        "HTTP/1.1",
        "opening handshake",
        "WebSocket",
    }


def test_both_sides_say_goodbye_on_the_websocket_alone(lab):
    sse, websocket = wire(lab).connections
    for data in (websocket.up, websocket.down):
        assert data[-1].unit == "close code"
    assert {unit.layer for unit in sse.up} == {"HTTP/1.1"}


def test_a_second_call_shows_the_new_messages_alone(lab):
    wire(lab, ["one"])
    sse, websocket = wire(lab, ["two"]).connections
    for one in (sse, websocket):
        assert b"two" in one.down_bytes
        assert b"one" not in one.down_bytes


@pytest.mark.parametrize("options", [{"isolated": True}, {"tls": True}], ids=["isolated", "tls"])
def test_any_lab_will_do(make_lab, options):
    view = wire(make_lab(**options))
    layers = {unit.layer for one in view.connections for unit in (*one.up, *one.down)}
    if "tls" in options:
        assert layers == {"TLS"}
    else:
        assert {"event stream", "WebSocket"} <= layers


def test_the_text_form_names_both_connections(lab):
    text = repr(wire(lab))
    assert text.startswith("The same 1 message over SSE and over WebSocket\nSSE, client → server, ")
    assert "\nWebSocket, server → client, " in text


@pytest.mark.parametrize("texts", ["Hello", [], ["x"] * (MAX_TEXTS + 1)])
def test_what_is_no_list_of_some_texts_is_refused(lab, texts):
    with pytest.raises(InputError, match="list of 1 to"):
        wire(lab, texts)


def test_a_stopped_lab_is_refused(lab):
    lab.stop()
    with pytest.raises(LabNotRunning):
        wire(lab)
