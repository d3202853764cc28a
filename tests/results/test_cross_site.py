"""``security.hijack()``, ``cors()`` and ``rebinding()`` where there is no browser: a program sends all."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.cross_origin_streams import REFLECTED
from rtlab.replay.values import decode, encode
from rtlab.results import cors as cors_module
from rtlab.results import hijack as hijack_module
from rtlab.results import rebinding as rebinding_module
from rtlab.results import security


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (hijack_module, cors_module, rebinding_module):
        monkeypatch.setattr(module, "has_browser", lambda kind: False)


def test_a_hijack_without_a_browser_says_that_a_program_sent_it() -> None:
    found = security.hijack(progress=False)
    assert found.text == (
        "Pages of other origins read the victim's data: no check: 6 of 12; Origin check: 0 of 12; "
        "token check: 0 of 12. In 18 of 36 attempts the browser kept the cookie back. Sent by a program."
    )
    assert found.table.shape == (16, 5)
    assert len(found.figure().layout.annotations) == 48
    assert found.handshake("another port", "SameSite=Lax", "no check").startswith(b"GET /")
    with pytest.raises(InputError, match="not tried"):
        found.handshake("another port", "SameSite=Lax", "prayer")


def test_blocked_third_party_cookies_leave_the_sibling_port() -> None:
    found = security.hijack(third_party_cookies=False, progress=False)
    assert {each.page for each in found.tries if each.read} == {"the server's own origin", "another port"}


def test_cors_tells_which_server_gives_everything_away() -> None:
    found = security.cors()
    assert found.text == (
        "28 of 28 requests reached their server. 14 answers were kept from the page's script, 10 of them to "
        f"requests with the cookie. Any site can read as the victim where the server allows: {REFLECTED}. "
        "Sent by a program."
    )
    assert found.table.shape == (7, 5)
    assert b"Access-Control-Allow-Origin: *\r\n" in found.exchange("*", "fetch")
    assert len(found.figure().layout.annotations) == 28
    with pytest.raises(InputError, match="not tried"):
        found.exchange("*", "curl")


def test_rebinding_tells_that_host_is_the_check() -> None:
    found = security.rebinding(progress=False)
    assert found.text.startswith("Read under a foreign name: naive: 2 of 2; fixed: 0 of 2; default lab: 0 of 2.")
    assert b"\r\nHost: evil.rtlab.test:" in found.request("default lab", "websocket")
    assert len(found.figure().layout.annotations) == 6
    with pytest.raises(InputError, match="not tried"):
        found.request("naive", "carrier pigeon")


def test_what_was_found_can_be_recorded_and_comes_back() -> None:
    found = security.cors()
    again = decode(encode(found))
    assert again.tries == found.tries
    assert again.text == found.text


def test_a_finding_shows_its_table_and_its_sentence() -> None:
    html = security.rebinding(progress=False)._repr_mimebundle_()["text/html"]
    assert "Table: rebindings" in html
    assert "The check of Host does." in html
