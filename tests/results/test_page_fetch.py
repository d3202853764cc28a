from __future__ import annotations

from rtlab.results.page_fetch import FetchStream

from .planted_page import ABILITIES, facts


def test_what_only_one_can_do_is_told() -> None:
    text = FetchStream(facts(), ABILITIES).text
    assert text == "Only EventSource can: come back by itself. Only fetch can: set a header field."


def test_each_feature_is_a_row_with_what_was_seen() -> None:
    table = FetchStream(facts(), ABILITIES).table
    assert list(table.columns) == ["feature", "EventSource", "fetch"]
    assert list(table["fetch"]) == ["yes: it came", "no: 1 request"]


def test_each_cell_of_the_figure_says_yes_or_no() -> None:
    figure = FetchStream(facts(), ABILITIES).figure()
    words = {(note.x, note.y): note.text for note in figure.layout.annotations}
    assert words == {
        ("EventSource", 0): "no",
        ("EventSource", 1): "yes",
        ("fetch", 0): "yes",
        ("fetch", 1): "no",
    }
    told = figure.layout.meta["description"]
    assert "EventSource: come back by itself; fetch: set a header field." in told
