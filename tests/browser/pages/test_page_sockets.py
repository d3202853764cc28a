"""WebSockets in real browsers: what scripts get, what is held back, how they end, and where they may go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import rtlab
from rtlab.errors import InputError
from rtlab.experiments.origins import OPENS
from rtlab.pages.page import Page
from rtlab.results.page_background import Background
from rtlab.results.page_ends import SocketEnds
from rtlab.results.page_messages import MessageForms
from rtlab.results.page_origins import Origins
from rtlab.results.page_support import Support
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.lab import Lab, start_lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def forms(page: Page) -> MessageForms:
    return rtlab.browser.binary_types(page)


def test_every_message_comes_whole_and_in_order_also_an_empty_one(forms: MessageForms) -> None:
    assert len(forms.forms) == 21
    assert [form for form in forms.forms if not form.same] == []


def test_bytes_come_in_the_form_that_was_asked_for_and_as_text_in_an_event_stream(forms: MessageForms) -> None:
    got = {(form.way, form.kind, form.form) for form in forms.forms}
    assert got == {
        ("WebSocket, blob", "text", "text"),
        ("WebSocket, blob", "binary", "Blob"),
        ("WebSocket, arraybuffer", "text", "text"),
        ("WebSocket, arraybuffer", "binary", "ArrayBuffer"),
        ("EventSource", "text", "text"),
        ("EventSource", "binary", "text"),
    }
    assert "266,668 characters of base64" in forms.text


def test_a_websocket_takes_everything_at_once_and_a_websocket_stream_waits(page: Page) -> None:
    found = rtlab.browser.buffered_amount(page, size_bytes=65_536, messages=256, pause_s=1.0)
    rows = {row["way"]: row for row in found.table.to_dict("records")}
    total = 256 * 65_536
    assert rows["WebSocket"]["early_bytes"] == total
    assert rows["WebSocket"]["handed_ms"] < rows["WebSocket"]["reading_ms"]
    assert rows["WebSocket"]["most_held_bytes"] > total / 2
    assert found.found[0].held[-1][1] == 0
    assert [each.arrived for each in found.found] == [256] * len(found.found)
    has_stream = "WebSocketStream" in page.ask("facts").result()["has"]
    assert ("WebSocketStream" in rows) == has_stream
    if has_stream:
        assert rows["WebSocketStream"]["early_bytes"] < total
        assert rows["WebSocketStream"]["handed_ms"] > rows["WebSocketStream"]["reading_ms"]
    assert found.figure().layout.meta["description"]


def test_a_page_does_not_hold_more_than_its_memory_allows(page: Page) -> None:
    with pytest.raises(InputError, match="64 MiB"):
        rtlab.browser.buffered_amount(page, size_bytes=1 << 20, messages=65)


@pytest.fixture(scope="module")
def ends(page: Page) -> SocketEnds:
    return rtlab.browser.close_codes(page)


def test_both_sides_see_every_end_as_the_standards_say(ends: SocketEnds) -> None:
    assert len(ends.ends) == 17
    assert list(ends.table.loc[~ends.table["as_standards"], "said"]) == []


@pytest.mark.parametrize(
    ("by", "said", "page_saw", "lab_saw", "clean"),
    [
        ("lab", "4123 a reason of our own", "4123 a reason of our own", "4123 a reason of our own", True),
        ("lab", "no code", "1005", "1005", True),
        ("lab", "nothing: the line is cut", "1006", "1006", False),
        ("page", "no code", "1005", "1005", True),
        ("page", "3500 bye", "3500", "3500 bye", True),
    ],
)
def test_an_end_is_seen(ends: SocketEnds, by: str, said: str, page_saw: str, lab_saw: str, clean: bool) -> None:
    (end,) = [end for end in ends.ends if (end.by, end.said) == (by, said)]
    assert (end.page_saw, end.lab_saw, end.clean) == (page_saw, lab_saw, clean)


def test_a_script_may_not_say_every_code(ends: SocketEnds) -> None:
    refused = {end.said: end.refused for end in ends.ends if end.refused}
    codes = dict.fromkeys(("1001", "1011", "2999", "5000"), "InvalidAccessError")
    assert refused == {**codes, "1000, a reason of 124 bytes": "SyntaxError"}


@pytest.fixture(scope="module")
def has(page: Page) -> Support:
    return rtlab.browser.support(page)


def test_the_browser_has_what_is_published_of_it(has: Support) -> None:
    assert len(has.found) == 8
    assert list(has.table.loc[~has.table["agrees"].fillna(True), "feature"]) == []
    assert {each.feature: each.here for each in has.found}["EventSource"] is True


def test_what_was_looked_for_is_what_the_published_data_lists(has: Support) -> None:
    assert {each.feature for each in has.found} <= set(has.published["feature"])


@pytest.fixture(scope="module")
def hidden(page: Page) -> Background:
    return rtlab.browser.background(page, seconds=8)


def test_a_driven_page_hides_itself_and_comes_back(hidden: Background, page: Page) -> None:
    ((start_ms, end_ms),) = hidden.watch.hidden_ms
    assert 1_000 < start_ms < end_ms < hidden.watch.watched_ms
    assert page.facts.visible


def test_timers_are_slowed_down_in_a_hidden_page_and_messages_are_not(hidden: Background) -> None:
    rows = hidden.table[hidden.table["page"] == "hidden"].set_index("lane")
    assert rows.loc["timer, every 100 ms", "median_gap_ms"] > 800
    for lane in ("EventSource, every 100 ms", "WebSocket, every 100 ms"):
        assert rows.loc[lane, "count"] > 2 * rows.loc["timer, every 100 ms", "count"]
    assert "Messages keep coming" in hidden.text


@pytest.fixture(scope="module")
def reached(page: Page) -> Origins:
    return rtlab.browser.origins(page)


@pytest.mark.parametrize(
    ("attempt", "arrived", "stopped_by"),
    [
        ("WebSocket to another port", True, "nobody"),
        ("WebSocket to localhost, by its name", True, "nobody"),
        ("WebSocket to a server that checks Origin", True, "the server"),
        ("EventSource to another port", True, "the browser"),
        ("the same, and the server allows it", True, "nobody"),
        ("fetch from another port", True, "the browser"),
        ("WebSocket from a frame whose policy allows nothing", False, "the browser"),
        ("wss to a server that nobody vouches for", False, "the browser"),
    ],
)
def test_a_script_reaches(reached: Origins, attempt: str, arrived: bool, stopped_by: str) -> None:
    (reach,) = [each for each in reached.reaches if each.attempt == attempt]
    assert (reach.arrived, reach.stopped_by) == (arrived, stopped_by)
    assert (reach.outcome == OPENS) == (stopped_by == "nobody")


def test_the_policys_violation_is_told(reached: Origins) -> None:
    (reach,) = [each for each in reached.reaches if each.rule == "connect-src"]
    assert reach.outcome.endswith("told: connect-src")


def test_a_forbidden_port_is_not_asked_though_somebody_listens(reached: Origins) -> None:
    ports = [each for each in reached.reaches if each.rule == "bad ports"]
    assert [(each.arrived, each.stopped_by) for each in ports] in ([(False, "the browser")], [])


@pytest.fixture(scope="module")
def secured(chromium: str) -> Iterator[tuple[Page, Lab]]:
    """A page of a Chromium, which can be told whom to trust, and a lab that allows 30 streams on a connection."""
    with (
        start_lab("sockets, HTTP/2", http2=Http2Options(max_streams=30)) as lab,
        start_lab("sockets, page") as home,
    ):
        driven = rtlab.browser_lab(home, browser="chromium", trusted=lab)
        yield driven, lab
        driven.close()


def test_wss_opens_from_a_page_over_http_where_the_certificate_is_trusted(secured: tuple[Page, Lab]) -> None:
    driven, lab = secured
    reach = rtlab.browser.origins(driven, trusted=lab).reaches[-1]
    assert (reach.attempt, reach.outcome) == ("wss from a page loaded over http", OPENS)


def test_a_websocket_uses_http2_where_the_lab_speaks_it(secured: tuple[Page, Lab]) -> None:
    driven, lab = secured
    found = rtlab.browser.support(driven, trusted=lab)
    assert {each.feature: each.here for each in found.found}["WebSocket over HTTP/2"] is True


def test_over_http2_the_servers_limit_takes_the_place_of_the_browsers_six(secured: tuple[Page, Lab]) -> None:
    driven, lab = secured
    found = {streams: rtlab.browser.connection_limit(driven, lab, streams=streams).found for streams in (20, 40)}
    assert found[20].together == 20
    assert found[40].together == found[40].at_lab == 30


def test_nothing_stays_open_in_the_page(page: Page, ends: SocketEnds, reached: Origins, hidden: Background) -> None:
    assert page.connections == ()
