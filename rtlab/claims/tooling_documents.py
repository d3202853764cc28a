"""Experiments for the claims on test tools and documents: C68, C69, C70, C75 and C76."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.conformance.peers import OURSELVES, Feed, Peer, Vector, chosen_peers
from rtlab.conformance.run import run_league
from rtlab.errors import InputError, LabError, MissingExtra
from rtlab.experiments.observation import publish_prices
from rtlab.exports.validation import openapi_schema, require_valid
from rtlab.results.contract import contract
from rtlab.results.documents import Documents, documents
from rtlab.results.postman import Postman, postman
from rtlab.servers.lab import Lab, start_lab
from rtlab.tools import postman as programs

NEEDS: Mapping[str, str] = {"C69": "postman", "C70": "postman"}
"""Claims that can be tried only with a program of others, and its name."""


def can_be_tried(claim_id: str) -> bool:
    """Tell whether what a claim needs of others is installed; most need nothing."""
    if claim_id == "C76":
        return find_spec("openapi_spec_validator") is not None
    try:
        if claim_id in NEEDS:
            programs.find_runner(NEEDS[claim_id])
    except MissingExtra:
        return False
    return True


@contextmanager
def _fresh() -> Iterator[Lab]:
    """A lab of our own, for the learner's may have a process of its own, a token, or TLS."""
    with start_lab("claims on tools") as lab:
        yield lab


def automated_tests(lab: Lab) -> Evidence:
    """C68: run test cases for both protocols without a hand, and let them find a planted bug in each."""
    numbers: dict[str, float] = {}
    for peer in chosen_peers(None, (OURSELVES,)):
        for name, tried in (("", peer), (", planted bug", _losing_the_last(peer))):
            judgements = run_league([tried]).judgements
            numbers[f"{peer.protocol} cases{name}"] = len(judgements)
            numbers[f"{peer.protocol} failed{name}"] = sum(each.verdict == "FAILED" for each in judgements)
    return Evidence("C68", judge_automated(numbers), _told(numbers), numbers)


def judge_automated(numbers: Mapping[str, float]) -> str:
    """Judge from the counts: wrong if for both protocols cases ran, passed, and found the planted bug."""
    found = all(
        numbers[f"{protocol} cases"] > 0
        and numbers[f"{protocol} failed"] == 0
        and numbers[f"{protocol} failed, planted bug"] > 0
        for protocol in ("sse", "websocket")
    )
    return "wrong" if found else "holds"


def postman_supports(lab: Lab) -> Evidence:
    """C69: let Postman's own program check a collection of each kind, and one with a kind that it does not have."""
    found = _run_postman()
    unknown = _refuses_unknown_kind()
    checked = {step.collection: step.files for step in found.steps if step.step == "checked"}
    ran = max(step.tests - step.failed for step in found.steps if step.collection.startswith("HTTP"))
    fine = all(checked.values()) and ran > 0 and unknown
    return Evidence(
        "C69",
        "holds" if fine else "wrong",
        f"The Postman CLI ran {ran} tests on an event stream and its publishing, and took a collection of "
        f"WebSocket requests as correct; a kind that it does not have it {'refused' if unknown else 'took, too'}.",
        {"stream tests": ran, "WebSocket files": checked["WebSocket"], "unknown kind refused": float(unknown)},
    )


def postman_suites(lab: Lab) -> Evidence:
    """C70: run the collections of both kinds without a screen, and count the tests that ran."""
    found = _run_postman()
    streams, sockets = tests_run(found)
    return Evidence(
        "C70",
        "holds" if streams and sockets else "imprecise" if streams else "wrong",
        f"For event streams that end {streams} tests ran, for WebSocket {sockets}: "
        f"{next(step.outcome for step in found.steps if step.collection == 'WebSocket' and step.step == 'run')}.",
        {"stream tests": streams, "WebSocket tests": sockets},
    )


def tests_run(found: Postman) -> tuple[int, int]:
    """Count the tests that ran for streams, and for WebSockets."""
    ran = [step for step in found.steps if step.step == "run"]
    streams = max((step.tests for step in ran if step.collection != "WebSocket"), default=0)
    return streams, max((step.tests for step in ran if step.collection == "WebSocket"), default=0)


