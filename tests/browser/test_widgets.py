"""The widgets on the learner's page: a real JupyterLab, a real kernel, a real browser."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_CHART = """
import math, pathlib, threading
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse", "websocket"], "The same messages over both transports", "time (s)", "latency (ms)")
chart
"""
_PANELS = _CHART.replace('"latency (ms)"', '"latency (ms)", panels=True')
_FEED = """
def feed():
    for step in range(40):
        chart.add("sse", step / 10, 2 + math.sin(step / 6))
        chart.add("websocket", step / 10, 2.2 + math.cos(step / 6))
thread = threading.Thread(target=feed)
thread.start()
thread.join()
"""
_HOLD = """
while not pathlib.Path("release").exists():
    threading.Event().wait(0.05)
"""
_FINISH = "chart.finish()"
_NUMBER = """
from rtlab.widgets.predict import Predict
guess = Predict("How long does a message take from the server to this page?", unit="ms", low=0, high=100, key="a")
guess
"""
_CHOICE = """
from rtlab.widgets.predict import Predict
choice = Predict("Who may send first on a WebSocket?", choices=["the client", "the server", "either"], key="who")
choice
"""
_QUIZ = """
from rtlab.widgets.quiz import Quiz
quiz = Quiz("01_communication_direction")
quiz
"""
_WEIGHTS = """
import rtlab
sliders = rtlab.scorecard().sliders()
sliders
"""

# What plotly holds to draw, for each chart on the page.
_DRAWN = """() => [...document.querySelectorAll('.js-plotly-plot')].map(
    plot => plot.data.map(trace => [trace.name, Array.from(trace.x), Array.from(trace.y)]))"""


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


def _wait_for_points(shown: Any, count: int, chart: int = 0) -> None:
    points = "document.querySelectorAll('.js-plotly-plot')[chart]?.data?.map(trace => trace.x.length)"
    shown.page.wait_for_function(
        f"([chart, count]) => {points}?.every(length => length === count)", arg=[chart, count], timeout=30_000
    )


def _in_kernel(shown: Any, chart: str = "chart") -> Any:
    """What the kernel's chart holds, in the form of `_DRAWN`."""
    traces = f"{chart}.figure().data"
    return ast.literal_eval(shown.evaluate_in_kernel(f"[[t.name, list(t.x), list(t.y)] for t in {traces}]"))


def test_a_chart_draws_while_the_cell_that_feeds_it_still_runs(open_page: Callable[..., Any]) -> None:
    shown = open_page(_CHART, _FEED + _HOLD + _FINISH)
    shown.start_all()
    try:
        _wait_for_points(shown, 40)
        status = shown.page.locator(".rtlab-live-status")
        expect(status).to_have_text("SSE: 40 messages; WebSocket: 40 messages")
        expect(status).to_have_attribute("aria-busy", "true")
        assert shown.running()
    finally:
        (shown.path.parent / "release").touch()
    shown.wait_idle()
    expect(status).to_have_attribute("aria-busy", "false")
    assert shown.page.evaluate(_DRAWN) == [_in_kernel(shown)]
    plot = shown.page.get_by_role("img", name="SSE: 40 points, from 1.0")
    expect(plot).to_have_count(1)


def test_two_charts_draw_with_one_plotly_and_each_its_own_points(open_page: Callable[..., Any]) -> None:
    second = _PANELS.replace("chart", "second")
    shown = open_page(_CHART, second, _FEED + _FINISH, 'second.add("sse", 0.1, 0.3); second.finish()')
    shown.run_all()
    _wait_for_points(shown, 40)
    shown.page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot')[1]?.data?.[0].x.length === 1")
    assert shown.page.evaluate(_DRAWN) == [_in_kernel(shown), _in_kernel(shown, "second")]
    assert shown.evaluate_in_kernel("chart._plotly == second._plotly") == "True"


