"""How long a command takes from the kernel to a page and back: median and 99th percentile of 500.

Measured with a Chromium of the kernel's own and in JupyterLab, there directly and through the notebook server's
proxy; in a cell that waits, and with ``await``. Each round trip begins when the one before has ended. The command
asks for the ``readyState`` of an open WebSocket, which costs the page nothing.

Run: ``uv run python benchmarks/page_round_trip.py``; it needs the development packages and Chromium.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TypeAlias

from rtlab.clock import now_ns
from rtlab.pages.browsers import find_browser
from rtlab.pages.connection import PageWebSocket
from rtlab.pages.page import Page
from rtlab.results.browser_lab import browser_lab
from rtlab.servers.lab import start_lab

WARM_UP = 20
"""So many round trips are made before the first that counts."""
Figures: TypeAlias = tuple[float, float]

_CELL = """
import sys
sys.path.insert(0, {folder!r})
from page_round_trip import awaited, blocking, open_socket
from rtlab import browser_lab, start_lab
socket = open_socket(browser_lab(start_lab(), route={route!r}))
figures = blocking(socket, {count}), await awaited(socket, {count})
figures
"""


def open_socket(page: Page) -> PageWebSocket:
    """Open the connection that is asked about."""
    socket = page.websocket("echo")
    socket.wait("open")
    return socket


def blocking(socket: PageWebSocket, count: int) -> Figures:
    """Measure in a cell that waits for each answer."""
    taken_ms = []
    for _ in range(WARM_UP + count):
        began_ns = now_ns()
        socket.page.ask("look", connection=socket).result()
        taken_ms.append((now_ns() - began_ns) / 1e6)
    return _figures(taken_ms)


async def awaited(socket: PageWebSocket, count: int) -> Figures:
    """Measure in a cell that awaits each answer."""
    taken_ms = []
    for _ in range(WARM_UP + count):
        began_ns = now_ns()
        await socket.page.ask("look", connection=socket)
        taken_ms.append((now_ns() - began_ns) / 1e6)
    return _figures(taken_ms)


def _figures(taken_ms: list[float]) -> Figures:
    counted = taken_ms[WARM_UP:]
    return median(counted), quantiles(counted, n=100)[-1]


def driven(count: int) -> tuple[Figures, Figures]:
    """Measure with a browser of the kernel's own."""
    with start_lab("round trips") as lab, asyncio.Runner() as runner:
        page = browser_lab(lab, browser="chromium")
        socket = open_socket(page)
        figures = blocking(socket, count), runner.run(awaited(socket, count))
        page.close()
    return figures


def _notebook(cell: str) -> dict[str, object]:
    code: dict[str, object] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": cell,
        "outputs": [],
        "execution_count": None,
    }
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [code]}


@contextmanager
def jupyterlab() -> Iterator[Callable[[str, int], tuple[Figures, Figures]]]:
    """Start JupyterLab and a browser; gives what measures by a route."""
    from playwright.sync_api import sync_playwright

    checkout = Path(__file__).parents[1]
    sys.path.insert(0, str(checkout))
    from tests.browser.jupyter_server import run_server  # the test bed
    from tests.browser.notebook_page import NotebookPage

    home = Path(tempfile.mkdtemp())
    try:
        with run_server(home, "/") as server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=find_browser("chromium"), args=["--headless", "--no-sandbox", "--disable-gpu"]
            )

            def measure(route: str, count: int) -> tuple[Figures, Figures]:
                path = server.root / f"{route}.ipynb"
                cell = _CELL.format(folder=str(checkout / "benchmarks"), route=route, count=count)
                path.write_text(json.dumps(_notebook(cell)), "utf-8")
                shown = NotebookPage(chromium.new_page(), server.page_of(path.name, "lab"), path, home)
                shown.run_all(timeout_s=300)
                if errors := shown.errors():
                    raise SystemExit("\n".join(errors))
                figures: tuple[Figures, Figures] = ast.literal_eval(shown.evaluate_in_kernel("figures"))
                shown.page.close()
                return figures

            yield measure
            chromium.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=500)
    count = parser.parse_args().count
    rows = [("driven Chromium", "direct", driven(count))]
    with jupyterlab() as measure:
        rows += [("JupyterLab", route, measure(route, count)) for route in ("direct", "proxy")]
    print("| page | route | in a cell: median ms | p99 ms | with await: median ms | p99 ms |")
    print("|---|---|---|---|---|---|")
    for place, route, both in rows:
        told = " | ".join(f"{value:.2f}" for figures in both for value in figures)
        print(f"| {place} | {route} | {told} |")


if __name__ == "__main__":
    main()
