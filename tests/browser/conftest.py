"""Real Jupyter servers and a real browser: the fixtures of every test that looks at the learner's page.

``open_notebook(cells)`` writes a notebook, opens it in JupyterLab and gives a ``NotebookPage``;
``open_notebook(cells, front_end="notebook", base_url="/user/ada/")`` does so in Notebook 7, behind a path as a
JupyterHub has it. A test that wants them all takes the fixture ``front_end``, or ``base_url``, or both.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from rtlab.pages.browsers import find_browser

from ..absent import needed
from .firefox import FirefoxPage, run_firefox
from .jupyter_server import JupyterServer, run_server
from .notebook_page import NotebookPage

_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_FLAGS += ["--disable-background-networking", "--disable-component-update"]


@pytest.fixture(autouse=True)
def nothing_stays_behind() -> None:
    """Replace the watch over threads and processes: the browser and its server live through all tests here."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    return needed(find_browser, "chromium")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one that all tests share: a process can have no second one."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirefoxPage]:
    """The page of a Firefox."""
    with run_firefox(needed(find_browser, "firefox"), tmp_path_factory.mktemp("firefox")) as page:
        yield page


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("RTLAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(params=["lab", pytest.param("notebook", marks=pytest.mark.everywhere)])
def front_end(request: pytest.FixtureRequest) -> str:
    """JupyterLab and Notebook 7, one after the other."""
    return str(request.param)


@pytest.fixture(params=["/", "/user/ada/"])
def base_url(request: pytest.FixtureRequest) -> str:
    """The path of a server of one's own, and one as a JupyterHub gives it."""
    return str(request.param)


@pytest.fixture(scope="session")
def jupyter_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], JupyterServer]]:
    """Give a function that gives the server with a base URL; it is started when it is first asked for."""
    running: dict[str, JupyterServer] = {}
    with ExitStack() as stack:

        def jupyter_at(base_url: str) -> JupyterServer:
            if base_url not in running:
                home = tmp_path_factory.mktemp("jupyter")
                running[base_url] = stack.enter_context(run_server(home, base_url))
            return running[base_url]

        yield jupyter_at


@pytest.fixture(scope="session")
def jupyter(jupyter_at: Callable[[str], JupyterServer]) -> JupyterServer:
    """The server at ``/``."""
    return jupyter_at("/")


@pytest.fixture
def write_notebook(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Give a function that writes a notebook into a server's folder: from code cells, or an existing one."""

    def write_notebook(root: Path, notebook: Sequence[str] | Path) -> Path:
        if isinstance(notebook, Path):
            return Path(shutil.copyfile(notebook, root / notebook.name))
        name = re.sub("[^a-z0-9]+", "_", request.node.name)
        path = root / f"{name}_{len(list(root.glob(f'{name}_*')))}.ipynb"
        cells = [nbformat.v4.new_code_cell(source) for source in notebook]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
        return path

    return write_notebook


@pytest.fixture
def open_notebook(
    jupyter_at: Callable[[str], JupyterServer],
    browser: Browser,
    screenshots: Path,
    write_notebook: Callable[..., Path],
) -> Iterator[Callable[..., NotebookPage]]:
    """Give a function that opens a notebook: from code cells, or from the path of an existing one."""
    opened: list[NotebookPage] = []

    def open_notebook(
        notebook: Sequence[str] | Path,
        *,
        front_end: str = "lab",
        base_url: str = "/",
        width: int = 1280,
        height: int = 900,
    ) -> NotebookPage:
        server = jupyter_at(base_url)
        path = write_notebook(server.root, notebook)
        context = browser.new_context(viewport={"width": width, "height": height})
        shown = NotebookPage(context.new_page(), server.page_of(path.name, front_end), path, screenshots)
        opened.append(shown)
        shown.set_theme("JupyterLab Light")  # the server remembers what an earlier test chose
        return shown

    yield open_notebook
    for shown in opened:
        shown.page.evaluate("() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext.shutdown()")
        shown.page.context.close()