def test_a_flood_of_points_ends_with_the_newest_picture(open_page: Callable[..., Any]) -> None:
    flood = 'for step in range(50_000): chart.add("sse", step, step % 7); chart.add("websocket", step, step % 11)'
    shown = open_page(_CHART, flood, _FINISH)
    shown.run_all()
    _wait_for_points(shown, 2000)
    status = "SSE: 50,000 messages (the newest 2,000 are drawn)"
    expect(shown.page.locator(".rtlab-live-status")).to_contain_text(status)
    shown.page.wait_for_function("() => document.querySelector('.js-plotly-plot').data[1].x.at(-1) === 49999")
    assert shown.page.evaluate(_DRAWN) == [_in_kernel(shown)]


def test_a_chart_survives_running_again_reload_and_restart(open_page: Callable[..., Any]) -> None:
    shown = open_page(_CHART, _FEED + _FINISH)
    for _ in range(2):
        shown.run_all()
        _wait_for_points(shown, 40)
        assert shown.page.evaluate(_DRAWN) == [_in_kernel(shown)]
    shown.reload()
    _wait_for_points(shown, 40)
    shown.restart_kernel()
    _wait_for_points(shown, 40)
    shown.run_all()
    _wait_for_points(shown, 40)
    assert shown.page.evaluate(_DRAWN) == [_in_kernel(shown)]


def test_a_chart_whose_output_was_cleared_is_gone_and_may_go_on(open_page: Callable[..., Any]) -> None:
    shown = open_page(_CHART, _FEED, 'chart.add("sse", 9, 9); chart.finish()')
    shown.run(0)
    shown.run(1)
    _wait_for_points(shown, 40)
    shown.page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(shown.page.locator(".rtlab-live")).to_have_count(0)
    shown.run(2)
    assert shown.evaluate_in_kernel("chart.counts()") == "{'sse': 41, 'websocket': 40}"


def test_the_widgets_follow_the_theme(open_page: Callable[..., Any]) -> None:
    charts = (_CHART, _FEED + _FINISH, _PANELS, _FEED + _FINISH)
    checks = 'quiz.check(1, "a"); quiz.check(2, "b")'
    shown = open_page(*charts, _NUMBER, _CHOICE, _QUIZ, checks, height=1800)
    shown.run_all()
    _wait_for_points(shown, 40)
    _wait_for_points(shown, 40, chart=1)
    inks = "() => getComputedStyle(document.querySelector('.js-plotly-plot .xtick text')).fill"
    light = shown.page.evaluate(inks)
    for theme in ("Light", "Dark"):
        shown.set_theme(f"JupyterLab {theme}")
        if theme == "Dark":
            shown.page.wait_for_function(f"before => ({inks})() !== before", arg=light)
        for index, name in ((0, "chart"), (2, "panels"), (4, "number"), (5, "choice"), (6, "quiz")):
            output = shown.page.locator(".jp-Cell").nth(index).locator(".jp-OutputArea-output").first
            output.scroll_into_view_if_needed()
            output.screenshot(path=shown.screenshots / f"{name}_{theme.lower()}.png")


def test_a_number_typed_on_the_keyboard_reaches_the_kernel(open_page: Callable[..., Any]) -> None:
    shown = open_page(_NUMBER, "before = guess.value")
    shown.run_all()
    assert shown.evaluate_in_kernel("before") == "None"
    number = shown.page.get_by_role("spinbutton", name="Your guess ms")
    number.focus()
    shown.page.keyboard.type("250")
    shown.page.keyboard.press("Enter")  # above the limit: the page keeps nothing
    assert shown.evaluate_in_kernel("guess.value") == "None"
    number.fill("")
    shown.page.keyboard.type("30.5")
    expect(shown.page.get_by_role("slider")).to_have_js_property("valueAsNumber", 31)
    shown.page.keyboard.press("Enter")
    expect(shown.page.get_by_role("status")).to_contain_text("Your guess is kept: 30.5 ms")
    assert shown.evaluate_in_kernel("guess.value") == "30.5"


