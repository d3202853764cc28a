from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.exchange import WAYS, converse
from rtlab.servers.lab import Lab


@pytest.mark.parametrize("way", WAYS)
def test_every_message_of_both_sides_arrives(lab: Lab, way: str) -> None:
    talk = converse(lab, way, down=6, up=5, seconds=0.4, polling_interval_s=0.05)
    assert (len(talk.down_ms), len(talk.up_ms)) == (6, 5)
    assert min(talk.down_ms) >= 0
    assert min(talk.up_ms) >= 0


def test_a_websocket_needs_one_connection_and_one_request(lab: Lab) -> None:
    talk = converse(lab, "websocket", down=3, up=3, seconds=0.2)
    assert (talk.connections, talk.requests) == (1, 1)


def test_an_event_stream_needs_a_second_connection_and_a_request_for_each_note(lab: Lab) -> None:
    talk = converse(lab, "sse+post", down=3, up=4, seconds=0.2)
    assert (talk.connections, talk.requests) == (2, 5)


def test_marks_name_every_request_and_every_arrival(lab: Lab) -> None:
    talk = converse(lab, "sse+post", down=3, up=4, seconds=0.2)
    directions = [mark.direction for mark in talk.marks]
    assert (directions.count("up"), directions.count("down")) == (5, 7)
    assert [mark.at_ms for mark in talk.marks] == sorted(mark.at_ms for mark in talk.marks)


def test_a_reply_by_post_costs_more_bytes_than_by_websocket(lab: Lab) -> None:
    post, socket = (converse(lab, way, down=0, up=5, seconds=0.2) for way in ("sse+post", "websocket"))
    assert post.bytes_per_reply is not None and socket.bytes_per_reply is not None
    # a masked 38-byte frame up and the same text in a plain frame down
    assert socket.bytes_per_reply == (6 + 32) + (2 + 32)
    assert post.bytes_per_reply > 3 * socket.bytes_per_reply


@pytest.mark.parametrize(
    ("way", "settings"),
    [
        ("carrier pigeon", {}),
        ("websocket", {"down": -1}),
        ("websocket", {"seconds": 0}),
        ("websocket", {"up": 1_001}),
    ],
)
def test_settings_out_of_range_are_refused(lab: Lab, way: str, settings: dict[str, int]) -> None:
    with pytest.raises(InputError):
        converse(lab, way, **settings)  # type: ignore[arg-type]
