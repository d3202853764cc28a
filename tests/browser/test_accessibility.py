"""What people meet who cannot see the page, or use no mouse: axe-core on all that we show, in light and in dark."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CELLS = {
    "lab card": "import rtlab\nlab = rtlab.start_lab()\nlab",
    "live chart": """
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse", "websocket"], "The same messages over both transports", "time (s)", "latency (ms)")
for step in range(40):
    chart.add("sse", step / 10, 2)
    chart.add("websocket", step / 10, 3)
chart.finish()
chart""",
    "number": 'rtlab.Predict("How long does a message take?", unit="ms", low=0, high=100, key="a")',
    "choice": 'rtlab.Predict("Who may send first?", choices=["the client", "the server"], key="b")',
    "quiz": 'quiz = rtlab.Quiz("01_communication_direction")\nquiz.check(1, "a")\nquiz.check(2, "b")\nquiz',
    "wire view": 'rtlab.wire(lab, ["Hello", "two\\nlines", "a" * 3_000])',
    "browser lab": "page = rtlab.browser_lab(lab)\npage",
    "wire editor": """
editor = rtlab.by_hand(lab, "frame")
editor.send(editor.presets["correct"])
editor""",
    "fault bench": "bench = rtlab.simplicity.break_it(lab, seconds=1)\nbench.stop()\nbench",
    "ledger": "rtlab.ledger()",
    "weights": "sliders = rtlab.scorecard().sliders()\nsliders",
    "environment": "rtlab.environment()",
    "comparison": """
found = rtlab.compare(lab, rtlab.Workload(rate_per_s=200, count=20), repeats=2, progress=False)
from rtlab.results.report import write_report
write_report(found, "report.html")
found""",
    "figure": "found.figure()",
    "finding": "lanes = rtlab.direction.exchange(lab)\nlanes",
    "lanes": "lanes.figure()",
}
_RUN = """async within => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const found = await axe.run(within, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    const tell = ({html, any}) => `${html.slice(0, 200)} ${any[0]?.message ?? ""}`;
    return found.violations.filter(({impact}) => ["serious", "critical"].includes(impact))
        .flatMap(({id, nodes}) => nodes.map(node => `${id}: ${tell(node)}`));
}"""
# What the keyboard reaches in our outputs, and shows no ring around it when it is there.
_WITHOUT_RING = """() => {
    const places = [".rtlab-card :is(input, button, textarea)", ".rtlab-wire [tabindex='0']", ".rtlab-page button",
        ".rtlab-weights input",
        ".rtlab-ledger, .rtlab-ledger summary", ".jp-OutputArea-output [role=region][tabindex='0']"];
    return [...document.querySelectorAll(places.join())].filter(one => {
        one.focus();
        const {outlineStyle, outlineWidth} = getComputedStyle(one);
        return document.activeElement !== one || outlineStyle === "none" || outlineWidth === "0px";
    }).map(one => one.outerHTML.slice(0, 120));
}"""


def findings(page: Page, within: str) -> list[str]:
    """Let axe-core look at a part of a page, and give what it finds serious or critical."""
    place = importlib.util.find_spec("axe_playwright_python")
    assert place is not None and place.origin
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate((Path(place.origin).parent / "axe.min.js").read_text("utf-8"))
    return list(page.evaluate(_RUN, within))


def test_axe_finds_nothing_serious_and_the_keyboards_place_is_seen(
    open_notebook: Callable[..., Any], browser: Browser
) -> None:
    shown = open_notebook(tuple(CELLS.values()), height=9000)
    shown.run_all()
    assert shown.errors() == []
    shown.page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .main-svg').length >= 6")
    shown.page.get_by_role("spinbutton").focus()
    shown.page.keyboard.press("Tab")  # from now on the page knows that somebody uses the keyboard
    assert shown.page.evaluate(_WITHOUT_RING) == []
    report = shown.path.parent / "report.html"
    found, asked = {}, []
    for theme in ("Light", "Dark"):
        shown.set_theme(f"JupyterLab {theme}")
        found[f"notebook, {theme}"] = findings(shown.page, ".jp-OutputArea-output")
        for index, name in enumerate(CELLS if "RTLAB_SCREENSHOTS" in os.environ else ()):
            output = shown.page.locator(".jp-Cell").nth(index).locator(".jp-Cell-outputArea")
            output.screenshot(path=shown.screenshots / f"axe_{name}_{theme.lower()}.png")
        context = browser.new_context(color_scheme=theme.lower())
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(report.as_uri())
        found[f"report, {theme}"] = findings(page, "html")
        context.close()
    assert set(asked) == {report.as_uri()}  # a report brings all that it needs
    told = [f"{where}: {finding}" for where, those in found.items() for finding in those]
    assert not told, "\n".join(told)
