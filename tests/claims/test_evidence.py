from __future__ import annotations

from collections.abc import Iterator

import pytest

import rtlab.claims.evidence as evidence_of
from rtlab.claims import adoption, browser, tooling_documents, tooling_load
from rtlab.claims.evidence import Evidence, Verdicts, experiments, try_claims
from rtlab.claims.ledger import ledger
from rtlab.errors import InputError, MissingExtra
from rtlab.pages import browsers
from rtlab.pages.browsers import find_browser
from rtlab.servers.lab import Lab, start_lab
from rtlab.tools.catalogue import find_tool
from rtlab.tools.postman import find_runner

from ..absent import needed

LONG = {"C03", "C33", "C35", "C36", "C41", "C47", "C48", "C49", "C52", "C53", "C54", "C56", "C57", "C58", "C62"}
"""Claims whose experiments take more than four seconds."""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with start_lab("claims") as running:
        yield running


def tried(claim_id: str) -> object:
    if claim_id in adoption.EXPERIMENTS.keys() | tooling_load.EXPERIMENTS.keys() | tooling_documents.NEEDS.keys():
        return pytest.param(claim_id, marks=[pytest.mark.stacks, pytest.mark.timeout(600)])
    marks = [pytest.mark.measuring] if claim_id in LONG else []
    return pytest.param(claim_id, marks=[pytest.mark.browser] if claim_id in browser.EXPERIMENTS else marks)


@pytest.mark.parametrize("claim_id", [tried(claim_id) for claim_id in sorted(experiments())])
def test_the_experiment_agrees_with_the_ledger(lab: Lab, claim_id: str) -> None:
    if claim_id in browser.EXPERIMENTS:
        needed(find_browser, "chromium")
    for name in tooling_load.NEEDS.get(claim_id, ()):
        needed(find_tool(name).find)
    if claim_id in tooling_documents.NEEDS:
        needed(find_runner, tooling_documents.NEEDS[claim_id])
    evidence = try_claims(lab, claim_id, progress=False)[claim_id]
    assert evidence.verdict == ledger()[claim_id].verdict, evidence
    assert evidence.finding
    assert evidence.numbers


def test_every_claim_has_its_evidence_an_experiment_or_a_card() -> None:
    live = {claim.id for claim in ledger() if claim.kind == "live"}
    assert experiments().keys() == live
    assert {claim.id for claim in ledger() if not claim.card} <= live


def test_what_has_no_experiment_is_history_or_out_of_reach() -> None:
    assert {claim.id for claim in ledger() if claim.kind == "card"} == {"C05", "C07", "C17", "C19", "C20"}


def test_no_claim_that_can_be_tried_says_that_there_is_nothing_to_run() -> None:
    said = {claim.id for claim in ledger() if "othing to run" in claim.experiment}
    assert said == {claim.id for claim in ledger() if claim.kind == "card"}


def test_without_a_browser_the_claims_that_need_one_are_left_out_unless_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {claim_id: experiments()[claim_id] for claim_id in ("C16", "C25")}
    monkeypatch.setattr(evidence_of, "experiments", lambda: short)
    monkeypatch.setenv("RTLAB_CHROMIUM", "")
    monkeypatch.setattr(browsers, "_ON_PATH", {"chromium": ()})
    monkeypatch.setattr(browsers, "_in_usual_place", lambda kind: None)
    assert [each.claim_id for each in try_claims(lab, progress=False)] == ["C16"]
    with pytest.raises(MissingExtra, match="RTLAB_CHROMIUM"):
        try_claims(lab, "C25", progress=False)
    verdicts = try_claims(lab, "C16", "C25", skip_missing=True, progress=False)
    assert [each.claim_id for each in verdicts] == ["C16"]
    assert "C25 was not tried here; the ledger says" in repr(verdicts)
    assert "C25 was not tried here; the ledger says" in verdicts._repr_html_()


def test_an_experiment_that_parts_from_the_ledger_is_named() -> None:
    planted = Verdicts((Evidence("C01", "wrong", "planted", {}), Evidence("C16", "holds", "planted", {})))
    assert planted.parted == ("C01",)
    assert list(planted.table["here"]) == ["wrong", "holds"]


def test_a_claim_without_an_experiment_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="C05 cannot be tried"):
        try_claims(lab, "C05")
