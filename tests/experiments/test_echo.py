from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rtlab.errors import InputError
from rtlab.experiments.echo import measure_echoes
from rtlab.experiments.peer_servers import LIBRARIES

pytestmark = pytest.mark.measuring


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_library_answers_every_client_over_each_way_that_it_has(name: str) -> None:
    library = LIBRARIES[name]
    found = measure_echoes((library,), (1, 3), seconds=0.1, repeats=1)
    ways = ["websocket"] + ["sse+post"] * ("sse" in library.offers)
    assert [(each.clients, each.way) for each in found] == [(count, way) for count in (1, 3) for way in ways]
    for each in found:
        assert each.round_trips >= each.clients
        assert each.bytes_up >= 32 * each.round_trips
        assert each.bytes_down >= 32 * each.round_trips


def test_a_server_that_is_not_there_is_told_as_json() -> None:
    order = dict.fromkeys(("echo_url", "sse_url", "publish_url"), "ws://127.0.0.1:9/echo")
    numbers = {"clients": 1, "payload_bytes": 32, "warm_up_s": 0, "seconds": 0.1, "server_pid": 0}
    done = subprocess.run(
        [sys.executable, "-m", "rtlab.experiments.asking"],
        input=json.dumps({"way": "websocket", **order, **numbers}) + "\n",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "error" in json.loads(done.stdout)


@pytest.mark.parametrize(
    "wrong", [{"clients": ()}, {"clients": (0,)}, {"payload_bytes": 10}, {"seconds": 0.0}, {"repeats": 0}]
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="clients: each 1 to 500"):
        measure_echoes((LIBRARIES["rtlab"],), **wrong)  # type: ignore[arg-type]  # wrong on purpose
