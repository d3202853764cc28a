"""Experiments for the claims on attacks from other sites: C14 and C52."""

from __future__ import annotations

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments.attack_cross_site import COOKIE, attempts_over_both
from rtlab.experiments.hijack import FOREIGN, try_hijacking
from rtlab.experiments.victim import ORIGIN, TOKEN, UNCHECKED
from rtlab.pages.browsers import has_browser
from rtlab.servers.lab import Lab


def weakness_of_websocket(lab: Lab) -> Evidence:
    """C14: the same attacks over WebSocket, and over event streams with POST, with the guards off and on."""
    won: dict[tuple[bool, bool], set[str]] = {
        (over, guarded): set() for over in (True, False) for guarded in (True, False)
    }
    tried = set()
    for each in attempts_over_both():
        tried.add(each.attack)
        if each.succeeded:
            won[each.transport == "websocket", each.target != "naive"].add(each.attack)
    sockets, others = won[True, False], won[False, False]
    sockets_guarded, others_guarded = won[True, True], won[False, True]
    if len(sockets_guarded) > len(others_guarded):
        verdict = "holds"
    else:
        verdict = "imprecise" if len(sockets) > len(others) else "wrong"
    return Evidence(
        "C14",
        verdict,
        f"{len(tried)} attacks were run over both. Without guards {len(sockets)} succeeded over WebSocket and "
        f"{len(others)} over event streams with POST; over WebSocket alone: "
        f"{', '.join(sorted(sockets - others)) or 'none'}. With the guards {len(sockets_guarded)} and "
        f"{len(others_guarded)} succeeded.",
        {
            "attacks": len(tried),
            "websocket, no guards": len(sockets),
            "sse and http, no guards": len(others),
            "websocket, guards": len(sockets_guarded),
            "sse and http, guards": len(others_guarded),
        },
    )


def hijacking(lab: Lab) -> Evidence:
    """C52: a page of a foreign site, with the victim's cookie, against three defences."""
    tries = try_hijacking((FOREIGN,), in_browser=has_browser("chromium"))
    bare = [each for each in tries if each.policy == UNCHECKED]
    won = sum(each.read for each in bare if each.cookie == COOKIE)
    defended = {
        "SameSite": sum(each.read for each in bare if each.cookie != COOKIE),
        "Origin check": sum(each.read for each in tries if each.policy == ORIGIN),
        "token": sum(each.read for each in tries if each.policy == TOKEN),
    }
    return Evidence(
        "C52",
        "holds" if won else "wrong",
        f"A page of {FOREIGN} (sent by {tries[0].by}) opened a WebSocket of 127.0.0.1 and "
        f"{'read' if won else 'could not read'} the victim's data with the victim's cookie, {COOKIE}. Successes "
        f"against a defence: {', '.join(f'{name}: {count}' for name, count in defended.items())}.",
        {"no defence": won, **defended},
    )


EXPERIMENTS: dict[str, Experiment] = {"C14": weakness_of_websocket, "C52": hijacking}
