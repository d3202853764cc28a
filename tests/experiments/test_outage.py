from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.outage import WAYS, cut_line
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.measuring


@pytest.mark.parametrize("way", WAYS)
def test_delivered_and_lost_add_up_to_what_was_sent(lab: Lab, way: str) -> None:
    found = cut_line(lab, way, count=30, seconds=1.0, cuts=1)
    assert found.sent == 30
    assert found.delivered + found.lost == found.sent
    assert found.cuts == 1
    assert found.doubled == 0


def test_who_names_the_last_id_loses_nothing(lab: Lab) -> None:
    for way in ("sse", "websocket, resumed"):
        assert cut_line(lab, way, count=30, seconds=1.0, cuts=1).lost == 0


def test_a_plain_websocket_loses_what_comes_after_the_cut(lab: Lab) -> None:
    assert cut_line(lab, "websocket", count=30, seconds=1.0, cuts=1).lost > 0


def test_without_a_cut_nothing_is_lost(lab: Lab) -> None:
    assert cut_line(lab, "websocket", count=20, seconds=0.5, cuts=0).lost == 0


@pytest.mark.parametrize("settings", [{"count": 9}, {"seconds": 0.1}, {"cuts": 21}])
def test_settings_out_of_range_are_refused(lab: Lab, settings: dict[str, int]) -> None:
    with pytest.raises(InputError):
        cut_line(lab, "sse", **settings)  # type: ignore[arg-type]
