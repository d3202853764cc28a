"""Attacks across sites in a real Chromium, and in pages at hand: a browser does what the program says it does."""

from __future__ import annotations

import pytest

from rtlab.experiments.cross_origin_streams import try_cors
from rtlab.experiments.hijack import FOREIGN, PORT, try_hijacking
from rtlab.experiments.victim import UNCHECKED
from rtlab.findings.cross_site import CorsTry, HijackTry
from rtlab.pages.page import Page
from rtlab.results import security

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180), pytest.mark.usefixtures("chromium")]


def hijack_cells(tries: tuple[HijackTry, ...]) -> list[tuple[object, ...]]:
    return [(each.page, each.cookie, each.policy, each.opened, each.cookie_sent, each.read) for each in tries]


def cors_cells(tries: tuple[CorsTry, ...]) -> list[tuple[object, ...]]:
    return [
        (each.server, each.client, each.readable, each.cookie_sent, each.arrived, each.private) for each in tries
    ]


def test_a_chromium_hijacks_what_the_program_hijacks_and_no_more() -> None:
    found = security.hijack(progress=False)
    assert {each.by.split()[0] for each in found.tries} <= {"Chromium", "Edge"}
    assert hijack_cells(found.tries) == hijack_cells(try_hijacking(in_browser=False))


def test_a_chromium_that_blocks_third_party_cookies_does_as_the_program_says() -> None:
    blocked = {"third_party_cookies": False}
    real = try_hijacking((FOREIGN,), in_browser=True, **blocked)
    assert hijack_cells(real) == hijack_cells(try_hijacking((FOREIGN,), in_browser=False, **blocked))
    assert not any(each.read or each.cookie_sent for each in real)


def test_a_chromium_reads_the_streams_that_the_program_reads() -> None:
    found = security.cors()
    assert cors_cells(found.tries) == cors_cells(try_cors(in_browser=False))
    assert all(b"\r\nOrigin: http://127.0.0.1:" in each.request for each in found.tries)


def test_the_page_at_hand_hijacks_from_its_own_port(page: Page) -> None:
    found = security.hijack(page)
    assert {each.page for each in found.tries} == {PORT}
    assert {each.policy for each in found.tries if each.read} == {UNCHECKED}
    assert all(page.facts.origin.encode() in each.handshake for each in found.tries)


def test_the_page_at_hand_reads_streams_as_any_page_does(page: Page) -> None:
    assert cors_cells(security.cors(page).tries) == cors_cells(try_cors(in_browser=False))


def test_a_chromium_with_a_rebound_name_reads_only_where_host_is_not_checked() -> None:
    found = security.rebinding(progress=False)
    senders = {each.by for each in found.tries}
    assert len(senders) == 2
    assert len(found.tries) == 12
    assert {each.server for each in found.tries if each.read} == {"naive"}
    assert sum(each.read for each in found.tries) == 4
