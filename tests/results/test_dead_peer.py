from __future__ import annotations

from typing import Any

import pytest

from rtlab.errors import InputError
from rtlab.findings.simplicity import DeadPeer
from rtlab.results.simplicity import DeadPeers, dead_peer

pytestmark = pytest.mark.measuring

FOUND = [
    DeadPeer("SSE comment", "client", 1.0, 1, 3, 9.0, 1.5, None, 4.0),
    DeadPeer("SSE comment", "client", 2.0, 1, 3, 9.0, 2.0, None, 8.0),
    DeadPeer("WebSocket ping, server", "server", 2.0, 1, 3, 8.0, 3.0, 3.0, 8.0),
    DeadPeer("WebSocket ping, client", "client", 2.0, 1, 3, 16.0, None, None, 8.0),
]


def test_the_table_scales_the_bytes_to_an_hour() -> None:
    assert list(DeadPeers(FOUND).table["bytes_per_hour"]) == [32_400.0, 16_200.0, 14_400.0, 28_800.0]


def test_the_sentence_tells_how_late_at_what_cost_and_who_was_held() -> None:
    assert DeadPeers(FOUND).text == (
        "The dead line was noticed in 3 of 4 cases, after 1.0 to 1.5 intervals; bytes for a beat: SSE comment 9, "
        "WebSocket ping, server 8, WebSocket ping, client 16; the server still held 3 of the 4 dead connections in "
        "the end."
    )
    assert "in 0 of 1 cases, never;" in DeadPeers(FOUND[3:]).text


def test_the_figure_has_a_line_for_each_strategy_that_noticed_and_axes_in_equal_ratios() -> None:
    drawn = DeadPeers(FOUND).figure()
    assert [trace.name for trace in drawn.data if trace.showlegend is None] == [
        "SSE comment",
        "WebSocket ping, server",
    ]
    assert list(drawn.data[0].x) == [1.5, 2.0]
    assert drawn.layout.xaxis.type == drawn.layout.yaxis.type == "log"
    assert "SSE comment, a beat every 2 s: 2 s and 16,200 bytes" in drawn.layout.meta["description"]
    assert len(DeadPeers(FOUND[3:]).figure().data) == 0


def test_the_verb_tries_each_interval_with_each_seed() -> None:
    found = dead_peer((0.2, 0.3), repeats=1, seed=5, progress=False)
    assert len(found.table) == 8
    assert set(found.table["interval_s"]) == {0.2, 0.3}
    assert set(found.table["seed"]) == {5}


@pytest.mark.parametrize(
    "settings",
    [{"intervals_s": ()}, {"intervals_s": (0.1, 100)}, {"repeats": 0}, {"repeats": 101}, {"repeats": 1.0}],
)
def test_settings_out_of_range_are_refused_before_anything_is_tried(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rtlab.results.dead_peer.start_lab", lambda *names, **settings: pytest.fail("A lab was started.")
    )
    with pytest.raises(InputError, match=r"whole number from 1 to 100|0\.05 to 60"):
        dead_peer(**settings, progress=False)
