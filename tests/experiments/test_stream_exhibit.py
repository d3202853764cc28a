from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.experiments.stream_exhibit import EVENTS, PIECES, StreamExhibit

Raw = Callable[..., Any]


@pytest.fixture
def exhibit() -> Iterator[StreamExhibit]:
    with StreamExhibit() as running:
        yield running


def port(exhibit: StreamExhibit) -> int:
    return int(exhibit.url("").rpartition(":")[2])


def test_its_pieces_end_inside_events_and_hold_them_all() -> None:
    assert [piece.endswith(b"\n\n") for piece in PIECES] == [False, False, True]
    decoder = EventStreamDecoder()
    assert tuple(event.data for piece in PIECES for event in decoder.feed(piece)) == EVENTS


def test_who_comes_back_is_held(exhibit: StreamExhibit, raw: Raw) -> None:
    first = raw(port(exhibit))
    first.get("/events")
    assert first.head()[0] == 200
    assert [first.chunk() for _ in range(4)] == [*PIECES, b""]
    again = raw(port(exhibit))
    again.get("/events", "Last-Event-ID: 3")
    assert again.head()[0] == 200
    assert again.chunk().startswith(b"id: 1")
    assert not exhibit.asked[1].left
    again.close()
    assert exhibit.until(lambda: exhibit.asked[1].left, 5.0)
    assert exhibit.asked[1].head.get("Last-Event-ID") == "3"


def test_a_request_for_permission_is_granted_and_not_counted(exhibit: StreamExhibit, raw: Raw) -> None:
    client = raw(port(exhibit))
    client.send(b"OPTIONS /events HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1:1\r\n\r\n")
    status, fields = client.head()
    assert status == 204
    assert "Authorization" in fields["access-control-allow-headers"]
    assert exhibit.asked == []


def test_a_body_is_read(exhibit: StreamExhibit, raw: Raw) -> None:
    client = raw(port(exhibit))
    client.post("/refused", b"which news?")
    assert client.head()[0] == 401
    assert (exhibit.asked[0].head.method, exhibit.asked[0].body) == ("POST", b"which news?")


def test_what_never_comes_true_is_told_in_time(exhibit: StreamExhibit) -> None:
    assert not exhibit.until(lambda: bool(exhibit.asked), 0.05)
