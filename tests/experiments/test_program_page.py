"""A program that plays a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rtlab.codecs.cookies import Cookie
from rtlab.errors import ConnectionFailed, InputError
from rtlab.experiments.program_page import ProgramPage, sign_in
from rtlab.experiments.victim import COOKIES, ORIGIN, UNCHECKED, Victim

TO_ALL = "SameSite=None; Secure"
Make = Callable[..., Any]


def test_every_name_leads_to_this_machine_and_host_keeps_the_name(make_lab: Make) -> None:
    lab = make_lab()
    look = ProgramPage("http://elsewhere.example").fetch(
        f"http://any.example:{lab.port}/sse/news", with_credentials=False
    )
    assert look.sent.startswith(f"GET /sse/news HTTP/1.1\r\nHost: any.example:{lab.port}\r\n".encode())
    assert look.received.startswith(b"HTTP/1.1 403 ")
    assert not look.opened


def test_the_login_gives_one_cookie_of_each_kind() -> None:
    with Victim() as victim:
        cookies = sign_in(victim.login_url)
    assert [(each.same_site, each.secure) for each in cookies] == [
        ("", False),
        ("Lax", False),
        ("Strict", False),
        ("None", True),
    ]
    assert len({each.value for each in cookies}) == len(COOKIES)


def test_a_page_of_the_servers_own_reads_without_cors_and_names_no_origin() -> None:
    with Victim() as victim:
        own = f"http://127.0.0.1:{victim.port}"
        look = ProgramPage(own, sign_in(victim.login_url)).fetch(victim.token_url(TO_ALL), with_credentials=False)
    assert look.text == victim.token
    assert b"Origin" not in look.sent


def test_a_page_of_another_origin_cannot_read_the_token() -> None:
    with Victim() as victim:
        script = ProgramPage("http://127.0.0.1:1", sign_in(victim.login_url))
        look = script.fetch(victim.token_url(TO_ALL), with_credentials=True)
    assert (look.opened, look.text) == (False, "")
    assert victim.token.encode() in look.received


def test_a_cookie_of_somebody_else_reads_nothing() -> None:
    with Victim() as victim:
        script = ProgramPage(f"http://127.0.0.1:{victim.port}", (Cookie("rtlab", "made up"),))
        look = script.websocket(victim.account_url(TO_ALL, UNCHECKED))
        assert (look.opened, look.text) == (True, "please sign in")
        assert ProgramPage("http://a.example").websocket(victim.account_url(TO_ALL, ORIGIN)).opened is False


def test_a_server_that_is_gone_is_an_error() -> None:
    with Victim() as victim:
        url = victim.token_url(TO_ALL)
    with Victim(), pytest.raises(ConnectionFailed):
        ProgramPage("http://a.example").fetch(url, with_credentials=False)


def test_an_origin_that_is_no_address_is_refused() -> None:
    with pytest.raises(InputError, match="http"):
        ProgramPage("evil.example")
