from __future__ import annotations

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, WaitTimeout
from rtlab.network.faults import BlackHole, BufferingProxy, Only, Refuse, Stall
from rtlab.results.capture import through


def test_one_connection_stalls_and_the_other_goes_on(lab):
    with through(lab) as via, EventSource(via.sse_url()) as first, WebSocket(via.ws_url()) as second:
        via.apply(Only(Stall(), (1,)))
        lab.publish("a")
        assert first.receive(5).data == "a"
        with pytest.raises(WaitTimeout):
            second.receive(0.2)
        via.apply()
        assert second.receive(5).data == "a"


def test_a_connection_that_comes_later_can_be_named(lab):
    with through(lab, Only(BlackHole(), (1,))) as via, WebSocket(via.ws_url()) as first:
        assert via.connections == 1
        with pytest.raises(WaitTimeout):
            WebSocket(via.ws_url()).open(0.3)
        lab.publish("a")
        assert first.receive(5).data == "a"


def test_it_reads_http_where_the_fault_inside_does(make_lab):
    assert Only(BufferingProxy(), (0,)).reads_http
    assert not Only(Stall(), (0,)).reads_http
    with pytest.raises(InputError, match="TLS"):
        through(make_lab(tls=True), Only(BufferingProxy(), (0,)))


@pytest.mark.parametrize(("fault", "connections"), [(Stall(), ()), (Stall(), (-1,)), (Refuse(), (0,))])
def test_what_cannot_be_meant_is_refused(fault, connections):
    with pytest.raises(InputError):
        Only(fault, connections)
