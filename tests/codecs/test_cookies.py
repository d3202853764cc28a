"""Cookies across sites: what Set-Cookie says, and when a request carries the cookie."""

from __future__ import annotations

import pytest

from rtlab.codecs.cookies import Cookie
from rtlab.errors import RemoteProtocolError


@pytest.mark.parametrize(
    ("text", "cookie"),
    [
        ("id=7", Cookie("id", "7")),
        ("id=a=b; Path=/; HttpOnly", Cookie("id", "a=b")),
        (" id = 7 ; samesite = STRICT", Cookie("id", "7", "Strict")),
        ("id=7; Secure; SameSite=None", Cookie("id", "7", "None", secure=True)),
        ("id=7; SameSite=Lax; SameSite=Strict", Cookie("id", "7", "Strict")),
        ("id=7; SameSite=whatever", Cookie("id", "7")),
        ("id=; Secure", Cookie("id", "", secure=True)),
    ],
)
def test_set_cookie_is_read(text: str, cookie: Cookie) -> None:
    assert Cookie.parse(text) == cookie


@pytest.mark.parametrize("text", ["", "id", "=7", "; Secure"])
def test_a_cookie_without_a_name_or_a_value_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="needs a name and a value"):
        Cookie.parse(text)


@pytest.mark.parametrize("same_site", ["", "Lax", "Strict", "None"])
def test_within_its_site_every_cookie_goes_along(same_site: str) -> None:
    assert Cookie("id", "7", same_site).goes_along(same_site=True, third_party=False)


def test_from_another_site_only_a_secure_cookie_of_same_site_none_goes_along() -> None:
    kinds = [(said, secure) for said in ("", "Lax", "Strict", "None") for secure in (True, False)]
    going = [kind for kind in kinds if Cookie("id", "7", *kind).goes_along(same_site=False)]
    assert going == [("None", True)]


def test_where_third_party_cookies_are_blocked_none_goes_along() -> None:
    assert not Cookie("id", "7", "None", secure=True).goes_along(same_site=False, third_party=False)
