from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.connections import count_connections
from rtlab.findings.protocol import ConnectionCount
from rtlab.servers.lab import Lab


@pytest.mark.parametrize("way", ["sse", "websocket"])
def test_each_client_has_a_connection_of_its_own(lab: Lab, way: str) -> None:
    assert count_connections(lab, way, 7) == ConnectionCount(way, 7, 0, 7, 7)


def test_each_return_is_a_new_request_on_a_new_connection(lab: Lab) -> None:
    assert count_connections(lab, "sse", 2, cuts=1) == ConnectionCount("sse", 2, 1, 4, 4)


@pytest.mark.parametrize(
    ("way", "clients", "cuts"), [("sse", 0, 0), ("sse", 301, 0), ("websocket", 1, 1), ("x", 1, 0)]
)
def test_a_setting_out_of_its_range_is_refused(lab: Lab, way: str, clients: int, cuts: int) -> None:
    with pytest.raises(InputError):
        count_connections(lab, way, clients, cuts=cuts)