def asyncapi_documents_both(lab: Lab) -> Evidence:
    """C75: describe both in AsyncAPI, validate it, and look for a binding of each."""
    with _fresh() as own:
        known = documents(own)
    valid = _is_valid(known.asyncapi)
    bindings = {name: _has_binding(known, name) for name in ("ws", "http", "sse")}
    verdict = "wrong" if not (valid and bindings["ws"]) else "holds" if bindings["sse"] else "imprecise"
    sse = (
        "takes one named sse" if bindings["sse"] else "refuses one named sse, so the stream is HTTP with extensions"
    )
    return Evidence(
        "C75",
        verdict,
        f"A document with an event stream and a WebSocket fulfils the schema of AsyncAPI 3.1. Of bindings "
        f"the schema checks the one named ws, and {sse}.",
        {"valid": float(valid)} | {f"binding {name}": float(there) for name, there in bindings.items()},
    )


def openapi_supports(lab: Lab) -> Evidence:
    """C76: describe both in OpenAPI 3.2, and hold live events, one of them broken, against the document."""
    with _fresh() as own:
        known = documents(own)
        kept = contract(own, known.openapi, channels=("news",), schemathesis=False)
        broken = contract(own, known.openapi, _publish_broken, channels=("news",), schemathesis=False)
    valid = _is_valid(known.openapi)
    sockets = "websocket" in json.dumps(openapi_schema()).lower()
    events = sum(check.checked for check in kept.checks)
    streams = valid and kept.kept and not broken.kept and events > 0
    return Evidence(
        "C76",
        "outdated" if streams and not sockets else "holds" if not streams else "wrong",
        f"OpenAPI 3.2 described each event of the stream; {events} live ones were held against it, and a planted "
        f"broken one was {'not ' if broken.kept else ''}found. The schema of OpenAPI "
        f"{'has' if sockets else 'does not have'} the word WebSocket.",
        {
            "valid": float(valid),
            "events": events,
            "breaches found": sum(len(each.breaches) for each in broken.checks),
        },
    )


def _run_postman() -> Postman:
    programs.find_runner("postman")  # a kept run is no evidence of today
    with _fresh() as own:
        return postman(own, application=publish_prices)


def _losing_the_last(peer: Peer) -> Peer:
    """Make a peer that loses the last message of each case: the planted bug."""

    @contextmanager
    def open_broken() -> Iterator[Feed]:
        with peer.open() as feed:
            yield _broken(feed)

    return replace(peer, open=open_broken)


def _broken(feed: Feed) -> Callable[[Vector, Sequence[bytes], Any], None]:
    def broken(vector: Vector, chunks: Sequence[bytes], outcome: Any) -> None:
        feed(vector, chunks, outcome)
        del (outcome.events if hasattr(outcome, "events") else outcome.messages)[-1:]

    return broken


def _told(numbers: Mapping[str, float]) -> str:
    parts = [
        f"{name}: {numbers[f'{protocol} cases']:.0f} cases, of which a receiver that loses the last message failed "
        f"{numbers[f'{protocol} failed, planted bug']:.0f} and ours {numbers[f'{protocol} failed']:.0f}"
        for protocol, name in (("sse", "SSE"), ("websocket", "WebSocket"))
    ]
    return f"Test cases ran by themselves. {'; '.join(parts)}."


def _publish_broken(lab: Lab) -> None:
    lab.publish('{"symbol": "ABC", "eur": "12.5", "volume": 3}', event="price")


def _refuses_unknown_kind() -> bool:
    with tempfile.TemporaryDirectory(prefix="rtlab-claim-") as folder:
        made = Path(folder) / "made"
        (made / ".resources").mkdir(parents=True)
        (made / ".resources" / "definition.yaml").write_text("$kind: collection\n", encoding="utf-8")
        (made / "one.request.yaml").write_text("$kind: no-such-request\nurl: ws://127.0.0.1/\n", encoding="utf-8")
        try:
            programs.lint(made, Path(folder))
        except LabError:
            return True
    return False


def _is_valid(document: Mapping[str, Any]) -> bool:
    try:
        require_valid(document)
    except InputError:
        return False
    return True


def _has_binding(known: Documents, name: str) -> bool:
    """Tell whether the schema knows a binding: it takes an empty one, and it refuses a nonsensical one."""
    taken = []
    for binding in ({}, {"bindingVersion": 5}):
        document = copy.deepcopy(known.asyncapi)
        document["channels"]["newsSocket"]["bindings"] = {name: binding}
        taken.append(_is_valid(document))
    return taken == [True, False]


EXPERIMENTS: dict[str, Experiment] = {
    "C68": automated_tests,
    "C69": postman_supports,
    "C70": postman_suites,
    "C75": asyncapi_documents_both,
    "C76": openapi_supports,
}
