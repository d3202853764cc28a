"""Experiments for the claims on resuming and on idle lines: C33, C42, C49."""

from __future__ import annotations

from dataclasses import asdict

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments.idle_cut import survive_idle
from rtlab.experiments.losses import SERVERS, count_losses
from rtlab.experiments.restart import restart_under_clients
from rtlab.servers.lab import Lab, start_lab

_CUTS = 10
_IDLE_S = 0.6
_HEARTBEATS_S = (_IDLE_S / 4, _IDLE_S / 2, 2 * _IDLE_S)
_COME_BACK_ALONE = ("EventSource", "sseclient-py")
"""The clients of an event stream, used as they are: what a developer gets for nothing."""


def resumes_by_itself(lab: Lab) -> Evidence:
    """C33: cut an EventSource ten times with three servers, and count. The lab is not needed."""
    lost, repeated = {}, {}
    for server in ("no ids", "ids, no history", "ids, enough history"):
        with start_lab(f"claim C33, {server}", **asdict(SERVERS[server])) as own:
            (found,) = count_losses(own, server, events=600, cuts=_CUTS, rate_per_s=400, designs=("EventSource",))
        lost[server], repeated[server] = found.account.lost, found.account.doubled
    resumed = lost.pop("ids, enough history") + sum(repeated.values()) == 0
    return Evidence(
        "C33",
        "wrong" if not resumed else "imprecise" if any(lost.values()) else "holds",
        f"In {_CUTS} cuts of 600 events the same EventSource lost {lost['no ids']} where the server gave no ids, "
        f"{lost['ids, no history']} where it gave ids and kept nothing, and "
        f"{'none' if resumed else 'some, or got them twice,'} where it kept them.",
        {f"lost {server}": count for server, count in lost.items()} | {"repeated": sum(repeated.values())},
    )


def less_to_handle(lab: Lab) -> Evidence:
    """C42: stop a server under several clients and start another one on its port. The lab is not needed."""
    found = {each.client: each for each in restart_under_clients()}
    whole = [name for name, each in found.items() if each.returned and each.account.lost == 0]
    back = [name for name in _COME_BACK_ALONE if name in whole]
    told = "; ".join(
        f"{name}: {'came back' if each.returned else 'stayed away'}, lost {each.account.lost}"
        for name, each in found.items()
    )
    by_hand = "WebSocket" not in whole
    return Evidence(
        "C42",
        "holds" if by_hand and len(back) == 2 else "imprecise" if by_hand and "EventSource" in back else "wrong",
        f"After a restart of the server, of {found['EventSource'].account.sent} messages: {told}.",
        {f"lost {name}": each.account.lost for name, each in found.items()},
    )


def needs_special_settings(lab: Lab) -> Evidence:
    """C49: leave both idle behind a proxy that cuts silent lines; try some heartbeats. The lab is not needed."""
    survived: dict[tuple[str, float], bool] = {}
    for heartbeat_s in _HEARTBEATS_S:
        with start_lab("claim C49", heartbeat_s=heartbeat_s) as own:
            for line in survive_idle(own, heartbeat_s, idle_s=_IDLE_S):
                survived[line.way, heartbeat_s] = line.survived
    alive = {
        heartbeat_s: sum(survived[way, heartbeat_s] for way in ("sse", "websocket"))
        for heartbeat_s in _HEARTBEATS_S
    }
    saved = all(count == 2 for heartbeat_s, count in alive.items() if heartbeat_s < _IDLE_S)
    cut = all(count == 0 for heartbeat_s, count in alive.items() if heartbeat_s > _IDLE_S)
    told = ", ".join(f"every {heartbeat_s:g} s {count}" for heartbeat_s, count in alive.items())
    return Evidence(
        "C49",
        "holds" if saved and cut else "imprecise" if cut else "wrong",
        f"A proxy cut lines that were silent for {_IDLE_S:g} s. Of an event stream and a WebSocket so many "
        f"survived, by the heartbeat: {told}.",
        {f"{way}, {heartbeat_s:g} s": float(lives) for (way, heartbeat_s), lives in survived.items()},
    )


EXPERIMENTS: dict[str, Experiment] = {
    "C33": resumes_by_itself,
    "C42": less_to_handle,
    "C49": needs_special_settings,
}
