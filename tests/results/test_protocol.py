from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.results.protocol import Passages, on_the_wire
from rtlab.servers.lab import Lab


def test_the_handshake_is_shown_step_by_step(lab: Lab) -> None:
    found = on_the_wire(lab).handshake()
    assert list(found.table["value"])[3] == list(found.table["value"])[4] == found.done.accept
    assert found.text == "Status 101; the values fit."


def test_one_of_the_changed_handshakes_opens(lab: Lab) -> None:
    assert on_the_wire(lab).changed_handshakes().text == "1 of 12 opened a WebSocket."


def test_set_up_is_counted_without_and_with_tls(lab: Lab) -> None:
    found = on_the_wire(lab).set_up(("sse", "websocket"))
    assert found.text == "The client's first byte: 0x47, readable text; 0x16, a TLS record."
    assert set(found.table.loc[found.table["secure"], "layer"]) == {"TLS"}
    assert len(found.figure(guess=300).layout.shapes) == 1
    assert on_the_wire(lab).set_up(("sse",), tls=False).text == "The client's first byte: 0x47, readable text."


def test_connections_are_counted_for_each_way_and_for_a_cut_stream(lab: Lab) -> None:
    table = on_the_wire(lab).connections(3, cuts=1).table
    assert list(table["way"]) == ["sse", "websocket", "websocket, HTTP/2", "sse"]
    assert list(table["connections"]) == [3, 3, 1, 2]
    assert list(table["requests"]) == [3, 3, 3, 2]


def test_what_did_not_pass_is_told(lab: Lab) -> None:
    found = on_the_wire(lab).intermediaries()
    assert found.text == "websocket got 400 from the one that knows nothing of Upgrade."
    assert Passages([]).text == "Everything passed."


def test_framings_are_told_for_the_first_event(lab: Lab) -> None:
    found = on_the_wire(lab).framings(("Hello",))
    assert found.text.endswith("until close 0; HTTP/1.1, chunks 5; HTTP/2, DATA frames 9.")
    assert list(found.table["overhead_bytes"]) == [0, 5, 9]


def test_the_frames_of_http2_are_listed_with_what_a_message_costs(lab: Lab) -> None:
    found = on_the_wire(lab).http2(("Hello",))
    assert found.text.endswith("frames on one TCP connection, with the streams 1 and 3.")
    assert found.table["frame"][0] == "preface"
    assert list(found.costs["overhead_bytes"]) == [13, 2, 17, 11]


def test_who_got_messages_while_something_stood_still_is_told(lab: Lab) -> None:
    found = on_the_wire(lab).standstills(held_s=0.1)
    assert len(found.table) == 5
    assert "one reader, connections 1: 0 of 10" in found.text


def test_the_page_that_waited_is_named(lab: Lab) -> None:
    found = on_the_wire(lab).waiting(held_s=0.2)
    assert found.text == "Waited for a connection: page."
    assert len(found.figure().data) == 9
    with pytest.raises(InputError):
        on_the_wire(lab).waiting(streams=7)
