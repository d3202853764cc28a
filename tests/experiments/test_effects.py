from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.effects import FACTORS, measure_effects

pytestmark = pytest.mark.measuring


def test_each_change_stands_beside_the_base_case_of_its_transport() -> None:
    found = measure_effects(["joining", "compression", "chunked coding", "client's parser"], seconds=0.1, repeats=1)
    assert [(each.factor, each.way) for each in found] == [
        ("joining", "sse"),
        ("chunked coding", "sse"),
        ("joining", "websocket"),
        ("compression", "websocket"),
        ("client's parser", "sse"),
        ("client's parser", "websocket"),
    ]
    assert found[0].base_us == found[1].base_us != found[2].base_us
    assert all(len(each.base_us) == len(each.changed_us) == 1 for each in found)


def test_factors_that_need_no_server_start_none() -> None:
    (found,) = measure_effects(["Nagle's algorithm"], ["websocket"], repeats=1)
    assert (found.measure, len(found.changed_us)) == ("median age", 1)
    assert not measure_effects(["Nagle's algorithm"], ["sse"])


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(InputError, match="factors"):
        measure_effects(["the weather"])
    with pytest.raises(InputError, match="transports"):
        measure_effects(FACTORS, ["pigeon"])
