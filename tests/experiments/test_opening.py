from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.opening import WAYS, set_up_parts, until_first_message
from rtlab.servers.lab import Lab, start_lab


@pytest.mark.parametrize("way", WAYS)
def test_every_byte_belongs_to_a_layer(lab: Lab, way: str) -> None:
    parts = set_up_parts(lab, way)
    assert {part.direction for part in parts} == {"up", "down"}
    assert parts[0].first_byte == ord("G")
    assert not any(part.layer == "TLS" for part in parts)


def test_a_websocket_ends_with_the_frame_of_the_message(lab: Lab) -> None:
    assert until_first_message(lab, "websocket")[-1].data.endswith(b"\x81\x05Hello")
    assert [part.wire_bytes for part in set_up_parts(lab, "websocket") if part.layer == "WebSocket"] == [7]


def test_an_event_stream_is_http_to_the_end(lab: Lab) -> None:
    down = b"".join(chunk.data for chunk in until_first_message(lab, "sse") if chunk.direction == "down")
    assert down.startswith(b"HTTP/1.1 200 OK\r\n")
    assert down.endswith(b"\r\n")


def test_with_tls_nothing_but_tls_is_seen() -> None:
    with start_lab("opening tls", tls=True) as secured:
        parts = set_up_parts(secured, "websocket")
    assert {(part.layer, part.first_byte, part.secure) for part in parts} == {("TLS", 0x16, True)}


def test_an_unknown_way_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="no way 'pigeon'"):
        until_first_message(lab, "pigeon")
