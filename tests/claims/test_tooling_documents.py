"""The experiments on test tools and documents judge from what they see."""

from __future__ import annotations

import pytest

from rtlab.claims import tooling_documents
from rtlab.claims.tooling_documents import judge_automated
from rtlab.claims.tooling_documents import tests_run as count_tests
from rtlab.errors import MissingExtra
from rtlab.exports.catalogue import make_catalogue
from rtlab.findings.documents import PostmanStep, Sighting
from rtlab.results.postman import Postman
from rtlab.servers.lab import Lab

CATALOGUE = make_catalogue([Sighting("sse", "news", "a", "", "x")], "http://a", ids=False, retry_ms=1)
COUNTS = {
    f"{protocol} {what}": count
    for protocol in ("sse", "websocket")
    for what, count in (("cases", 10), ("failed", 0), ("cases, planted bug", 10), ("failed, planted bug", 3))
}


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "wrong"),
        ({"sse cases": 0}, "holds"),
        ({"websocket failed": 1}, "holds"),
        ({"websocket failed, planted bug": 0}, "holds"),
    ],
)
def test_tests_that_find_no_planted_bug_are_none(changed: dict[str, float], verdict: str) -> None:
    assert judge_automated(COUNTS | changed) == verdict


def step(collection: str, program: str, tests: int) -> PostmanStep:
    return PostmanStep(collection, program, "run", 0, tests, tests, 0, "said")


@pytest.mark.parametrize(("streams", "sockets", "verdict"), [(6, 0, "imprecise"), (6, 1, "holds"), (0, 0, "wrong")])
def test_what_postman_runs_decides(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, streams: int, sockets: int, verdict: str
) -> None:
    steps = (step("HTTP and event streams", "newman", streams), step("WebSocket", "postman", sockets))
    found = Postman(CATALOGUE, "t", steps)
    assert count_tests(found) == (streams, sockets)
    monkeypatch.setattr("rtlab.tools.postman.find_runner", lambda program: program)
    monkeypatch.setattr(tooling_documents, "postman", lambda lab, application: found)
    assert tooling_documents.postman_suites(lab).verdict == verdict


def test_claims_whose_program_is_missing_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(program: str) -> str:
        raise MissingExtra(program)

    monkeypatch.setattr("rtlab.tools.postman.find_runner", missing)
    left = [claim_id for claim_id in tooling_documents.EXPERIMENTS if tooling_documents.can_be_tried(claim_id)]
    assert left == ["C68", "C75", "C76"]


def test_a_format_that_takes_any_binding_has_none(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tooling_documents, "_is_valid", lambda document: True)
    assert tooling_documents.asyncapi_documents_both(lab).verdict == "wrong"
