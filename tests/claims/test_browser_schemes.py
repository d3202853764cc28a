"""The experiments on https pages and on support judge from what they see: a planted fault changes what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from rtlab.claims import browser
from rtlab.experiments.page_schemes import LOOPBACK, OTHER_NAME
from rtlab.findings.page_origins import Capability
from rtlab.findings.page_schemes import SchemeTry
from rtlab.pages.records import PageFacts
from rtlab.results.page_schemes import Schemes
from rtlab.servers.lab import Lab

FACTS = PageFacts("Chrome/156.0", "https://127.0.0.1:1", True, True, "direct")
TRIES = (
    SchemeTry("http", "WebSocket", "ws", OTHER_NAME, True, "opens"),
    SchemeTry("https", "WebSocket", "ws", OTHER_NAME, False, "throws SecurityError"),
    SchemeTry("https", "WebSocket", "ws", LOOPBACK, True, "opens"),
)
PUBLISHED = {"Chrome": "6", "Edge": "79", "Firefox": "6"}


@pytest.mark.parametrize(
    ("place", "opened", "verdict"),
    [(2, True, "holds"), (2, False, "holds"), (1, True, "wrong"), (0, False, "wrong")],
)
def test_what_stops_ws_must_be_the_scheme_of_the_page(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, place: int, opened: bool, verdict: str
) -> None:
    tries = [replace(each, opened=opened) if number == place else each for number, each in enumerate(TRIES)]
    monkeypatch.setattr(browser, "schemes", lambda: Schemes(FACTS, tries))
    evidence = browser.plain_from_https(lab)
    assert evidence.verdict == verdict
    assert "throws SecurityError" in evidence.finding


@pytest.mark.parametrize(
    ("here", "changed", "verdict"),
    [
        (True, {}, "holds"),
        (True, {"Edge": "80"}, "imprecise"),
        (True, {"Firefox": None}, "wrong"),
        (False, {}, "wrong"),
    ],
)
def test_a_browser_without_event_source_and_another_edge_are_seen(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, here: bool, changed: dict[str, str | None], verdict: str
) -> None:
    @contextmanager
    def driven() -> Iterator[None]:
        yield None

    since = PUBLISHED | changed
    rows = [{"feature": "EventSource", "browser": name, "since": first} for name, first in since.items()]
    found = SimpleNamespace(facts=FACTS, found=[Capability("EventSource", here)], published=pd.DataFrame(rows))
    monkeypatch.setattr(browser, "_driven", driven)
    monkeypatch.setattr(browser, "support", lambda page: found)
    assert browser.in_all_browsers(lab).verdict == verdict