def test_a_choice_made_on_the_keyboard_reaches_the_kernel_not_the_cell(open_page: Callable[..., Any]) -> None:
    shown = open_page(_CHOICE, "6 * 7")
    shown.run(0)
    shown.page.get_by_role("radio", name="the client").focus()
    active = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"
    for key in ("Space", "ArrowDown", "ArrowDown"):
        shown.page.keyboard.press(key)
    assert shown.page.evaluate(active) == 0
    shown.page.keyboard.press("Enter")
    expect(shown.page.locator(".rtlab-card")).to_contain_text("Your guess is kept: either")
    assert shown.evaluate_in_kernel("choice.value") == "'either'"
    # Shift+Enter stays the notebook's: it runs the cell and goes to the next one.
    shown.page.keyboard.press("Shift+Enter")
    shown.page.wait_for_function(f"() => ({active})() === 1")
    shown.wait_idle()


def test_a_weight_moved_by_the_keyboard_is_weighed_in_the_kernel_and_told(open_page: Callable[..., Any]) -> None:
    shown = open_page(_WEIGHTS, 'sliders.set({"Tooling": 7})')
    shown.run(0)
    shown.page.get_by_role("slider", name="Simplicity").focus()
    for _ in range(6):
        shown.page.keyboard.press("ArrowRight")
    expect(shown.page.get_by_role("slider", name="Simplicity")).to_have_js_property("valueAsNumber", 4)
    said = shown.evaluate_in_kernel("rtlab.scorecard(weights={'Simplicity': 4}).balance").strip("'")
    expect(shown.page.locator(".rtlab-weights").get_by_role("status")).to_have_text(said)
    assert shown.evaluate_in_kernel("sliders.weighed.weights['Simplicity']") == "4.0"
    shown.run(1)
    expect(shown.page.get_by_role("slider", name="Tooling")).to_have_js_property("valueAsNumber", 7)


def test_an_answer_is_there_after_running_again_after_reload_and_from_code(open_page: Callable[..., Any]) -> None:
    shown = open_page(_NUMBER, "guess.answer(33)")
    shown.run_all()
    number = shown.page.get_by_role("spinbutton")
    expect(number).to_have_value("33")
    number.fill("12")
    shown.page.get_by_role("button", name="Change my guess").click()
    expect(shown.page.locator(".rtlab-card")).to_contain_text("Your guess is kept: 12 ms")
    shown.run(0)
    expect(number).to_have_value("12")
    assert shown.evaluate_in_kernel("guess.value") == "12.0"
    shown.reload()
    expect(number).to_have_value("12")


def test_a_quiz_explains_each_answer_and_the_kernel_keeps_it(open_page: Callable[..., Any]) -> None:
    shown = open_page(_QUIZ, 'quiz.check(2, "b")')
    shown.run_all()
    first = shown.page.get_by_role("group", name="1. A WebSocket is open.")
    verdict = shown.page.locator(".rtlab-verdict").first
    first.get_by_role("radio").first.focus()
    shown.page.keyboard.press("Space")
    shown.page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Not yet. That is the rule of HTTP.")
    assert shown.evaluate_in_kernel("quiz.answers[1], quiz.score") == "('a', (1, 6))"
    shown.page.keyboard.press("ArrowUp")  # from the first choice round to the last one
    shown.page.keyboard.press("Enter")
    expect(verdict).to_contain_text("Right.")
    expect(verdict).to_contain_text("RFC 6455 1.2")
    expect(shown.page.locator(".rtlab-score")).to_have_text("2 of 6 right")
    assert shown.evaluate_in_kernel("quiz.answers, quiz.score") == "({1: 'c', 2: 'b'}, (2, 6))"
    shown.reload()
    expect(verdict).to_contain_text("Right.")
