from __future__ import annotations

from collections.abc import Iterator

import pytest

from rtlab.claims.evidence import Evidence, Verdicts, experiments, try_claims
from rtlab.claims.ledger import ledger
from rtlab.errors import InputError
from rtlab.servers.lab import Lab, start_lab

LONG = {"C03", "C33", "C35", "C36", "C41", "C49", "C54", "C56", "C57", "C58"}
"""Claims whose experiments take more than four seconds."""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with start_lab("claims") as running:
        yield running


def tried(claim_id: str) -> object:
    marks = [pytest.mark.measuring] if claim_id in LONG else []
    return pytest.param(claim_id, marks=marks)


@pytest.mark.parametrize("claim_id", [tried(claim_id) for claim_id in sorted(experiments())])
def test_the_experiment_agrees_with_the_ledger(lab: Lab, claim_id: str) -> None:
    evidence = try_claims(lab, claim_id, progress=False)[claim_id]
    assert evidence.verdict == ledger()[claim_id].verdict, evidence
    assert evidence.finding
    assert evidence.numbers


def test_every_claim_on_communication_direction_can_be_tried() -> None:
    live = {claim.id for claim in ledger("Communication Direction") if claim.kind == "live"}
    assert live == {"C01", "C03", "C16", "C34", "C35", "C36"}
    assert live <= experiments().keys()


def test_claims_on_the_underlying_protocol_are_tried_but_for_the_one_that_needs_a_browser() -> None:
    live = {claim.id for claim in ledger("Underlying Protocol") if claim.kind == "live"}
    assert live - experiments().keys() == {"C25"}


def test_an_experiment_that_parts_from_the_ledger_is_named() -> None:
    planted = Verdicts((Evidence("C01", "wrong", "planted", {}), Evidence("C16", "holds", "planted", {})))
    assert planted.parted == ("C01",)
    assert list(planted.table["here"]) == ["wrong", "holds"]


def test_a_claim_without_an_experiment_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="C05 cannot be tried"):
        try_claims(lab, "C05")
