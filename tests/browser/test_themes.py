"""Charts on a light page, a dark page and paper, and for those who want less motion or their own colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect

from rtlab.widgets.readable import STATIC

from .notebook_page import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_FIGURE = """
import rtlab, threading
from rtlab.figures.points import figure_points
from rtlab.figures.theme import warn
points = {"sse": ([1, 2], [3, 4]), "websocket": ([1, 2], [5, 6])}
figure = figure_points(points, title="Four points", x_title="time (s)", y_title="latency (ms)", panels=True)
warn(figure, "Take care.")
figure
"""
_CHART = """
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse", "websocket"], "The same messages over both transports", "time (s)", "latency (ms)")
chart
"""
_FEED = """
for step in range(40):
    chart.add("sse", step / 10, 2)
    threading.Event().wait(0.05)
chart.finish()
"""
_WIRE = """
lab = rtlab.start_lab()
view = rtlab.wire(lab, ["Hello"])
lab.stop()
view
"""
# Contrast of the words of each chart with what lies behind them, as WCAG 2 counts it; the least of each chart.
_CONTRASTS = """paper => {
    const light = color => {
        const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(c => color.startsWith("color(") ? c : c / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        for (; element; element = element.parentElement) {
            const {backgroundColor: color} = getComputedStyle(element);
            if (!/^rgba\\(.*, 0\\)$/.test(color)) return color;
        }
        return "rgb(255, 255, 255)";
    };
    return [...document.querySelectorAll(".js-plotly-plot")].map(plot => {
        const ground = light(paper ?? behind(plot));
        const words = [...plot.querySelectorAll("text, tspan")].filter(one => one.textContent.trim());
        return Math.min(...words.map(one => {
            const ink = light(getComputedStyle(one).fill);
            return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
        }));
    });
}"""


@pytest.fixture(scope="module")
def shown(jupyter: Any, browser: Browser, screenshots: Path) -> Iterator[Any]:
    """One notebook with a chart that stays, one that lives and a wire view, for all tests here."""
    path = jupyter.root / "themes.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in (_FIGURE, _CHART, _FEED, _WIRE)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    context = browser.new_context(viewport={"width": 1280, "height": 2600})
    shown = NotebookPage(context.new_page(), jupyter.page_of(path.name, "lab"), path, screenshots)
    shown.set_theme("JupyterLab Light")
    shown.run_all()
    shown.page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot .main-svg').length >= 4")
    yield shown
    shown.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    context.close()


def test_the_words_of_charts_can_be_read_in_each_theme_and_follow_it(shown: Any) -> None:
    for theme in ("Dark", "Light", "Dark"):
        shown.set_theme(f"JupyterLab {theme}")
        shown.page.wait_for_function(f"() => ({_CONTRASTS})().every(contrast => contrast >= 4.5)")
        shown.screenshot(f"themes_{theme.lower()}")


def test_each_chart_is_told_in_words(shown: Any) -> None:
    told = shown.page.locator(".rtlab-figure-text")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Take care. Four points")
    expect(shown.page.get_by_role("img", name="SSE: 40 points")).to_have_count(1)


def test_paper_is_white_under_the_dark_theme(shown: Any) -> None:
    shown.set_theme("JupyterLab Dark")
    shown.page.emulate_media(media="print")
    try:
        assert all(contrast >= 4.5 for contrast in shown.page.evaluate(_CONTRASTS, "rgb(255, 255, 255)"))
        expect(shown.page.locator(".rtlab-figure-text")).to_have_css("color", "rgb(0, 0, 0)")
        expect(shown.page.locator(".rtlab-wire-details")).to_have_css("color", "rgb(0, 0, 0)")
    finally:
        shown.page.emulate_media(media="screen")


def test_the_colours_of_the_system_rule_the_words_and_leave_the_chosen_unit_marked(shown: Any) -> None:
    shown.set_theme("JupyterLab Dark")
    shown.page.emulate_media(forced_colors="active", color_scheme="light")
    try:
        assert all(contrast >= 4.5 for contrast in shown.page.evaluate(_CONTRASTS, "rgb(255, 255, 255)"))
        expect(shown.page.locator(".rtlab-wire-current")).to_have_css("outline-style", "solid")
        shown.screenshot("themes_forced_colors")
    finally:
        shown.page.emulate_media(forced_colors="none")


def test_less_motion_gives_a_picture_a_second(shown: Any) -> None:
    drawn = """async calm => {
        const plot = document.querySelector(".rtlab-live .js-plotly-plot");
        window.drawn = 0;
        plot.on("plotly_afterplot", () => { window.drawn += 1; });
    }"""
    counts = {}
    for motion in ("no-preference", "reduce"):
        shown.page.emulate_media(reduced_motion=motion)
        shown.run(1)
        shown.page.wait_for_function("() => document.querySelector('.rtlab-live .js-plotly-plot')?.data")
        shown.page.evaluate(drawn)
        shown.run(2)
        counts[motion] = shown.page.evaluate("() => window.drawn")
    shown.page.emulate_media(reduced_motion="no-preference")
    assert 1 <= counts["reduce"] <= 5 < counts["no-preference"]
    for sheet in STATIC.glob("*.css"):
        assert not re.search(r"(transition|animation)\s*:", sheet.read_text("utf-8")), sheet.name


def test_an_exported_notebook_prints_without_a_network(shown: Any, browser: Browser) -> None:
    shown.set_theme("JupyterLab Light")
    shown.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    exporter = HTMLExporter(require_js_url="", mathjax_url="", jquery_url="", mermaid_js_url="")
    html, _ = exporter.from_filename(str(shown.path))
    target = shown.path.with_suffix(".html")
    target.write_text(html, "utf-8")
    page = browser.new_page(color_scheme="dark")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(target.as_uri())
    page.emulate_media(media="print")
    paper = page.pdf(path=shown.screenshots / "exported.pdf", print_background=True)
    assert paper.startswith(b"%PDF")
    page.screenshot(path=shown.screenshots / "exported.png", full_page=True)
    expect(page.get_by_text("Take care. Four points")).to_have_count(1)
    expect(page.locator("pre", has_text="The same messages over both transports")).not_to_have_count(0)
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    assert {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))} == {None}
    page.context.close()
