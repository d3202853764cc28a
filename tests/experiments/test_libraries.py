from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.libraries import measure_libraries
from rtlab.experiments.peer_servers import LIBRARIES


def test_each_transport_delivers_and_they_take_turns() -> None:
    told: list[tuple[int, int, str]] = []
    found = measure_libraries(
        [LIBRARIES["tornado"]], connections=2, seconds=0.1, repeats=2, progress=lambda *what: told.append(what)
    )
    assert [(each.server, each.way) for each in found] == [
        ("tornado", way) for way in ("sse", "websocket", "websocket", "sse")
    ]
    assert all(each.deliveries > 0 and each.connections == 2 and each.payload_bytes == 32 for each in found)
    assert [done for done, _, _ in told] == list(range(4))


@pytest.mark.parametrize("wrong", [{"connections": 0}, {"payload_bytes": 10}, {"repeats": 0}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="connections: 1 to 1,000"):
        measure_libraries([LIBRARIES["rtlab"]], **wrong)  # type: ignore[arg-type]  # wrong on purpose
