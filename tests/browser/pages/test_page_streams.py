"""Event streams in real browsers: how many there may be, how they end, and how they come back."""

from __future__ import annotations

import pytest

import rtlab
from rtlab.errors import InputError
from rtlab.pages.page import Page
from rtlab.results.page_fetch import FetchStream
from rtlab.results.page_replies import ReplyStates
from rtlab.results.page_resumption import LastEventId
from rtlab.servers.lab import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_six_streams_open_and_two_wait_in_silence_until_one_is_closed(page: Page) -> None:
    found = rtlab.browser.connection_limit(page).found
    assert [lane.state for lane in found.lanes] == [1] * 6 + [0] * 2
    assert [lane.errors for lane in found.lanes] == [0] * 8
    assert found.together == found.at_lab == 6
    seventh, eighth = found.lanes[6:]
    assert seventh.opened_ms is not None
    assert seventh.opened_ms >= found.closed_ms
    assert eighth.opened_ms is None
    assert page.connections == ()


def test_what_is_open_already_would_count_too(page: Page) -> None:
    source = page.event_source("other")
    try:
        with pytest.raises(InputError, match="Close what the page has open first"):
            rtlab.browser.connection_limit(page)
    finally:
        source.close()


@pytest.fixture(scope="module")
def resumed(page: Page) -> LastEventId:
    return rtlab.browser.last_event_id(page)


def test_the_browser_comes_back_by_itself_and_says_what_it_had(resumed: LastEventId) -> None:
    found = resumed.found
    assert [request.last_event_id for request in found.requests] == [None, found.ids[2]]
    assert found.got == found.ids
    assert [moment.sent for moment in found.moments if moment.id] == ["open"] * 3 + ["away"] * 2 + ["open"] * 2
    assert [moment.state for moment in found.moments if moment.kind == "error"] == [0]


def test_the_request_is_shown_byte_for_byte_and_without_the_labs_secret(resumed: LastEventId, lab: Lab) -> None:
    dissected = resumed.dissection()
    assert f"Last-Event-ID: {resumed.found.ids[2]}\r\n".encode() in dissected.up_bytes
    assert lab.nonce.encode() not in dissected.up_bytes
    assert b"nonce=****" in dissected.up_bytes
    assert sum(unit.length_bytes for unit in dissected.up) == len(dissected.up_bytes)


def test_a_lab_with_tls_shows_no_request(page: Page) -> None:
    with (
        rtlab.start_lab("pages, secured", tls=True) as secured,
        pytest.raises(InputError, match="must not speak TLS"),
    ):
        rtlab.browser.last_event_id(page, secured)


@pytest.fixture(scope="module")
def fetched(page: Page) -> FetchStream:
    return rtlab.browser.fetch_stream(page)


@pytest.mark.parametrize(
    ("feature", "event_source", "fetch"),
    [
        ("set a header field", False, True),
        ("send POST with a body", False, True),
        ("give whole events", True, False),
        ("come back by itself after the end", True, False),
        ("say the last event ID when it comes back", True, False),
        ("see the status of the answer", False, True),
        ("read a stream of another type (lines of JSON)", False, True),
        ("be ended by the script", True, True),
    ],
)
def test_each_can_what_the_standards_give_it(
    fetched: FetchStream, feature: str, event_source: bool, fetch: bool
) -> None:
    can = {each.client: each.can for each in fetched.abilities if each.feature == feature}
    assert can == {"EventSource": event_source, "fetch": fetch}


def test_every_feature_that_was_tried_is_looked_at_here(fetched: FetchStream) -> None:
    assert len({each.feature for each in fetched.abilities}) == 8


def test_pieces_of_a_fetch_end_inside_events(fetched: FetchStream) -> None:
    seen = fetched.table.set_index("feature")["fetch"]["give whole events"]
    assert "2 of them end inside an event; parsed by hand they gave the same events" in seen


@pytest.fixture(scope="module")
def replied(page: Page) -> ReplyStates:
    return rtlab.browser.reply_states(page)


def test_the_browser_does_what_the_standard_wants_in_every_situation(replied: ReplyStates) -> None:
    assert len(replied.replies) == 15
    assert [reply.page.situation for reply in replied.replies if not reply.page.agrees] == []


@pytest.mark.parametrize(
    ("situation", "events", "states"),
    [
        ("204 No Content", ("error",), (0, 2)),
        ("307 Temporary Redirect", ("open", "message"), (0, 1)),
        ("400 Bad Request", ("error",), (0, 2)),
        ("503 Service Unavailable", ("error",), (0, 2)),
        ("200, text/html", ("error",), (0, 2)),
        ("opens, ends, then 503", ("open", "message", "error", "error"), (0, 1, 0, 2)),
    ],
)
def test_the_script_sees(
    replied: ReplyStates, situation: str, events: tuple[str, ...], states: tuple[int, ...]
) -> None:
    (reply,) = [reply for reply in replied.replies if reply.page.situation == situation]
    assert (reply.events, reply.states) == (events, states)


def test_an_empty_stream_is_opened_and_ended_and_asked_for_again(replied: ReplyStates) -> None:
    (reply,) = [reply for reply in replied.replies if reply.page.situation == "200, empty"]
    assert reply.events[:3] == ("open", "error", "open")
    assert reply.page.outcome == reply.ours.outcome == "reconnects"
