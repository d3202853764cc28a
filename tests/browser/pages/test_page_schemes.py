"""Mixed content in a real Chromium: a page loaded over https, and one loaded over http."""

from __future__ import annotations

import pytest

import rtlab
from rtlab.errors import InputError
from rtlab.results.page_schemes import Schemes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def found(chromium: str) -> Schemes:
    return rtlab.browser.schemes()


def test_from_https_only_plain_connections_to_other_names_are_stopped(found: Schemes) -> None:
    stopped = {(each.what, each.scheme, each.host) for each in found.tries if not each.opened}
    assert {each.page for each in found.tries if not each.opened} == {"https"}
    assert stopped == {
        ("WebSocket", "ws", "plain.rtlab.test"),
        ("EventSource", "http", "plain.rtlab.test"),
    }
    assert len(found.tries) == 12


def test_the_socket_is_refused_before_anything_is_asked(found: Schemes) -> None:
    (socket,) = [each for each in found.tries if each.what == "WebSocket" and not each.opened]
    assert socket.seen == "throws SecurityError"


def test_a_page_does_not_report_to_a_lab_that_it_does_not_trust() -> None:
    with rtlab.start_lab("not trusted", tls=True) as lab, pytest.raises(InputError, match="without TLS"):
        rtlab.browser_lab(lab, browser="chromium")
