from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments import dead_peer
from rtlab.experiments.dead_peer import NEVER_S, SILENCE, STRATEGIES, notice_dead_peer
from rtlab.findings.simplicity import DeadPeer
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.servers.guards import Guards
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.measuring

INTERVAL_S = 0.3


@pytest.fixture
def found(make_lab: Callable[..., Lab]) -> dict[str, DeadPeer]:
    beating = make_lab(heartbeat_s=INTERVAL_S, guards=Guards(idle_timeout_s=SILENCE * INTERVAL_S))
    silent = make_lab(heartbeat_s=NEVER_S)
    return {one.strategy: one for one in notice_dead_peer(beating, silent, INTERVAL_S)}


def test_each_heartbeat_notices_the_dead_line_and_costs_what_its_frames_do(found: dict[str, DeadPeer]) -> None:
    assert tuple(found) == STRATEGIES
    assert all(one.detected_s and one.detected_s > 0 for one in found.values())
    assert all(one.beats >= 2 for one in found.values())
    # A chunk with a comment; 2 + 6 bytes; 4 bytes of payload more, both ways; a text of one letter, both ways.
    sizes = {strategy: one.bytes_per_beat for strategy, one in found.items()}
    assert sizes == dict(zip(STRATEGIES, (9.0, 8.0, 16.0, 10.0), strict=True))


def test_only_a_server_that_asks_lets_a_dead_connection_go(found: dict[str, DeadPeer]) -> None:
    let_go = {strategy for strategy, one in found.items() if one.held_s is not None}
    assert let_go == {"WebSocket ping, server"} == {s for s, one in found.items() if one.noticed_by == "server"}


@pytest.mark.parametrize("interval_s", [0.04, 61.0])
def test_an_interval_out_of_its_range_is_refused(lab: Lab, interval_s: float) -> None:
    with pytest.raises(InputError, match="interval_s"):
        notice_dead_peer(lab, lab, interval_s)


def test_an_interrupt_while_the_relay_starts_leaves_no_socket(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Relay):
        async def start(self) -> None:
            await super().start()
            raise asyncio.CancelledError

    monkeypatch.setattr(dead_peer, "Relay", Interrupted)
    with pytest.raises(LabNotRunning):
        notice_dead_peer(lab, lab, 0.1)


def test_an_interrupt_while_it_cleans_up_leaves_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    finish, finishing = dead_peer.Watch.finish, threading.Event()

    async def finish_late(watch: dead_peer.Watch) -> None:
        await finish(watch)
        finishing.set()
        await asyncio.sleep(10.0)

    monkeypatch.setattr(dead_peer.Watch, "finish", finish_late)
    running = shared.submit(lambda: dead_peer._notice(lab, lab, 0.05, 1))
    assert finishing.wait(30)
    running.cancel()
