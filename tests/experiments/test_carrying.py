from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.carrying import PLAIN_WAYS, carry_loads
from rtlab.experiments.loads import picture, tick, token
from rtlab.servers.guards import Guards
from rtlab.servers.lab import Lab


@pytest.mark.parametrize("way", PLAIN_WAYS)
def test_text_and_bytes_come_back_as_they_were(lab: Lab, way: str) -> None:
    rows = carry_loads(lab, ("tick", "picture"), (way,), repeats=1)
    assert [(row.load, row.way, row.intact, row.refused) for row in rows] == [
        ("tick", way, True, ""),
        ("picture", way, True, ""),
    ]
    assert [row.payload_bytes for row in rows] == [len(tick()), len(picture())]
    assert all(row.round_trip_ms and row.memory_bytes > row.payload_bytes for row in rows)


def test_bytes_become_base64_beside_an_event_stream_and_nowhere_else(lab: Lab) -> None:
    rows = carry_loads(lab, ("tick", 3_000), repeats=1)
    forms = {(row.load, row.way): (row.form, row.form_bytes) for row in rows}
    assert forms["tick", "sse+post"] == ("text", len(tick()))
    assert forms["3,000 B", "sse+post"] == ("base64", 4_000)
    assert forms["3,000 B", "websocket"] == ("binary", 3_000)
    assert [row.coding_ms > 0 for row in rows] == [False, False, False, True, False, False]


def test_bytes_of_both_directions_are_those_of_the_frames(lab: Lab) -> None:
    whole, parts = carry_loads(lab, (70_000,), ("websocket", "websocket, fragments"), repeats=3)
    assert (whole.up_bytes, whole.down_bytes, whole.frames_up) == (70_000 + 14, 70_000 + 10, 1)
    pings = 7 * (2 + 4 + len("still there?"))
    assert parts.up_bytes == 70_000 + 8 * (4 + 4) + pings
    assert parts.down_bytes == 70_000 + 10 + 7 * (2 + len("still there?"))
    assert parts.frames_up == 15


def test_each_message_is_compressed_by_itself(make_lab: object) -> None:
    lab = make_lab(compression=True)  # type: ignore[operator]
    small, noisy = carry_loads(lab, ("token", 10_000), ("websocket, compressed",), repeats=3)
    assert small.intact and noisy.intact
    assert small.down_bytes > 2 + len(token())  # too short to gain anything
    assert noisy.down_bytes > 4 + 10_000


def test_a_lab_that_does_not_compress_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="compression=True"):
        carry_loads(lab, ("token",), ("websocket, compressed",))


def test_a_message_beyond_the_limit_is_refused_with_1009(make_lab: object) -> None:
    lab = make_lab(guards=Guards(max_message_bytes=10_000))  # type: ignore[operator]
    rows = carry_loads(lab, (10_000, 10_001), ("websocket", "websocket, fragments"), repeats=1)
    assert [row.refused for row in rows] == ["", "", "close code 1009", "close code 1009"]
    assert [row.intact for row in rows] == [True, True, False, False]
    assert [row.round_trip_ms is None for row in rows] == [False, False, True, True]


def test_a_post_beyond_the_limit_is_refused(make_lab: object) -> None:
    lab = make_lab(guards=Guards(max_body_bytes=10_000))  # type: ignore[operator]
    (row,) = carry_loads(lab, (9_000,), ("sse+post",), repeats=1)
    assert row.refused
    assert not row.intact


@pytest.mark.parametrize(
    ("loads", "settings"),
    [((), {}), (("film",), {}), (("tick",), {"ways": ("pigeon",)}), (("tick",), {"repeats": 0})],
)
def test_settings_out_of_range_are_refused(lab: Lab, loads: tuple[str, ...], settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        carry_loads(lab, loads, **settings)  # type: ignore[arg-type]
