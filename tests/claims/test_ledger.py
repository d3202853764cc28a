from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rtlab.claims.claim
from rtlab.claims.claim import CATEGORIES, VERDICTS, Claim
from rtlab.claims.ledger import Ledger, ledger, load_claims
from rtlab.errors import InputError, RtlabError
from rtlab.resources import data_path

Damage = Callable[[Callable[[list[dict[str, Any]]], None]], None]


@pytest.fixture
def damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Damage:
    """Replace the claims file by a copy that a function has changed."""
    copy = tmp_path / "claims.json"
    entries = json.loads(data_path("claims.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(rtlab.claims.claim, "data_path", lambda *_: copy)

    def apply(change: Callable[[list[dict[str, Any]]], None]) -> None:
        change(entries)
        copy.write_text(json.dumps(entries), encoding="utf-8")

    return apply


class Page(HTMLParser):
    """Collects start tags with their attributes, checks that they close, and keeps the text outside <style>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def count(self, tag: str, **attributes: str) -> int:
        return sum(tag == name and attributes.items() <= found.items() for name, found in self.tags)


# the data


def test_the_file_holds_claims_c01_to_c77() -> None:
    assert [claim.id for claim in load_claims()] == [f"C{number:02d}" for number in range(1, 78)]


def test_every_category_and_every_verdict_of_the_article_occurs() -> None:
    claims = load_claims()
    assert {claim.category for claim in claims} == set(CATEGORIES)
    assert {claim.verdict for claim in claims} == set(VERDICTS)


def test_communication_direction_has_its_six_claims() -> None:
    assert [claim.id for claim in ledger("Communication Direction")] == ["C01", "C03", "C16", "C34", "C35", "C36"]


def test_every_claim_says_on_which_day_it_was_checked() -> None:
    for claim in load_claims():
        day, _, against = claim.checked.partition(": ")
        assert pd.Timestamp(day).strftime("%Y-%m-%d") == day, claim.id
        assert len(against) > 10, claim.id


def test_a_card_has_two_to_five_sentences() -> None:
    for claim in load_claims():
        if claim.card:
            assert 2 <= claim.card.count(". ") + 1 <= 5, claim.id


def test_no_text_of_the_ledger_is_longer_than_a_reader_bears() -> None:
    for claim in load_claims():
        assert max(len(claim.authority), len(claim.card)) <= 560, claim.id
        assert len(claim.experiment) <= 200, claim.id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda entries: entries.pop(), "ids"),
        (lambda entries: entries.append(entries[0]), "ids"),
        (lambda entries: entries[6].update(verdict="maybe"), "C07 has the unknown verdict 'maybe'"),
        (lambda entries: entries[6].update(category="Speed"), "C07 has the unknown category 'Speed'"),
        (lambda entries: entries[6].update(kind="both"), "C07 has the unknown kind 'both'"),
        (lambda entries: entries[6].update(claim=7), "C07 is not text"),
        (lambda entries: entries[6].update(authority=" "), "C07 must fill every field"),
        (lambda entries: entries[6].update(card=""), "C07 must fill every field"),
        (lambda entries: entries[6].pop("checked"), "does not have the fields"),
        (lambda entries: entries[6].update(author="x"), "does not have the fields"),
        (lambda entries: entries.insert(0, "C01"), "does not have the fields"),
    ],
)
def test_a_damaged_entry_is_named(
    damage: Damage, change: Callable[[list[dict[str, Any]]], None], reason: str
) -> None:
    damage(change)
    with pytest.raises(RtlabError, match=reason):
        load_claims()


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b"\xff\xfe"])
def test_a_file_that_is_no_json_list_is_refused(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "claims.json").write_bytes(content)
    monkeypatch.setattr(rtlab.claims.claim, "data_path", tmp_path.joinpath)
    with pytest.raises(RtlabError, match=r"claims\.json is damaged"):
        load_claims()


# choosing


def test_without_a_filter_all_claims_are_there() -> None:
    assert len(ledger()) == 77


def test_filters_work_together() -> None:
    chosen = ledger("Security", "wrong", ["C10", "C53", "C56"])
    assert [claim.id for claim in chosen] == ["C10", "C53"]


def test_a_single_id_works_as_text() -> None:
    assert [claim.id for claim in ledger(ids="C34")] == ["C34"]


def test_a_claim_is_found_by_its_id() -> None:
    claim = ledger()["C34"]
    assert isinstance(claim, Claim)
    assert claim.claim == "SSE goes only from server to client."


@pytest.mark.parametrize(
    ("choose", "listed"),
    [
        (lambda: ledger("Speed"), "Communication Direction, .*, Tooling"),
        (lambda: ledger(verdict="true"), "holds, imprecise, outdated, wrong, needs measuring"),
        (lambda: ledger(ids=["C01", "C78"]), "'C78'.*C01, C02"),
        (lambda: ledger("Communication Direction")["C02"], "'C02'.*C01, C03, C16, C34, C35, C36"),
        (lambda: ledger(results={"C99": "holds"}), "'C99'"),
        (lambda: ledger(results={"C01": "yes"}), "'yes'.*holds, imprecise"),
    ],
)
def test_an_unknown_name_is_refused_with_the_allowed_ones(choose: Callable[[], object], listed: str) -> None:
    with pytest.raises(InputError, match=listed):
        choose()


# showing

FOUND = {"C01": "holds", "C34": "imprecise", "C36": "holds"}


def test_the_table_has_one_row_a_claim_and_the_fields_as_columns() -> None:
    table = ledger("Tooling").table
    assert list(table["id"]) == [claim.id for claim in ledger("Tooling")]
    assert list(table.columns) == [column.name for column in fields(Claim)]
    assert table.notna().all(axis=None)


def test_the_table_of_no_claims_keeps_its_columns() -> None:
    nothing = ledger("Communication Direction", "wrong")
    assert len(nothing) == 0
    assert list(nothing.table.columns) == list(ledger().table.columns)
    assert repr(nothing) == "0 claims of the article"


def test_results_tell_agreement_difference_and_silence_apart() -> None:
    table = ledger("Communication Direction", results=FOUND).table.set_index("id")
    assert table.loc["C01", "agrees"] == True  # noqa: E712
    assert table.loc["C34", "agrees"] == False  # noqa: E712
    assert table.loc["C36", "here"] == "holds"
    assert table["agrees"].isna()[["C03", "C16", "C35", "C36"]].all()
    assert table["here"].isna()[["C03", "C16", "C35"]].all()


def test_the_text_shows_each_claim_its_verdict_and_the_result_found_here() -> None:
    lines = repr(ledger("Communication Direction", results=FOUND)).splitlines()
    assert lines[0] == "6 claims of the article: 4 ● holds, 1 ◐ imprecise, 1 ? needs measuring"
    assert lines[1].startswith("C01  ● holds ")
    assert lines[1].endswith("[here: holds ✓ agrees]")
    assert lines[4].endswith("[here: imprecise ✗ differs]")
    assert lines[6].endswith("[here: holds]")
    assert "here" not in lines[2]


def test_the_html_is_a_table_for_screen_readers_too() -> None:
    page = Page(ledger()._repr_html_())
    assert page.open == []
    assert page.count("caption") == 1
    assert page.count("th", scope="col") == 3
    assert page.count("th", scope="row") == page.count("details") == 77
    assert page.count("div", role="region", tabindex="0") == 1


def test_every_verdict_is_written_beside_its_symbol() -> None:
    text = Page(ledger()._repr_html_()).text
    for badge in ("● holds", "◐ imprecise", "○ outdated", "✕ wrong", "? needs measuring"):
        assert badge in text


def test_the_html_shows_results_in_a_column_of_their_own() -> None:
    page = Page(ledger("Communication Direction", results=FOUND)._repr_html_())
    assert page.count("th", scope="col") == 4
    assert "holds ✓ agrees" in page.text
    assert "imprecise ✗ differs" in page.text
    assert page.text.count("not tried") == 3


def test_the_evidence_lies_open_only_when_one_claim_is_shown() -> None:
    assert Page(ledger(ids="C05")._repr_html_()).count("details", open=None) == 1  # type: ignore[arg-type]
    assert Page(ledger(ids=["C05", "C17"])._repr_html_()).count("details", open=None) == 0  # type: ignore[arg-type]
    assert ledger()["C05"].card in Page(ledger(ids="C05")._repr_html_()).text


def test_text_of_a_claim_cannot_break_out_of_the_html() -> None:
    claim = Claim("C01", "Security", "<b>&", "holds", "</td>", "<script>", "live", "", "2026-11-22: <i>")
    page = Page(Ledger((claim,))._repr_html_())
    assert page.open == []
    assert page.count("script") == page.count("i") == 0
    assert "<b>&" in page.text
