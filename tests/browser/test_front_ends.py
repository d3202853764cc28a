"""JupyterLab and Notebook 7, at ``/`` and behind a path as a JupyterHub has it: what a learner does works in each.

JupyterLab at ``/`` is where the widgets' own tests run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.everywhere, pytest.mark.timeout(300)]

_CHART = """
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse", "websocket"], "The same messages over both transports", "time (s)", "latency (ms)")
for step in range(40):
    chart.add("sse", step / 10, 2)
    chart.add("websocket", step / 10, 3)
chart.finish()
chart
"""
_GUESS = """
from rtlab.widgets.predict import Predict
guess = Predict("How long does a message take?", unit="ms", low=0, high=100, key="a")
guess
"""
_DRAWN = "() => document.querySelector('.rtlab-live .js-plotly-plot')?.data?.map(trace => trace.x.length).join()"


@pytest.mark.parametrize(
    ("front_end", "base_url"), [("lab", "/user/ada/"), ("notebook", "/"), ("notebook", "/user/ada/")]
)
def test_widgets_live_through_reload_a_second_tab_and_restart(
    open_notebook: Callable[..., Any], front_end: str, base_url: str
) -> None:
    cells = (_CHART, _GUESS, "chart.figure()", "1 / 0")
    shown = open_notebook(cells, front_end=front_end, base_url=base_url, height=1800)
    shown.run_all()
    assert shown.errors() == ["ZeroDivisionError: division by zero"]
    shown.page.wait_for_function(f"() => ({_DRAWN})() === '40,40'")
    expect(shown.page.locator(".rtlab-figure-text")).to_contain_text("SSE: 40 points")
    shown.page.get_by_role("spinbutton").fill("12")
    shown.page.keyboard.press("Enter")
    expect(shown.page.get_by_role("status").filter(has_text="Your guess is kept: 12 ms")).to_have_count(1)
    assert shown.evaluate_in_kernel("guess.value") == "12.0"
    shown.screenshot(f"{front_end}_{base_url.count('/')}")
    shown.reload()
    expect(shown.page.get_by_role("spinbutton")).to_have_value("12")
    second = shown.second_tab()
    assert second.evaluate_in_kernel("guess.value") == "12.0"
    second.page.close()
    shown.restart_kernel()
    assert shown.evaluate_in_kernel("'guess' in globals()") == "False"
    shown.run(0)
    shown.page.wait_for_function(f"() => ({_DRAWN})() === '40,40'")
    shown.clear_outputs()
    assert shown.outputs(0) == shown.errors() == []
    for tab in (shown, second):
        assert tab.console_errors == []
        assert tab.hosts() == {"127.0.0.1"}
