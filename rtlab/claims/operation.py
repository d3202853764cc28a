"""Experiments for the claims on what comes with running it: C43, C44 and C48."""

from __future__ import annotations

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments.coupling import CHANGES, try_changes
from rtlab.experiments.idle_connections import WAYS, idle_cost
from rtlab.experiments.two_servers import ROUTES, notes_back
from rtlab.servers.lab import Lab, start_lab

_NOTES = 5
_STRAINS_BYTES = 1_000
"""From 1 kB on, a million idle connections take a gigabyte."""


def only_an_endpoint(lab: Lab) -> Evidence:
    """C43: rename an event, add a field, drop a field, and see which clients still read it."""
    found = try_changes(lab)
    breaks = {
        way: [change for change in CHANGES if found[way, change] != "reads it"] for way in ("sse", "websocket")
    }
    return Evidence(
        "C43",
        judge_coupling(breaks["sse"], breaks["websocket"]),
        f"What broke an SSE client: {', '.join(breaks['sse']) or 'nothing'}; a WebSocket client: "
        f"{', '.join(breaks['websocket']) or 'nothing'}. When the event is renamed, the SSE client "
        f"{found['sse', 'rename the event']}, without a word.",
        {f"breaks {way}": len(changes) for way, changes in breaks.items()},
    )


def judge_coupling(sse: list[str], websocket: list[str]) -> str:
    """Judge from the changes that broke each client: is the address enough, or does SSE even couple more?"""
    return "holds" if not sse else "imprecise" if len(sse) <= len(websocket) else "wrong"


def second_channel(lab: Lab) -> Evidence:
    """C44: take the stream from one server and post to another, without and with what they share."""
    with start_lab(f"{lab.name}, C44") as other:
        back = {route: notes_back(lab, other, route, _NOTES) for route in ROUTES}
    complicates = back["two servers"] < _NOTES
    simple = back["one server"] == back["two servers that share"] == _NOTES
    return Evidence(
        "C44",
        "imprecise" if simple and complicates else "wrong" if simple else "holds",
        f"Of {_NOTES} notes came back: {'; '.join(f'{route} {count}' for route, count in back.items())}. The "
        "second channel is one POST; what costs is to reach the same server, or to share between them.",
        {f"back {route}": count for route, count in back.items()},
    )


def strains_resources(lab: Lab) -> Evidence:
    """C48: open idle connections to a lab of its own, and fit memory and open files. The lab is not needed."""
    costs = [idle_cost(way) for way in WAYS]
    strains = all(cost.bytes_each >= _STRAINS_BYTES and cost.descriptors_each > 0.9 for cost in costs)
    parts = "; ".join(
        f"{cost.way} {cost.bytes_each / 1_000:.1f} kB and {cost.descriptors_each:.2f} open files" for cost in costs
    )
    return Evidence(
        "C48",
        "holds" if strains else "wrong",
        f"Up to {costs[0].connections[-1]:,} idle connections, each took: {parts}, besides what the system keeps.",
        {f"bytes {cost.way}": cost.bytes_each for cost in costs}
        | {f"open files {cost.way}": cost.descriptors_each for cost in costs},
    )


EXPERIMENTS: dict[str, Experiment] = {"C43": only_an_endpoint, "C44": second_channel, "C48": strains_resources}
"""What can be tried."""
