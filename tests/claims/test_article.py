from __future__ import annotations

import pytest

from rtlab.claims.article import load_article
from rtlab.claims.claim import CATEGORIES
from rtlab.claims.ledger import ledger
from rtlab.errors import InputError
from rtlab.findings.scorecard import Measure
from rtlab.results.scorecard import scorecard

SOCKETS_SAFER = Measure("Security", "attacks", 8, 2, "lower", "attacks", "2026-11-23")
STREAMS_SIMPLER = Measure("Simplicity", "lines", 10, 40, "lower", "lines", "2026-11-23")
NEARLY_LEVEL = Measure("Performance", "latency", 1.0, 1.1, "lower", "ms", "2026-11-23")
SOCKETS_SHORTER = Measure("Simplicity", "bytes", 40, 10, "lower", "bytes", "2026-11-23")


def beside(*measures: Measure):
    return ledger().beside(scorecard(measures, reference=False))


def test_the_article_sums_up_all_eight_categories():
    assert tuple(row["category"] for row in load_article()) == CATEGORIES
    assert {row["leans"] for row in load_article()} == {"sse", "websocket", "neither", "depends"}


def test_measures_that_lean_elsewhere_than_the_article_are_named():
    found = beside(SOCKETS_SAFER, STREAMS_SIMPLER, NEARLY_LEVEL)
    assert found.parted == ("Security",)
    assert "elsewhere than the article in Security." in found.text


def test_measures_that_part_among_themselves_are_told_as_both():
    table = beside(STREAMS_SIMPLER, SOCKETS_SHORTER).table.set_index("category")
    assert table.loc["Simplicity", "measured_leans"] == "both"


def test_what_was_not_measured_parts_from_nothing():
    found = beside(STREAMS_SIMPLER)
    assert found.parted == ()
    assert found.table["measured_leans"].isna().sum() == 7
    assert "The measures lean where the article leans." in found.text


def test_the_claims_that_do_not_hold_stand_in_their_category():
    table = beside().table.set_index("category")
    flawed = [claim for claim in ledger("Security") if claim.verdict in ("imprecise", "outdated", "wrong")]
    assert table.loc["Security", "not_as_written"].split() == [claim.id for claim in flawed]


def test_only_a_scorecard_can_stand_beside_it():
    with pytest.raises(InputError, match=r"rtlab\.scorecard"):
        ledger().beside("a card")  # type: ignore[arg-type]  # the mistake that is tested


def test_the_counts_add_up_to_all_claims_and_the_figure_tells_them():
    counts = ledger().counts
    assert counts["claims"].sum() == 77
    figure = ledger().figure()
    assert sum(sum(bar.x) for bar in figure.data) == 77
    assert "Of 77 claims" in figure.layout.meta["description"]
