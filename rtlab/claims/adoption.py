"""Experiments for the claims on ease of adoption, C63 to C67: they judge frameworks by trials.

A trial of this process counts first; :func:`rtlab.results.adoption.compare` makes them, and the first build of all
takes many minutes. For whatever was not measured here the dated result that comes with rtlab is the evidence, and
the finding tells the date.
"""

from __future__ import annotations

from collections import Counter

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.conformance.peers import OURSELVES, chosen_peers
from rtlab.conformance.run import run_league
from rtlab.findings.adoption import StackTrial
from rtlab.resources import data_path
from rtlab.results import adoption
from rtlab.servers.lab import Lab

_ARTICLE = "2024-02"
"""When the article came out."""
_APACHE = "Apache-2.0"


def speaks_events(trial: StackTrial) -> bool:
    """Tell whether its event stream came back after each cut and lost nothing."""
    return bool(trial.sent) and trial.lost == 0


def speaks_websocket(trial: StackTrial) -> bool:
    """Tell whether its server takes more vectors well than badly, or its client got each text back."""
    serves = trial.ok is not None and trial.ok + (trial.non_strict or 0) > (trial.failed or 0)
    return serves or bool(trial.client_sent and trial.client_echoed == trial.client_sent)


def about_equal(lab: Lab) -> Evidence:
    """C63: run a stack without any library, one with a WebSocket library alone, and one with both."""
    trials = _trials("javascript-builtins", "python-websockets", "go")
    only_events = sum(trial.sent is not None and trial.ok is None for trial in trials.values())
    only_socket = sum(trial.sent is None and trial.ok is not None for trial in trials.values())
    verdict = (
        "needs measuring" if only_events and only_socket else "wrong" if only_events or only_socket else "holds"
    )
    return Evidence(
        "C63",
        verdict,
        f"It depends on the language: of {len(trials)} servers {only_events} has an event stream and no WebSocket, "
        f"{only_socket} a WebSocket and no event stream, without further libraries.{_dated(trials)}",
        {"only_events": only_events, "only_websocket": only_socket, "tried": len(trials)},
    )


def several_libraries(lab: Lab) -> Evidence:
    """C64: count by language what ran; for Python, feed the vectors to each library that is installed."""
    trials = {trial.stack: trial for trial in adoption.dated().trials} | _trials("python-aiohttp", "python-tornado")
    events = Counter(trial.language for trial in trials.values() if speaks_events(trial))
    sockets = Counter(trial.language for trial in trials.values() if speaks_websocket(trial))
    languages = sorted(events | sockets)
    several = [name for name in languages if min(events[name], sockets[name]) > 1]
    run = run_league([peer for peer in chosen_peers(None, None) if peer.name != OURSELVES])
    passed = Counter((each.protocol, each.peer) for each in run.judgements if each.verdict in ("OK", "NON-STRICT"))
    failed = Counter((each.protocol, each.peer) for each in run.judgements if each.verdict == "FAILED")
    working = Counter(protocol for (protocol, peer), count in passed.items() if count > failed[protocol, peer])
    mostly = len(several) > len(languages) / 2 and min(working["sse"], working["websocket"]) > 1
    return Evidence(
        "C64",
        "holds" if mostly else "wrong",
        f"{len(several)} of {len(languages)} languages have two or more for each that ran ({', '.join(several)}). "
        f"Of the Python libraries installed here {working['sse']} for SSE and {working['websocket']} for WebSocket "
        f"pass more vectors than they fail.{_dated(trials)}",
        {
            "languages": len(languages),
            "with_several": len(several),
            "python_sse": working["sse"],
            "python_websocket": working["websocket"],
        },
    )


def java(lab: Lab) -> Evidence:
    """C65: run Spring and Quarkus."""
    trials = _trials("spring-webflux", "quarkus")
    return Evidence("C65", "holds" if _all_both(trials) else "wrong", _in_words(trials), _numbers(trials))


def scala(lab: Lab) -> Evidence:
    """C66: run Akka HTTP under its last free licence, and Play; look what Play is built on."""
    trials = _trials("akka-http", "play")
    akka = trials["akka-http"]
    project = data_path("reference_stacks", "play")
    texts = [path.read_text(encoding="utf-8").lower() for path in project.rglob("pom.xml")]
    on_pekko = any("pekko" in text for text in texts) and not any("akka" in text for text in texts)
    is_old = akka.licence == _APACHE and akka.released < _ARTICLE
    return Evidence(
        "C66",
        "wrong" if not _all_both(trials) else "imprecise" if is_old and on_pekko else "holds",
        f"{_in_words(trials)} But the last Akka HTTP under {akka.licence}, {akka.version}, is of "
        f"{akka.released}, and Play {trials['play'].version} is built on {'Pekko' if on_pekko else 'Akka'}.",
        _numbers(trials),
    )


def javascript(lab: Lab) -> Evidence:
    """C67: run total.js, and what the article leaves out: ws with better-sse, and no library at all."""
    trials = _trials("total-js", "node-ws", "javascript-builtins")
    total, others = trials["total-js"], [trials["node-ws"], trials["javascript-builtins"]]
    more = sum(speaks_websocket(trial) and speaks_events(trial) for trial in others)
    named = speaks_events(total) and total.ok is not None
    names = ", ".join(trial.framework for trial in others)
    return Evidence(
        "C67",
        "wrong" if not named else "imprecise" if more else "holds",
        f"total.js has both, with {total.failed} of {_vectors(total)} WebSocket vectors failed. {more} others "
        f"that the article leaves out have both as well: {names}.{_dated(trials)}",
        _numbers(trials),
    )


def _trials(*names: str) -> dict[str, StackTrial]:
    """Take what this process has measured; of what it has not built, the dated result."""
    return {trial.stack: trial for trial in adoption.known(*names).trials}


def _all_both(trials: dict[str, StackTrial]) -> bool:
    return all(speaks_events(trial) and speaks_websocket(trial) for trial in trials.values())


def _vectors(trial: StackTrial) -> int:
    return sum(count or 0 for count in (trial.ok, trial.non_strict, trial.failed))


def _in_words(trials: dict[str, StackTrial]) -> str:
    parts = [
        f"{trial.title} {trial.version}: {trial.lost} of {trial.sent} events lost after {trial.cuts} cuts, "
        f"{trial.failed} of {_vectors(trial)} WebSocket vectors failed"
        for trial in trials.values()
    ]
    return f"{'; '.join(parts)}.{_dated(trials)}"


def _dated(trials: dict[str, StackTrial]) -> str:
    dates = sorted({trial.date_utc[:10] for trial in trials.values()})
    return f" Measured: {' to '.join(dict.fromkeys((dates[0], dates[-1])))}." if dates else ""


def _numbers(trials: dict[str, StackTrial]) -> dict[str, float]:
    return {
        f"{name} {stack}": float(value)
        for stack, trial in trials.items()
        for name, value in (("lost", trial.lost), ("failed", trial.failed))
        if value is not None
    }


EXPERIMENTS: dict[str, Experiment] = {
    "C63": about_equal,
    "C64": several_libraries,
    "C65": java,
    "C66": scala,
    "C67": javascript,
}
