from __future__ import annotations

import asyncio
import errno
from typing import Any

import pytest

from rtlab.errors import InputError, LabError
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


def test_where_one_cannot_be_opened_it_says_so_and_closes_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect, opened = asyncio.open_connection, iter(range(1_000))

    async def run_out(*address: Any) -> Any:
        if next(opened) == 60:
            raise OSError(errno.EMFILE, "Too many open files")
        return await connect(*address)

    monkeypatch.setattr(asyncio, "open_connection", run_out)
    with pytest.raises(LabError, match="ask for fewer"):
        idle_cost("sse", 100)
