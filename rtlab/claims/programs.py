"""Experiments for the claims on simplicity that whole programs can try: C41, C45, C46 and C47."""

from __future__ import annotations

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments.passages import INTERMEDIARIES, try_intermediaries
from rtlab.experiments.programs import try_fault
from rtlab.experiments.server_failure import close_codes
from rtlab.resources import data_path
from rtlab.results.programs import Programs, programs, source
from rtlab.servers.lab import Lab

_SIMPLER = 0.9
"""At most nine tenths of the lines, and no more branches, is what we call simpler."""
_HANDSHAKE = ("Upgrade", "Sec-WebSocket", "101")


def simpler_to_set_up(lab: Lab) -> Evidence:
    """C41: count two programs for each protocol, and do harm to them. The lab is not needed."""
    found = programs(progress=False)
    return Evidence("C41", judge_simplicity(found), found.text, _numbers(found))


def judge_simplicity(found: Programs) -> str:
    """Say whether SSE is simpler at both levels, at one, or at none, among programs that survive as much."""
    rows = {(row["protocol"], row["level"]): row for row in found.table.to_dict("records")}
    simpler = [
        sse["lines"] <= _SIMPLER * websocket["lines"]
        and sse["branches"] <= websocket["branches"]
        and sse["passed"] >= websocket["passed"]
        for sse, websocket in ((rows["sse", level], rows["websocket", level]) for level in ("bare", "robust"))
    ]
    return "holds" if all(simpler) else "needs measuring" if any(simpler) else "wrong"


def upgrade_by_yourself(lab: Lab) -> Evidence:
    """C45: run a server and a client that say nothing of the handshake, then let a proxy drop the header."""
    texts = [source("websocket", "bare", part) for part in ("server", "client")]
    written = sum(text.count(word) for text in texts for word in _HANDSHAKE)
    # A stranger's token leaves the line alone, so this is a quiet run.
    (trial,) = try_fault(data_path("reference_programs"), "wrong token", (("websocket", "bare"),))
    opened = trial.expected > trial.lost
    unaware, aware = (
        next(row for row in try_intermediaries(lab) if (row.intermediary, row.way) == (name, "websocket"))
        for name in INTERMEDIARIES
    )
    proxy_matters = aware.arrived > 0 and unaware.arrived == 0
    return Evidence(
        "C45",
        "holds" if written or not opened else "imprecise" if proxy_matters else "wrong",
        f"A server and a client that mention the handshake {written} times exchanged {trial.expected - trial.lost} "
        f"events. Behind a proxy that drops Upgrade the handshake got {unaware.status}, behind one that passes it "
        f"on {aware.status}: that is what stays with you.",
        {"mentions": written, "events": trial.expected - trial.lost, "status_without_upgrade": unaware.status},
    )


def errors_are_yours(lab: Lab) -> Evidence:
    """C46: let the handlers of three servers fail, and read the close code. The lab is not needed."""
    codes = close_codes(data_path("reference_programs"))
    needs_care = codes["bare"] != 1011 and codes["robust"] == codes["rtlab"] == 1011
    return Evidence(
        "C46",
        "holds" if needs_care else "wrong",
        f"The handler failed. Where nobody had thought of it, the client saw {codes['bare']}; where the program "
        f"catches it, {codes['robust']}; with rtlab's server {codes['rtlab']}.",
        {f"close_code {name}": code or 0 for name, code in codes.items()},
    )


def reconnect_by_yourself(lab: Lab) -> Evidence:
    """C47: cut the line of a client that was given to reconnect by its library. The lab is not needed."""
    folder, bare = data_path("reference_programs"), (("websocket", "bare"),)
    (plain,) = try_fault(folder, "cut line", bare)
    (library,) = try_fault(folder, "cut line", bare, client="reconnecting_client.py")
    came_back = library.outcome.startswith("survived")
    return Evidence(
        "C47",
        "wrong" if plain.passed else "imprecise" if came_back else "holds",
        f"After a cut, a plain WebSocket {plain.outcome}. One option of a library, run_forever(reconnect=1), "
        f"brought it back: it {library.outcome}, {library.lost} of {library.expected} events.",
        {"lost_plain": plain.lost, "lost_library": library.lost, "expected_library": library.expected},
    )


def _numbers(found: Programs) -> dict[str, float]:
    return {
        f"{name} {row['protocol']} {row['level']}": float(row[name])
        for row in found.table.to_dict("records")
        for name in ("lines", "branches", "passed")
    }


EXPERIMENTS: dict[str, Experiment] = {
    "C41": simpler_to_set_up,
    "C45": upgrade_by_yourself,
    "C46": errors_are_yours,
    "C47": reconnect_by_yourself,
}
