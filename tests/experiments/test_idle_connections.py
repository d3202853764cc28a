from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.idle_connections import STEPS, WAYS, idle_cost


@pytest.mark.parametrize("way", WAYS)
def test_each_idle_connection_takes_an_open_file(way: str) -> None:
    found = idle_cost(way, most=150)
    assert found.connections[-1] == 150
    assert len(found.connections) == len(found.memory_bytes) == len(found.descriptors) == STEPS
    assert found.descriptors_each == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize(("way", "most"), [("polling", 100), ("sse", 10)])
def test_settings_that_cannot_work_are_refused(way: str, most: int) -> None:
    with pytest.raises(InputError, match="sse or websocket"):
        idle_cost(way, most)
