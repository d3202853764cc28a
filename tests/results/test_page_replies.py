from __future__ import annotations

from rtlab.results.page_replies import ReplyStates

from .planted_page import REPLIES, facts


def test_what_it_did_is_counted_and_the_differences_are_named() -> None:
    text = ReplyStates(facts(), REPLIES).text
    assert "came back by itself in 2, followed in 0 and gave up for good in 1." in text
    assert "2 of 3 are as the standard wants." in text
    assert text.endswith("rtlab's does otherwise in 1: untrusted certificate.")


def test_events_and_states_are_listed_in_order_and_not_for_ever() -> None:
    table = ReplyStates(facts(), REPLIES).table
    assert list(table["events"]) == [
        "error",
        "open, message, error, open, message, error, …",
        "error, error",
    ]
    assert list(table["states"]) == ["0 → 2", "0 → 1 → 0 → 1 → 0 → 1 → …", "0"]


def test_the_figure_shows_the_page_beside_rtlab_and_marks_what_the_standard_does_not_want() -> None:
    figure = ReplyStates(facts(), REPLIES).figure()
    words = [note.text for note in figure.layout.annotations]
    assert words.count("reconnects ✗") == 1
    assert "Chromium 156 EventSource: untrusted certificate: reconnects" in figure.layout.meta["description"]
