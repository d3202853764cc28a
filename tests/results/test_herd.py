from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rtlab.errors import InputError, RtlabError
from rtlab.experiments.herd_simulation import HerdSimulation
from rtlab.findings.herd import HerdCosts
from rtlab.results.herd import Herd, herd

pytestmark = pytest.mark.measuring

COSTS = HerdCosts(0.001, 1_024, 0.0005, 0.0, 0.1)
MEASURED = replace(HerdSimulation(COSTS).run("full jitter", 200), source="measured")


def test_a_herd_is_measured_with_each_strategy_named() -> None:
    found = herd(20, ["retry: from the server", "full jitter"], progress=False)
    assert list(found.table["strategy"]) == ["retry: from the server", "full jitter"]
    assert found.attempts["attempts"].sum() == found.table["attempts"].sum()
    assert found.text.startswith("20 clients, measured, most attempts")
    assert len(found.figure().data) == 2
    assert len(found.costs) == 2


def test_a_simulated_herd_stands_beside_the_measured_one() -> None:
    found = Herd([MEASURED], [COSTS]).simulate(2_000, progress=False)
    assert list(found.table["source"]) == ["measured", "simulated"]
    assert list(found.table["clients"]) == [200, 2_000]
    assert "2,000 clients, simulated" in found.text
    assert len(found.figure().data) == 2


def test_a_measured_herd_that_cannot_be_reproduced_is_not_extrapolated() -> None:
    with pytest.raises(RtlabError, match="tells nothing of larger ones"):
        Herd([replace(MEASURED, back_95_s=60.0)], [COSTS]).simulate(progress=False)


def test_where_nobody_insists_the_measured_herd_stands_alone_and_says_why() -> None:
    measured = replace(MEASURED, back_95_s=60.0)
    found = Herd([measured], [COSTS]).simulate(strict=False, progress=False)
    assert found.measured == (measured,)
    assert found.simulated == ()
    assert "tells nothing of larger ones" in found.text
    assert len(found.figure().data) == 1


def test_a_herd_that_is_not_back_is_told() -> None:
    assert "not all came back" in Herd([replace(MEASURED, back_95_s=None)], [COSTS]).text


def test_a_herd_needs_a_strategy() -> None:
    with pytest.raises(InputError, match="full jitter"):
        herd(strategies=[])


@pytest.mark.parametrize("strategies", ["full jitter", ["full jitter", "at once"]])
def test_an_unknown_strategy_is_refused_before_any_is_tried(
    strategies: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtlab.results.herd.measure_herd", lambda *settings: pytest.fail("A strategy was tried."))
    with pytest.raises(InputError, match="list of strategies: 'fixed delay'"):
        herd(20, strategies, progress=False)
