"""A lab with a token, and the page of a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import rtlab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_page_of_the_kernels_own_browser_works_with_a_lab_that_has_a_token(
    chromium: str, make_lab: Callable[..., Any]
) -> None:
    lab = make_lab(token=True)
    page = rtlab.browser_lab(lab, browser="chromium")
    try:
        source, socket = page.event_source("news"), page.websocket("echo")
        source.wait("open", timeout_s=60)
        socket.wait("open", timeout_s=60)
        assert {each.transport for each in lab.connections} == {"sse", "websocket"}
    finally:
        page.close()
