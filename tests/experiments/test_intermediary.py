from __future__ import annotations

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionFailed, InputError
from rtlab.experiments.intermediary import Intermediary
from rtlab.network.faults.heads import without_hop_by_hop
from rtlab.servers.lab import Lab, start_lab


def test_connection_and_what_it_lists_are_dropped() -> None:
    headers = (("Host", "a"), ("connection", "Upgrade, x-hop"), ("Upgrade", "websocket"), ("X-Hop", "1"))
    assert without_hop_by_hop(headers) == (("Host", "a"),)


def test_the_fields_that_were_lost_are_named(lab: Lab) -> None:
    with Intermediary(lab, edit_request=without_hop_by_hop) as between:
        with pytest.raises(ConnectionFailed) as refused, WebSocket(between.ws_url("/echo")):
            pass
        assert refused.value.status == 400
        assert between.seen[0].lost == ("Upgrade", "Connection")


def test_a_websocket_speaks_both_ways_through_it(lab: Lab) -> None:
    with Intermediary(lab) as between, WebSocket(between.ws_url("/echo")) as socket:
        socket.send("there")
        assert socket.receive().data == "there"
        assert (between.seen[0].body_bytes, between.seen[0].other_bytes) == (0, 7)


def test_the_body_of_an_event_stream_is_read_as_http(lab: Lab) -> None:
    with Intermediary(lab) as between, EventSource(between.http_url("/sse/read")) as source:
        lab.publish("Hello", channel="read")
        source.receive()
        assert between.seen[0].body_bytes > len("data: Hello\n\n")
        assert between.seen[0].other_bytes == 0


def test_a_lab_with_tls_is_refused() -> None:
    with start_lab("intermediary tls", tls=True) as secured, pytest.raises(InputError, match="without TLS"):
        Intermediary(secured)
