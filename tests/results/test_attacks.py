"""The base of the results on attacks: table, text, figure and bytes of attempts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtlab.errors import InputError, MissingExtra
from rtlab.findings.attacks import Attempt
from rtlab.results import attacks as module
from rtlab.results.attacks import Attacks, attacks
from rtlab.tables.schema import describe

NAIVE = Attempt(
    "a newline", "injection", "sse", "naive", True, "It came.", b"a\r\n\nb", b"\xff", "Split it.", "x 1"
)
FIXED = replace(NAIVE, target="fixed", succeeded=False, seen="It did not come.", received=b"")


def test_the_servers_stand_side_by_side_in_one_row_an_attack() -> None:
    table = Attacks((NAIVE, FIXED, replace(NAIVE, transport="http"))).table
    assert list(table.columns) == list(describe("attacks")["column"])
    assert list(table["transport"]) == ["sse", "http"]
    assert next(iter(table["naive"])) == "succeeded"
    assert next(iter(table["fixed"])) == "refused"
    assert table["default_lab"].isna().all()
    assert next(iter(table["seen"])) == "It came."


def test_the_text_counts_what_succeeded_against_each_kind_of_server() -> None:
    found = Attacks((NAIVE, FIXED), ["Not tried here: x."])
    text = "Succeeded: 1 of 1 against the naive servers, 0 of 1 against the fixed ones. Not tried here: x."
    assert found.text == text


def test_the_figure_tells_the_outcome_by_sign_word_and_description() -> None:
    figure = Attacks((NAIVE, FIXED)).figure()
    assert [note.text for note in figure.layout.annotations] == ["✗ succeeded", "✓ refused", "not tried"]
    assert "a newline (sse): naive server succeeded, fixed server refused" in figure.layout.meta["description"]


def test_no_attempt_makes_an_empty_table() -> None:
    assert Attacks(()).table.empty


def test_a_page_shows_the_outcomes_and_the_fix_and_not_the_long_words() -> None:
    html = Attacks((NAIVE, FIXED))._repr_mimebundle_()["text/html"]
    assert "Split it." in html
    assert "It came." not in html


def test_the_bytes_are_shown_line_by_line_with_their_line_ends() -> None:
    shown = repr(Attacks((NAIVE, FIXED)).bytes("a newline", "naive"))
    assert shown.splitlines()[1:] == ["sent, 5 bytes", r"  a\r\n", r"  \n", "  b", "received, 1 bytes", r"  \xff"]


def test_markup_in_the_bytes_is_text_in_a_page() -> None:
    assert "<b>" not in Attacks((replace(NAIVE, sent=b"<b>"),)).bytes("a newline")._repr_html_()


def test_the_bytes_of_all_servers_come_if_none_is_named() -> None:
    assert len(Attacks((NAIVE, FIXED)).bytes("a newline").attempts) == 2


@pytest.mark.parametrize(("attack", "target"), [("another", None), ("a newline", "default lab")])
def test_bytes_of_what_was_not_tried_are_an_error(attack: str, target: str | None) -> None:
    with pytest.raises(InputError, match="tried were 'a newline'"):
        Attacks((NAIVE, FIXED)).bytes(attack, target)


def test_one_family_runs_by_its_name() -> None:
    found = attacks("masking", progress=False)
    assert [(attempt.target, attempt.succeeded) for attempt in found.attempts] == [
        ("naive", True),
        ("fixed", False),
        ("default lab", False),
    ]


def test_an_unknown_family_is_an_error_that_names_the_others() -> None:
    with pytest.raises(InputError, match="There is no family"):
        attacks("magic")


def test_a_family_that_lacks_something_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking() -> tuple[Attempt, ...]:
        raise MissingExtra("It needs a browser.")

    monkeypatch.setattr(module, "FAMILIES", {"one": lambda: (NAIVE,), "two": lacking})
    found = attacks(progress=False)
    assert found.attempts == (NAIVE,)
    assert found.left_out == ("Not tried here: two. It needs a browser.",)
    with pytest.raises(MissingExtra):
        attacks("two", progress=False)
