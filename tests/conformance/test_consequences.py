from __future__ import annotations

import pytest

from rtlab.conformance.archive import shipped_league
from rtlab.conformance.consequences import BY_GROUP, BY_SYMPTOM, consequence
from rtlab.conformance.vectors import GROUPS, Protocol


@pytest.mark.parametrize("protocol", ["sse", "websocket"])
def test_a_sentence_for_a_group_is_about_a_known_group_and_symptom(protocol: Protocol) -> None:
    for group, sentences in BY_GROUP[protocol].items():
        assert group in GROUPS[protocol].values()
        assert set(sentences) <= set(BY_SYMPTOM[protocol])


@pytest.mark.parametrize("protocol", ["sse", "websocket"])
def test_every_symptom_has_one_sentence_in_every_group(protocol: Protocol) -> None:
    for group in GROUPS[protocol].values():
        for symptom in BY_SYMPTOM[protocol]:
            sentence = consequence(protocol, group, symptom)
            assert sentence[0].isupper() and sentence.endswith(".") and ". " not in sentence


def test_where_nothing_is_wrong_nothing_follows() -> None:
    assert consequence("sse", "line ends", "") == ""


def test_a_group_of_its_own_words_goes_before_the_general_sentence() -> None:
    cut = consequence("sse", "end of stream", "extra")
    assert "truncated" in cut and cut != BY_SYMPTOM["sse"]["extra"]
    assert consequence("sse", "event", "extra") == BY_SYMPTOM["sse"]["extra"]


def test_every_deviation_of_the_shipped_run_has_a_consequence_and_nothing_else_has() -> None:
    for judgement in shipped_league().judgements:
        is_deviation = judgement.verdict in ("NON-STRICT", "FAILED")
        assert bool(judgement.consequence) is is_deviation, judgement
