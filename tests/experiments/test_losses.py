from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict

import pytest

from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments import losses
from rtlab.experiments.listeners import DESIGNS
from rtlab.experiments.losses import SERVERS, count_losses
from rtlab.findings.simplicity import Loss
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab

STAYS_AWAY = {"sseclient-py", "WebSocket"}
NAMES_THE_LAST_ID = {"EventSource", "WebSocket, resumed"}


def cut_five_times(lab: Lab, server: str, seed: int) -> dict[str, Loss]:
    found = count_losses(lab, server, events=300, cuts=5, rate_per_s=600, seed=seed)
    return {loss.client: loss for loss in found}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("server", SERVERS)
def test_every_message_is_accounted_for(make_lab: Callable[..., Lab], server: str, seed: int) -> None:
    found = cut_five_times(make_lab(**asdict(SERVERS[server])), server, seed)
    assert list(found) == list(DESIGNS)
    for client, loss in found.items():
        kept = loss.account
        assert kept.delivered + kept.lost == kept.sent == 300
        assert (kept.doubled, kept.out_of_order) == (0, 0)
        assert (loss.server, loss.seed) == (server, seed)
        if client in STAYS_AWAY:
            assert (loss.cuts, loss.recovery_ms) == (1, ())
            assert kept.lost > 0
        else:
            assert 1 <= loss.cuts <= 5
            assert len(loss.recovery_ms) == loss.cuts
            assert min(loss.recovery_ms) > 0
        resumes = server == "ids, enough history" and client in NAMES_THE_LAST_ID
        assert (kept.lost == 0) == resumes


def test_a_history_that_is_too_short_still_gives_its_end(make_lab: Callable[..., Lab]) -> None:
    lost = {}
    for server in ("ids, no history", "ids, short history"):
        found = cut_five_times(make_lab(**asdict(SERVERS[server])), server, 3)
        lost[server] = found["EventSource"].account.lost / found["EventSource"].cuts
    assert lost["ids, short history"] < lost["ids, no history"]


def test_without_a_cut_nobody_loses_anything(lab: Lab) -> None:
    for loss in count_losses(lab, events=50, cuts=0):
        assert (loss.account.lost, loss.cuts, loss.recovery_ms) == (0, 0, ())


def test_an_isolated_lab_is_accounted_for_as_well(make_lab: Callable[..., Lab]) -> None:
    lab = make_lab(isolated=True, retry_ms=20)
    designs = ("EventSource", "WebSocket")
    found = {loss.client: loss.account for loss in count_losses(lab, events=100, cuts=2, designs=designs)}
    assert found["EventSource"].lost == 0
    assert found["WebSocket"].lost > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"events": 9},
        {"events": 100_001},
        {"cuts": -1},
        {"cuts": 1_001},
        {"events": 1_000, "rate_per_s": 3.0},
        {"rate_per_s": 0.0},
        {"designs": ("Fax",)},
        {"designs": ()},
        {"designs": "EventSource"},
        {"events": 100.0},
        {"cuts": 1.5},
    ],
)
def test_settings_out_of_range_are_refused(lab: Lab, settings: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"clients: a list|whole number"):
        count_losses(lab, **settings)  # type: ignore[arg-type]


def test_a_stopped_lab_is_refused(lab: Lab) -> None:
    shared.hold()  # as another lab would
    try:
        lab.stop()
        with pytest.raises(LabNotRunning, match="start_lab"):
            count_losses(lab)
    finally:
        shared.release()


def test_an_interrupt_while_the_relay_starts_leaves_no_socket(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Relay):
        async def start(self) -> None:
            await super().start()
            raise asyncio.CancelledError

    monkeypatch.setattr(losses, "Relay", Interrupted)
    with pytest.raises(LabNotRunning):
        count_losses(lab, events=10, cuts=0)
