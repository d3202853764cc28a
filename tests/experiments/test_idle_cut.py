from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments import idle_cut
from rtlab.experiments.idle_cut import survive_idle
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab


@pytest.mark.parametrize(("heartbeat_s", "survives"), [(0.1, True), (60.0, False)])
def test_a_heartbeat_shorter_than_the_limit_saves_both_lines(
    make_lab: Callable[..., Lab], heartbeat_s: float, survives: bool
) -> None:
    found = survive_idle(make_lab(heartbeat_s=heartbeat_s), heartbeat_s, idle_s=0.6)
    assert [(line.way, line.survived) for line in found] == [("sse", survives), ("websocket", survives)]


@pytest.mark.parametrize("idle_s", [0.05, 61.0])
def test_a_limit_out_of_its_range_is_refused(lab: Lab, idle_s: float) -> None:
    with pytest.raises(InputError, match="idle_s"):
        survive_idle(lab, 15.0, idle_s=idle_s)


def test_an_interrupt_while_the_relay_starts_leaves_no_socket(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Relay):
        async def start(self) -> None:
            await super().start()
            raise asyncio.CancelledError

    monkeypatch.setattr(idle_cut, "Relay", Interrupted)
    with pytest.raises(LabNotRunning):
        survive_idle(lab, 15.0)
