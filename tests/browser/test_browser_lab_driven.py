"""``rtlab.browser_lab(browser=...)``: Chromium and Firefox as the kernel's own do what the learner's page does."""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

import rtlab
from rtlab.pages.browsers import find_browser
from rtlab.servers.guards import Guarded

from ..absent import needed
from .feature_cells import cells
from .features import FEATURES, Feature

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def names(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The names of a kernel that has run all cells with a browser of its own."""
    needed(find_browser, request.param)
    names: dict[str, Any] = {}
    check = Guarded.check
    with ThreadPoolExecutor(1) as kernel:  # a thread without a running loop: Playwright's may be this one's
        kernel.submit(_run, cells(browser=request.param), names).result(timeout=100)
    yield names
    Guarded.check = check  # type: ignore[method-assign]
    names["lab"].stop()


def _run(all_cells: Iterable[str], names: dict[str, Any]) -> None:
    with asyncio.Runner() as runner:
        for cell in all_cells:
            waiting = eval(compile(cell, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
            if inspect.iscoroutine(waiting):
                runner.run(waiting)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_the_direct_route_gives(names: dict[str, Any], feature: Feature) -> None:
    firefox = names["page"].facts.browser.startswith("Firefox")
    assert eval(feature.asked, names) == feature.expected("direct", firefox=firefox)


def _words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        return []  # a helper of the browser that has ended already


@pytest.mark.parametrize("kind", ["chromium", "firefox"])
def test_nothing_of_the_browser_stays_behind(kind: str, make_lab: Callable[..., Any], until: Any) -> None:
    needed(find_browser, kind)
    before = set(psutil.Process().children(recursive=True))
    lab = make_lab()
    page = rtlab.browser_lab(lab, browser=kind)  # type: ignore[arg-type]
    assert page.facts.route == "direct"
    socket = page.websocket("echo")
    socket.wait("open", timeout_s=60)
    processes = set(psutil.Process().children(recursive=True)) - before
    words = [word for process in processes for word in _words_of(process)]
    assert not [word for word in words if page.desk.token in word or page.desk.proof in word or lab.nonce in word]
    (folder,) = {Path(word.removeprefix("--user-data-dir=")).parent for word in words if word.endswith("/profile")}
    page.close()
    until(lambda: not [one for one in processes if one.is_running()], "the browser's end")
    assert not folder.exists()
    until(lambda: lab.connections == (), "the end of the connections")
    told = "\n".join(line.text for line in lab.log)
    assert page.desk.token not in told and page.desk.proof not in told and lab.nonce not in told
