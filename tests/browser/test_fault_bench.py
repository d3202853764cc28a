"""The fault buttons on the learner's page, pressed with the mouse and the keyboard while messages come."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_CELLS = (
    "import rtlab\nlab = rtlab.start_lab()",
    "bench = rtlab.simplicity.break_it(lab, seconds=300)\nbench",
    "bench.stop()",
)
_WAYS = ("sse", "websocket", "WebSocket, resumed")


def heard(shown: Any) -> dict[str, int]:
    counts: dict[str, int] = ast.literal_eval(shown.evaluate_in_kernel("bench.chart.counts()"))
    return counts


def until_heard(shown: Any, more: int, *ways: str) -> dict[str, int]:
    """Wait until these clients have got so many messages more."""
    before = heard(shown)
    for _ in range(400):
        now = heard(shown)
        if all(now[way] >= before[way] + more for way in ways):
            return now
        shown.page.wait_for_timeout(50)
    raise AssertionError(f"{ways} heard {before}, then {now}")


def test_the_buttons_break_the_line_while_the_chart_goes_on(open_notebook: Callable[..., Any]) -> None:
    shown = open_notebook(_CELLS, height=1100)
    shown.run(0)
    shown.run(1)
    page, status = shown.page, shown.page.get_by_role("status").filter(has_text="")
    until_heard(shown, 5, *_WAYS)

    page.get_by_role("button", name="Stall").click()
    expect(status.filter(has_text="Stalled")).to_be_visible()
    held = heard(shown)
    sent = int(shown.evaluate_in_kernel("bench._bench.sent"))
    page.wait_for_timeout(1_500)
    assert int(shown.evaluate_in_kernel("bench._bench.sent")) > sent + 5
    assert all(heard(shown)[way] <= held[way] + 3 for way in _WAYS)

    page.get_by_role("button", name="Mend").focus()
    page.keyboard.press("Enter")
    expect(status.filter(has_text="Mended")).to_be_visible()
    until_heard(shown, 10, *_WAYS)

    page.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Space")
    expect(status.filter(has_text="3 connections broken off")).to_be_visible()
    until_heard(shown, 20, "sse", "WebSocket, resumed")

    page.get_by_role("button", name="Black hole").click()
    expect(status.filter(has_text="Half-open")).to_be_visible()
    page.wait_for_timeout(1_000)
    page.get_by_role("button", name="Mend").click()
    until_heard(shown, 20, "sse", "WebSocket, resumed")

    for theme in ("Light", "Dark"):
        shown.set_theme(f"JupyterLab {theme}")
        shown.screenshot(f"fault_bench_{theme.lower()}")
    shown.run(2)
    expect(status.filter(has_text="Over.")).to_be_visible()
    expect(page.get_by_role("button", name="Reset")).to_be_disabled()
    rows = ast.literal_eval(shown.evaluate_in_kernel("bench.table[['client', 'lost']].values.tolist()"))
    lost = dict(rows)
    assert lost["EventSource"] == lost["WebSocket, resumed"] == 0
    assert lost["WebSocket"] > 0
    assert shown.page.locator(".js-plotly-plot .main-svg").count() >= 1
    assert shown.errors() == []
    assert shown.console_errors == []
    assert shown.hosts() == {"127.0.0.1"}
