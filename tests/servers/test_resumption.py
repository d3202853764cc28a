from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError
from rtlab.servers.lab import Lab, start_lab
from rtlab.servers.resumption import Resumption

ANY = pytest.mark.parametrize("isolated", [False, True], ids=["in kernel", "isolated"])


@ANY
def test_a_lab_without_ids_writes_no_id_line(make_lab: Callable[..., Lab], raw: Any, isolated: bool) -> None:
    lab = make_lab(ids=False, isolated=isolated)
    stream = raw(lab).open_stream()
    lab.publish("x", event="price")
    assert stream.chunk() == b"event: price\ndata: x\n\n"


def test_a_lab_without_ids_does_not_agree_on_the_sub_protocol(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(ids=False)
    with WebSocket(lab.ws_url(), subprotocols=["rtlab.v1"]) as client:
        assert client.subprotocol is None
        lab.publish("x")
        assert client.receive().data == "x"


def test_a_lab_without_ids_replays_nothing(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(ids=False)
    lab.publish("before")
    with EventSource(lab.sse_url(), last_event_id="0") as client:
        lab.publish("after")
        assert client.receive().data == "after"


def test_a_lab_without_ids_can_still_be_polled(make_lab: Callable[..., Lab], raw: Any) -> None:
    lab = make_lab(ids=False)
    client = raw(lab)
    client.get("/poll/news")
    place = json.loads(client.answer()[2])["last_id"]
    lab.publish("x")
    client.get(f"/poll/news?after={place}")
    assert [event["data"] for event in json.loads(client.answer()[2])["events"]] == ["x"]


@ANY
def test_a_lab_keeps_as_many_messages_as_it_was_told(make_lab: Callable[..., Lab], isolated: bool) -> None:
    lab = make_lab(history_messages=2, isolated=isolated)
    for text in ("a", "b", "c"):
        lab.publish(text)
    with EventSource(lab.sse_url(), last_event_id="0") as client:
        assert [message.data for message in client.take(2)] == ["b", "c"]
    assert any("gone from the history" in line.text for line in lab.log)


def test_a_lab_without_history_gives_ids_in_vain(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(history_messages=0)
    lab.publish("before")
    with EventSource(lab.sse_url(), last_event_id="0") as client:
        lab.publish("after")
        received = client.receive()
        assert received.data == "after"
        assert received.id


@ANY
def test_a_lab_asks_for_the_wait_that_it_was_told(make_lab: Callable[..., Lab], isolated: bool) -> None:
    lab = make_lab(retry_ms=70, isolated=isolated)
    assert lab.resumption == Resumption(retry_ms=70)
    with EventSource(lab.sse_url()) as client:
        lab.publish("x")
        client.receive()
        assert client.reconnection_ms == 70


def test_other_settings_are_another_lab(unique_name: str) -> None:
    with start_lab(unique_name) as lab, start_lab(unique_name, ids=False) as other:
        assert other is not lab
        assert not lab.running


@pytest.mark.parametrize(
    "wrong", [{"history_messages": -1}, {"history_messages": 1_000_001}, {"retry_ms": 0}, {"retry_ms": 86_400_001}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="history_messages"):
        start_lab("never", **wrong)  # type: ignore[arg-type]


WAYS = ("event stream", "rtlab.v1", "polling")


def read_from(lab: Lab, way: str, last_id: str, raw: Any) -> list[str]:
    """Come back with an id, and give the four texts that the lab sends then."""
    if way == "polling":
        client = raw(lab)
        client.get(f"/poll/news?after={last_id}")
        return [event["data"] for event in json.loads(client.answer()[2])["events"]]
    client: EventSource | WebSocket = (
        EventSource(lab.sse_url(), last_event_id=last_id)
        if way == "event stream"
        else WebSocket(lab.ws_url(), subprotocols=["rtlab.v1"], last_event_id=last_id)
    )
    with client:
        return [str(message.data) for message in client.take(4)]


@pytest.mark.parametrize("way", WAYS)
def test_after_a_restart_an_id_whose_number_was_reached_again_loses_nothing(
    make_lab: Callable[..., Lab], raw: Any, way: str
) -> None:
    with make_lab() as before:
        last_id = [before.publish(text) for text in ("a", "b")][-1]
    lab = make_lab()
    for text in ("c", "d", "e", "f"):
        lab.publish(text)
    assert read_from(lab, way, last_id, raw) == ["c", "d", "e", "f"]


def test_an_event_source_that_outlives_the_server_misses_nothing_of_its_next_life(unique_name: str) -> None:
    with start_lab(unique_name, retry_ms=50) as lab:
        source = EventSource(lab.sse_url()).open()
        lab.publish("before")
        assert source.receive().data == "before"
    try:
        with start_lab(unique_name, port=lab.port) as again:
            for text in ("a", "b", "c"):
                again.publish(text)
            assert [message.data for message in source.take(3, 10)] == ["a", "b", "c"]
    finally:
        source.close()
