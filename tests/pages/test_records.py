from __future__ import annotations

import pytest

from rtlab.pages.records import PageFacts

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    "Chromium 156": f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/156.0.0.0 Safari/537.36",
    "Edge 141": f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Firefox 153": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
    "Safari 19": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/19.1 Safari/605.1.15",
    "an unknown browser": "Lynx",
}


@pytest.mark.parametrize("name", AGENTS)
def test_a_browser_is_known_by_what_it_says_of_itself(name: str) -> None:
    assert PageFacts(AGENTS[name], "http://127.0.0.1:1", True, True, "direct").browser == name
