"""Hijacking a WebSocket, sent by a program that plays the victim's browser."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from rtlab.errors import InputError
from rtlab.experiments.attacking_page import PROGRAM
from rtlab.experiments.hijack import FOREIGN, LOCALHOST, PLACES, PORT, try_hijacking, try_hijacking_from
from rtlab.experiments.victim import COOKIES, ORIGIN, POLICIES, TOKEN, UNCHECKED
from rtlab.findings.cross_site import OWN, HijackTry
from rtlab.pages.page import Page
from rtlab.servers.lab import Lab

TO_ALL = "SameSite=None; Secure"


@pytest.fixture(scope="module")
def tries() -> tuple[HijackTry, ...]:
    return try_hijacking(in_browser=False)


def read(tries: tuple[HijackTry, ...]) -> set[tuple[str, str, str]]:
    return {(each.page, each.cookie, each.policy) for each in tries if each.read}


def test_each_place_cookie_and_policy_is_tried_once(tries: tuple[HijackTry, ...]) -> None:
    tried = [(each.page, each.cookie, each.policy) for each in tries]
    assert tried == [(page, cookie, policy) for page in PLACES for cookie in COOKIES for policy in POLICIES]
    assert {each.by for each in tries} == {PROGRAM}


def test_only_a_server_that_checks_nothing_is_read_from_another_origin(tries: tuple[HijackTry, ...]) -> None:
    own = {(OWN, cookie, policy) for cookie in COOKIES for policy in POLICIES}
    siblings = {(PORT, cookie, UNCHECKED) for cookie in COOKIES}
    foreign = {(LOCALHOST, TO_ALL, UNCHECKED), (FOREIGN, TO_ALL, UNCHECKED)}
    assert read(tries) == own | siblings | foreign


def test_the_check_of_origin_refuses_before_a_socket_is_there(tries: tuple[HijackTry, ...]) -> None:
    opened = {each.page for each in tries if each.policy == ORIGIN and each.opened}
    assert opened == {OWN}


def test_with_a_token_the_socket_opens_and_says_nothing(tries: tuple[HijackTry, ...]) -> None:
    foreign = [each for each in tries if each.policy == TOKEN and each.page != OWN]
    assert all(each.opened and "1008" in each.seen for each in foreign)


def test_a_port_makes_no_site_and_a_name_does(tries: tuple[HijackTry, ...]) -> None:
    sent = {page: {each.cookie for each in tries if each.page == page and each.cookie_sent} for page in PLACES}
    assert sent == {OWN: set(COOKIES), PORT: set(COOKIES), LOCALHOST: {TO_ALL}, FOREIGN: {TO_ALL}}


def test_where_third_party_cookies_are_blocked_a_foreign_name_reads_nothing() -> None:
    assert read(try_hijacking((FOREIGN,), in_browser=False, third_party_cookies=False)) == set()


def test_the_handshake_is_kept_as_it_came(tries: tuple[HijackTry, ...]) -> None:
    (one,) = (each for each in tries if (each.page, each.cookie, each.policy) == (FOREIGN, TO_ALL, UNCHECKED))
    assert one.handshake.startswith(b"GET /")
    assert b"\r\nOrigin: http://evil.rtlab.test:" in one.handshake
    assert b"\r\nCookie: rtlab-" in one.handshake


def test_an_unknown_place_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="another port"):
        try_hijacking(("the moon",), in_browser=False)


@pytest.mark.parametrize("facts", [{"route": "proxy"}, {"origin": "https://hub.example"}])
def test_a_page_that_is_not_of_this_machine_is_refused(
    lab: Lab, raw: Callable[..., object], until: Callable[..., object], facts: dict[str, str]
) -> None:
    page = Page(lab)
    line = raw(lab).open_websocket(f"/page?desk={page.desk.token}")  # type: ignore[attr-defined]
    here = {"agent": "Scripted", "origin": lab.http_url, "secure": True, "visible": True, "route": "direct"}
    line.send_text(json.dumps({"hello": here | facts}))
    until(lambda: page.here, "the page")
    with pytest.raises(InputError, match="this machine"):
        try_hijacking_from(page)
    page.close()
