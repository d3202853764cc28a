"""The wire view and the hand editor on the learner's page: a real JupyterLab, a real kernel, a real browser."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_LAB = """
import rtlab
from rtlab.results.wire import wire
lab = rtlab.start_lab()
"""
_VIEW = """
view = wire(lab, ["Hello", "two\\nlines", "a" * 3_000])
view
"""

_LANES = ("client → server", "server → client")

# What the page shows of each unit, lane by lane: layer and name.
_DRAWN = """() => [...document.querySelectorAll('.rtlab-wire [role=row]')].map(
    row => [...row.querySelectorAll('[role=gridcell]')].map(unit => unit.getAttribute('aria-label')))"""
_IN_KERNEL = """[
    [("broken rule, " if unit.text.startswith("Broken rule") else "") + unit.layer + ", " + unit.unit for unit in units]
    for one in view.connections for units in (one.up, one.down)
]"""


@pytest.fixture
def open_page(open_notebook: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Open notebooks that must end without an error in a cell or in the console, and without another host."""
    opened = []

    def open_page(*cells: str, **size: int) -> Any:
        opened.append(open_notebook(cells, **size))
        return opened[-1]

    yield open_page
    for shown in opened:
        assert shown.errors() == []
        assert shown.console_errors == []
        assert shown.hosts() == {"127.0.0.1"}


def _picture(shown: Any, cell: int, name: str) -> None:
    for theme in ("Light", "Dark"):
        shown.set_theme(f"JupyterLab {theme}")
        output = shown.page.locator(".jp-Cell").nth(cell).locator(".jp-OutputArea-output").first
        output.scroll_into_view_if_needed()
        output.screenshot(path=shown.screenshots / f"{name}_{theme.lower()}.png")


def test_the_page_shows_each_unit_of_both_dissections(open_page: Callable[..., Any]) -> None:
    shown = open_page(_LAB, _VIEW, height=1300)
    shown.run_all()
    expect(shown.page.get_by_role("grid")).to_have_count(1)
    in_kernel = ast.literal_eval(shown.evaluate_in_kernel(" ".join(_IN_KERNEL.split())))
    assert len(in_kernel) == 4
    assert all(in_kernel)
    assert shown.page.evaluate(_DRAWN) == in_kernel
    rows = shown.page.get_by_role("row")
    for index, name in enumerate(f"{way}, {lane}" for way in ("SSE", "WebSocket") for lane in _LANES):
        expect(rows.nth(index)).to_have_accessible_name(re.compile(rf"{name}, [\d,]+ bytes"))
    _picture(shown, 1, "wire_view")
