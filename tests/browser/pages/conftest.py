"""Pages in browsers of the kernel's own, Chromium and Firefox; one a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import rtlab
from rtlab.pages.browsers import find_browser
from rtlab.pages.page import Page
from rtlab.servers.lab import Lab

from ...absent import needed


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with rtlab.start_lab("pages") as running:
        yield running


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def page(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Page]:
    """A page in each browser."""
    needed(find_browser, request.param)
    driven = rtlab.browser_lab(lab, browser=request.param)
    yield driven
    driven.close()
