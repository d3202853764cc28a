from __future__ import annotations

import pytest

import rtlab
from rtlab.errors import LabError
from rtlab.stacks import bench
from rtlab.stacks.serving import Served, serving

from .conftest import GOOD_SERVER, Make


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "EVENTS", 200)
    monkeypatch.setattr(bench, "ROUND_TRIPS", 20)


def test_all_events_are_counted(make: Make) -> None:
    with serving(make()) as served:
        assert bench.events_per_s(served) > 0


def test_a_stream_with_too_few_events_has_no_rate(make: Make) -> None:
    text = GOOD_SERVER.replace("range(first, count + 1)", "range(first, count)")
    with serving(make({"server.py": text})) as served, pytest.raises(LabError, match="199 events instead of 200"):
        bench.events_per_s(served)


def test_round_trips_are_counted(make: Make) -> None:
    with rtlab.start_lab("echo") as lab, serving(make()) as served:
        echoing = Served(served.stack, served.folder, lab.port, served.start_ms, served.program)
        assert bench.echoes_per_s(echoing) > 0


def test_a_server_without_a_websocket_has_no_round_trips(make: Make) -> None:
    text = GOOD_SERVER.replace(
        "        query = ", "        if self.path == '/echo': return self.send_error(501)\n        query = "
    )
    with serving(make({"server.py": text})) as served, pytest.raises(LabError, match="opening handshake"):
        bench.echoes_per_s(served)
