from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.findings.scorecard import Measure
from rtlab.results.scorecard import scorecard

SAFE = Measure("Security", "attacks", 2, 8, "lower", "attacks", "2026-11-23")
FAST = Measure("Performance", "latency", 4, 1, "lower", "ms", "2026-11-23")


def bands(card):
    figure = card.figure("tipping")
    return {
        (name, round(start, 3), round(start + length, 3), bar.name.rpartition(" ")[2])
        for bar in figure.data[:2]
        for name, start, length in zip(bar.y or (), bar.base or (), bar.x or (), strict=True)
    }


def test_a_band_changes_where_the_balance_tips():
    card = scorecard([SAFE, FAST], {"Security": 4}, reference=False)
    assert card.tipping["Security"] == pytest.approx(1)
    assert {band for band in bands(card) if band[0] == "Security"} == {
        ("Security", 0, 1, "WebSocket"),
        ("Security", 1, 10, "SSE"),
    }
    assert ("Tooling", 0, 10, "SSE") in bands(card)
    assert "Security: below 1.0 WebSocket, above" in card.figure("tipping").layout.meta["description"]


def test_without_a_measure_no_weight_tips_anything():
    card = scorecard([], reference=False)
    assert bands(card) == set()
    assert "Tooling: balanced with any weight" in card.figure("tipping").layout.meta["description"]


def test_there_are_two_figures():
    with pytest.raises(InputError, match="'pulls' or 'tipping'"):
        scorecard().figure("weights")  # type: ignore[arg-type]  # the mistake that is tested
