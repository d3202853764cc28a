from __future__ import annotations

from dataclasses import replace

import pytest

from rtlab.errors import InputError
from rtlab.results.page_resumption import LastEventId

from .planted_page import RESUMPTION, facts


def test_what_it_said_and_what_came_then_are_told() -> None:
    text = LastEventId(facts(), RESUMPTION).text
    assert text.startswith("1000 ms after its error event the EventSource was open again, by itself")
    assert "its request came with Last-Event-ID: k-1. 1 messages that were sent meanwhile came then." in text
    assert text.endswith("Of 3 messages 0 were lost, 0 doubled.")


def test_what_is_lost_or_doubled_is_counted() -> None:
    first = RESUMPTION.moments[1]
    missed = replace(RESUMPTION, moments=(*RESUMPTION.moments[:4], first))
    assert (missed.lost, missed.doubled) == (2, 1)


def test_each_request_has_a_row_with_what_it_brought() -> None:
    table = LastEventId(facts(), RESUMPTION).table
    assert table["last_event_id"].isna().tolist() == [True, False]
    assert table[["messages", "caught_up"]].values.tolist() == [[1, 0], [2, 1]]


def test_the_bytes_of_the_last_request_are_named() -> None:
    found = LastEventId(facts(), RESUMPTION)
    assert "Last-Event-ID" in repr(found.dissection())
    assert found.dissection(2).up_bytes == RESUMPTION.requests[1].chunks[0].data
    assert found.dissection(1).up == ()
    with pytest.raises(InputError, match="request: 1 to 2"):
        found.dissection(3)


def test_the_time_away_is_grey_and_names_the_field() -> None:
    figure = LastEventId(facts(), RESUMPTION).figure()
    open_, away = figure.data
    assert (list(open_.y), list(away.y)) == ([1, 3], [2])
    (grey,) = figure.layout.shapes
    assert (grey.x0, grey.x1) == (30.0, 1_030.0)
    (note,) = figure.layout.annotations
    assert "Last-Event-ID: k-1" in note.text
    assert "request 2 with Last-Event-ID k-1 brought 2, 1 of them" in figure.layout.meta["description"]
