"""How a live chart keeps up in JupyterLab: its lag beside plotly's FigureWidget, and what minutes do to the page.

The lag is the time from a value's making in the kernel to the picture that shows it, by the one clock of this
machine. Both charts hold 500 points and get the same updates; ours draws the newest, and leaves out what is old by
then. The frames are those of ``requestAnimationFrame``; the heap is counted after garbage has been collected.

Run: ``uv run python benchmarks/front_end.py --seconds 600``
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import TimeoutError, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from rtlab.pages.browsers import find_browser
from tests.browser.jupyter_server import run_server
from tests.browser.notebook_page import NotebookPage

RATES_PER_S = (30, 60, 120)
LAG_S = 6
PATIENCE_S = 60
"""What is not drawn so long after the last update counts as not drawn; the lags of the rest are told."""
ENDURANCE_PER_S = 20
LOOKS = 6
"""How often the page is looked at during the endurance run."""

_LIVE = """
import threading, time
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse"], max_points=500)
def update(step):
    newest = time.time() * 1e3
    chart.add("sse", step, newest)
    return newest
chart
"""
_WIDGET = """
import threading, time
import numpy as np, plotly.graph_objects as go
chart = go.FigureWidget(go.Scatter(x=np.arange(500.0), y=np.zeros(500), mode="markers"))
values = np.zeros(500)
def update(step):
    values[:-1] = values[1:]
    values[-1] = newest = time.time() * 1e3
    chart.data[0].y = values.copy()
    return newest
chart
"""
_FEED = """
pause, begin = threading.Event(), time.perf_counter()
for step in range({count}):
    pause.wait(max(0, begin + step / {rate} - time.perf_counter()))
    newest = update(step)
"""
_WATCH = """() => {
    const plot = document.querySelector(".js-plotly-plot"), seen = window.seen = new Map();
    plot.on("plotly_afterplot", () => {
        const newest = plot.data[0].y.at(-1);
        if (newest > 1e12 && !seen.has(newest)) seen.set(newest, Date.now() - newest);
    });
}"""
_FRAMES = """() => {
    window.frames_ms = [];
    const tick = at => { frames_ms.push(at); requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""


def lag(shown: NotebookPage, rate_per_s: int) -> tuple[int, list[float]]:
    """Feed a chart at a rate, and give how many updates were sent and the lag of each that was drawn, in ms."""
    shown.run(0)
    shown.page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data")
    shown.page.evaluate(_WATCH)
    shown.run(1, timeout_s=300)  # a page that is far behind answers late
    newest = float(shown.evaluate_in_kernel("newest"))
    with suppress(TimeoutError):
        shown.page.wait_for_function("newest => seen.has(newest)", arg=newest, timeout=PATIENCE_S * 1_000)
    return LAG_S * rate_per_s, sorted(shown.page.evaluate("() => [...seen.values()]"))


def endure(shown: NotebookPage, seconds: float) -> None:
    """Feed a live chart for a long time and print its frames and the page's heap."""
    shown.run(0)
    shown.page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data")
    shown.page.evaluate(_FRAMES)
    inspector = shown.page.context.new_cdp_session(shown.page)
    inspector.send("Performance.enable")
    print(f"\n{'after (s)':>10}{'frames/s':>10}{'longest frame (ms)':>20}{'heap (MB)':>11}")
    shown.page.wait_for_timeout(3_000)
    _look(shown, inspector, "at rest")
    shown.start(1)
    for look in range(1, LOOKS + 1):
        shown.page.wait_for_timeout(1_000 * seconds / LOOKS)
        _look(shown, inspector, f"{look * seconds / LOOKS:.0f}")
    shown.wait_idle(60)


def _look(shown: NotebookPage, inspector: Any, when: str) -> None:
    times_ms = shown.page.evaluate("() => frames_ms.splice(0)")
    gaps_ms = [after - before for before, after in itertools.pairwise(times_ms)]
    inspector.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in inspector.send("Performance.getMetrics")["metrics"]}
    per_s = 1_000 * len(gaps_ms) / (times_ms[-1] - times_ms[0])
    print(f"{when:>10}{per_s:>10.1f}{max(gaps_ms):>20.0f}{metrics['JSHeapUsedSize'] / 1e6:>11.1f}", flush=True)


@contextmanager
def notebooks(home: Path) -> Iterator[Any]:
    """Give a function that opens a notebook with these cells in a browser of its own."""
    program = find_browser("chromium")
    with run_server(home, "/") as server, sync_playwright() as playwright:

        @contextmanager
        def open_notebook(*sources: str) -> Iterator[NotebookPage]:
            path = server.root / "benchmark.ipynb"
            empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
            cells = [{**empty, "id": f"cell-{number}", "source": text} for number, text in enumerate(sources)]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
            path.write_text(json.dumps(notebook), "utf-8")
            browser = playwright.chromium.launch(executable_path=program, args=["--headless", "--no-sandbox"])
            shown = NotebookPage(browser.new_page(), server.page_of(path.name, "lab"), path, home)
            yield shown
            shown.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
            browser.close()

        yield open_notebook


def main() -> None:
    """Run both parts and print their tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600, help="how long the endurance run takes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, notebooks(Path(folder)) as open_notebook:
        print(f"{'chart':<14}{'updates/s':>10}{'median (ms)':>13}{'p99 (ms)':>10}{'drawn of sent':>16}")
        for rate_per_s in RATES_PER_S:
            feed = _FEED.format(count=LAG_S * rate_per_s, rate=rate_per_s)
            for name, cell in (("LiveChart", _LIVE), ("FigureWidget", _WIDGET)):
                with open_notebook(cell, feed) as shown:
                    sent, lags_ms = lag(shown, rate_per_s)
                p99_ms = quantiles(lags_ms, n=100)[-1] if len(lags_ms) > 1 else lags_ms[0]
                drawn = f"{len(lags_ms)} of {sent}"
                print(f"{name:<14}{rate_per_s:>10}{median(lags_ms):>13.0f}{p99_ms:>10.0f}{drawn:>16}", flush=True)
        count = round(ENDURANCE_PER_S * options.seconds)
        with open_notebook(_LIVE, _FEED.format(count=count, rate=ENDURANCE_PER_S)) as shown:
            endure(shown, options.seconds)


if __name__ == "__main__":
    main()
