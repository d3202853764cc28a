from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from rtlab.errors import InputError
from rtlab.experiments.upstream import WAYS, push_only
from rtlab.servers.lab import Lab


@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_only_receives_sends_nothing(lab: Lab, way: str) -> None:
    found = push_only(lab, way, 500, 32)
    assert (found.way, found.sent, found.received, found.bytes_up) == (way, 500, 500, 0)
    assert found.opening_up_bytes > 100
    assert found.bytes_down >= 500 * (34 if way == "websocket" else 40)


def test_a_websocket_is_framed_by_two_bytes_and_nothing_else_comes(lab: Lab) -> None:
    assert push_only(lab, "websocket", 100, 64).bytes_down == 100 * 66


def test_pongs_are_what_a_client_sends_if_the_server_pings(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(heartbeat_s=0.01)
    found = push_only(lab, "websocket", 10_000, 32)
    assert found.received == 10_000
    assert found.bytes_up > 0
    assert found.bytes_up % 6 == 0  # an empty pong with its mask
    assert push_only(lab, "sse", 10_000, 32).bytes_up == 0


@pytest.mark.parametrize("wrong", [{"way": "polling"}, {"messages": 0}, {"payload_bytes": 70_000}])
def test_settings_that_cannot_work_are_refused(lab: Lab, wrong: dict[str, int | str]) -> None:
    with pytest.raises(InputError, match=re.compile("way:|Workload count")):
        push_only(lab, **{"way": "sse", **wrong})  # type: ignore[arg-type]  # wrong on purpose
