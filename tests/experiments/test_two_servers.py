from __future__ import annotations

from collections.abc import Callable

import pytest

from rtlab.errors import InputError
from rtlab.experiments.two_servers import notes_back
from rtlab.servers.lab import Lab


@pytest.mark.parametrize(
    ("route", "back"),
    [("one server", 3), ("two servers", 0), ("two servers that share", 3), ("websocket", 3)],
)
def test_a_note_to_another_server_is_lost_unless_they_share(
    make_lab: Callable[[], Lab], route: str, back: int
) -> None:
    assert notes_back(make_lab(), make_lab(), route, count=3) == back


@pytest.mark.parametrize(("route", "count"), [("three servers", 1), ("one server", 0)])
def test_settings_out_of_range_are_refused(lab: Lab, route: str, count: int) -> None:
    with pytest.raises(InputError, match="one server"):
        notes_back(lab, lab, route, count)
