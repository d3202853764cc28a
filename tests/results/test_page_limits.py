from __future__ import annotations

import math
from dataclasses import replace

from rtlab.results.page_limits import ConnectionLimit

from .planted_page import LIMIT, facts


def test_who_waited_is_told_and_when_a_place_was_free() -> None:
    text = ConnectionLimit(facts(), LIMIT).text
    assert text.startswith("2 of 4 EventSources were open at the same time; the lab had 2.")
    assert "The other 2 stayed in state 0, connecting, with 0 error events." in text
    assert text.endswith("4 ms after the first was closed, EventSource 3 opened.")


def test_a_stream_that_never_opened_has_no_wait() -> None:
    table = ConnectionLimit(facts(), LIMIT).table
    assert list(table["state"]) == ["open", "open", "connecting", "connecting"]
    assert list(table["waited_ms"][:3]) == [10.0, 15.0, 894.0]
    assert math.isnan(table["waited_ms"][3])


def test_each_lane_is_connecting_until_it_is_open() -> None:
    figure = ConnectionLimit(facts(), LIMIT).figure()
    connecting, open_ = figure.data
    ends = [begin + length for begin, length in zip(connecting.base, connecting.x, strict=True)]
    assert ends == list(open_.base) == [10.0, 20.0, 904.0, 1_880.0]
    assert open_.x[3] == 0
    told = figure.layout.meta["description"]
    assert "2 of 4 EventSources were open" in told
    assert "EventSource 3 opened after 894 ms; EventSource 4 never opened" in told


def test_through_the_proxy_it_says_why_there_are_so_few() -> None:
    few = replace(LIMIT, lanes=LIMIT.lanes[:2])
    assert "opens 4 streams at most" in ConnectionLimit(facts("proxy"), few).text
    assert "opens 4" not in ConnectionLimit(facts(), few).text


def test_the_limit_that_was_measured_is_the_one_that_is_computed_with() -> None:
    found = ConnectionLimit(facts(), LIMIT).beside_jupyter()
    assert found.limit == 2
    assert "2 connections to one server (measured in the page)" in found.text
    assert list(found.table["streams"]) == [0, 1, 2]
    assert list(found.table["never_sent"]) == [0, 0, 6]


def test_where_no_limit_was_seen_the_usual_one_is_taken() -> None:
    all_open = replace(LIMIT, lanes=LIMIT.lanes[:2])
    for found in (ConnectionLimit(facts(), all_open), ConnectionLimit(facts("proxy"), LIMIT)):
        computed = found.beside_jupyter()
        assert computed.limit == 6
        assert "the usual number in browsers" in computed.text


def test_what_is_never_sent_stands_in_red() -> None:
    figure = ConnectionLimit(facts(), LIMIT).beside_jupyter().figure()
    (matrix,) = figure.data
    assert [set(row) for row in matrix.z][-1] == {2}
    assert {2} not in [set(row) for row in matrix.z][:-1]
    assert [note.text for note in figure.layout.annotations].count("never") == 6
    assert "never sent with 2" in figure.layout.meta["description"]
