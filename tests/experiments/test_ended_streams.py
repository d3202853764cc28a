from __future__ import annotations

from typing import Any

import pytest

from rtlab.errors import InputError, LabError, WaitTimeout
from rtlab.experiments.ended_streams import EndedStreams
from rtlab.experiments.observation import observe, publish_prices
from rtlab.servers.lab import Lab


def body(client: Any) -> bytes:
    """Read the chunks of a stream to the last one."""
    pieces = []
    while piece := client.chunk():
        pieces.append(piece)
    return b"".join(pieces)


def test_a_stream_gets_one_round_and_ends_in_good_order(lab: Lab, raw: Any) -> None:
    with EndedStreams(lab, publish_prices) as streams:
        for _ in range(2):
            client = raw(lab).open_stream()
            assert body(client).count(b"data: ") == 3
            client.close()
    assert streams.ended == 2


def test_a_stream_that_was_open_before_is_left_alone(lab: Lab, raw: Any) -> None:
    old = raw(lab).open_stream()
    with EndedStreams(lab, publish_prices) as streams:
        assert body(raw(lab).open_stream()).count(b"data: ") == 3
    assert streams.ended == 1
    lab.publish("still there")
    while b"still there" not in old.chunk():
        pass


def test_an_application_that_fails_does_not_leave_the_tool_waiting(lab: Lab, raw: Any) -> None:
    def fail(lab: Lab) -> None:
        raise ValueError("planted")

    with pytest.raises(LabError, match=r"ValueError\('planted'\)"), EndedStreams(lab, fail):
        assert body(raw(lab).open_stream()) == b""


def test_an_error_of_the_tool_is_not_hidden_by_one_of_the_application(lab: Lab, raw: Any) -> None:
    def fail(lab: Lab) -> None:
        raise ValueError("planted")

    with pytest.raises(KeyError), EndedStreams(lab, fail):
        assert body(raw(lab).open_stream()) == b""
        raise KeyError("the tool's")


def test_a_lab_that_stops_meanwhile_ends_it(make_lab: Any, raw: Any) -> None:
    lab = make_lab()
    with EndedStreams(lab, publish_prices) as streams:
        lab.stop()
    assert streams.ended == 0


def test_a_lab_with_a_process_of_its_own_is_refused(make_lab: Any) -> None:
    with pytest.raises(InputError, match="isolated=True"):
        EndedStreams(make_lab(isolated=True), publish_prices)


def test_every_message_is_seen_over_both_transports_and_tls(make_lab: Any) -> None:
    lab = make_lab(tls=True)
    seen = observe(lab, ("news",))
    assert [each.event for each in seen if each.transport == "sse"] == ["price", "price", "notice"]
    assert len({each.id for each in seen if each.transport == "sse"}) == 3
    assert {each.event for each in seen if each.transport == "websocket"} == {"message"}
    assert len(seen) == 6


def test_a_message_that_does_not_arrive_is_told(lab: Lab) -> None:
    def cut(lab: Lab) -> None:
        lab.cut()
        lab.publish("to nobody")

    with pytest.raises(WaitTimeout, match=r"Of 1 messages 0 arrived"):
        observe(lab, ("news",), cut, transports=("websocket",), timeout_s=0.3)
