"""The browser of the kernel's own: it ends with its page, its lab or its kernel. A script stands in for it here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from rtlab.results.browser_lab import browser_lab

from ..processes import is_gone

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")

_BROWSER = """#!{python}
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pause()
"""
_KERNEL = """
import rtlab, sys
lab = rtlab.start_lab()
page = rtlab.browser_lab(lab, browser=sys.argv[1])
print(page.on_close.__self__.pid, page.desk.token, page.desk.proof, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """A program that ends when it is told to; it is every browser."""
    program = tmp_path / "browser"
    program.write_text(_BROWSER.format(python=sys.executable))
    program.chmod(0o700)
    for kind in ("CHROMIUM", "FIREFOX"):
        monkeypatch.setenv(f"RTLAB_{kind}", str(program))
    return program


@pytest.fixture
def started(browser, until):
    """Wait for the browser of a keeper; gives both processes and the browser's folder."""

    def started(keeper_pid):
        keeper = psutil.Process(keeper_pid)
        (child,) = until(keeper.children, "the browser")
        words = until(lambda: [word for word in child.cmdline() if "rtlab-browser-" in word], "its command")
        folder = Path(words[0].removeprefix("--user-data-dir=")).parent
        assert (folder / "profile").is_dir()
        return keeper, child, folder

    return started


def keeper_of(page):
    return page.on_close.__self__.pid


@pytest.mark.parametrize("kind", ["chromium", "firefox"])
def test_the_browser_and_its_profile_are_gone_when_the_page_is_closed(lab, started, kind):
    page = browser_lab(lab, browser=kind)
    keeper, browser, folder = started(keeper_of(page))
    page.close()
    assert not keeper.is_running() and not browser.is_running()
    assert not folder.exists()
    page.close()  # a second call does nothing
    assert lab.running and lab.server.desks == {}


def test_the_browser_and_its_profile_are_gone_when_the_lab_stops(lab, started):
    page = browser_lab(lab)
    keeper, browser, folder = started(keeper_of(page))
    lab.stop()
    assert not keeper.is_running() and not browser.is_running()
    assert not folder.exists()
    page.close()


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_the_browser_and_its_profile_are_gone_when_the_kernel_is_killed(python, started, until, end):
    kernel = python("-c", _KERNEL, "chromium", stdin=subprocess.PIPE)
    pid = int(kernel.stdout.readline().split()[0])
    keeper, browser, folder = started(pid)
    getattr(kernel, end)()
    until(lambda: is_gone(keeper.pid), "the keeper's end")
    assert is_gone(browser.pid)
    assert not folder.exists()


def test_an_interrupt_of_the_kernel_is_not_for_the_browser(lab, started):
    page = browser_lab(lab)
    keeper, browser, _ = started(keeper_of(page))
    assert os.getpgid(keeper.pid) != os.getpgid(0)
    assert os.getpgid(browser.pid) == os.getpgid(keeper.pid)
    page.close()


def test_the_secrets_stand_in_no_command_line_and_in_no_log(lab, started):
    page = browser_lab(lab)
    keeper, browser, folder = started(keeper_of(page))
    seen = [*keeper.cmdline(), *browser.cmdline(), *keeper.environ().values(), *(line.text for line in lab.log)]
    for secret in (page.desk.token, page.desk.proof, lab.nonce):
        assert not [one for one in seen if secret in one]
    start = (folder / "start.html").read_text("utf-8")
    assert f"{page.desk.token}.{page.desk.proof}" in start
    assert folder.stat().st_mode & 0o077 == 0  # nobody else may read it
    page.close()
