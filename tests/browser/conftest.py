"""A real JupyterLab and a real browser: the fixtures of every test that looks at the learner's page.

``open_notebook(cells)`` writes a notebook, opens it in JupyterLab and gives a :class:`NotebookPage`.
"""

from __future__ import annotations

import ast
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

_CHECKOUT = Path(__file__).parents[2]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_FLAGS += ["--disable-background-networking", "--disable-component-update"]
_TIMEOUT_S = 60

# How the page reaches the open notebook; JupyterLab offers `jupyterapp` with expose_app_in_browser.
_PANEL = "const panel = jupyterapp.shell.currentWidget, session = panel.sessionContext.session;"


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """A running JupyterLab that keeps its files, settings and sockets to itself."""

    url: str
    token: str
    root: Path

    def stop(self) -> None:
        head = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}/api/shutdown", method="POST", headers=head)
        urllib.request.urlopen(request, timeout=10).close()


@dataclass
class NotebookPage:
    """One notebook open in JupyterLab, driven as a learner drives it.

    Attributes:
        page: The Playwright page.
        path: The notebook's file.
        requests: Every URL that the page asked for, WebSockets included.
        console_errors: Every error of the page's console, and every exception that no script caught.
        screenshots: The folder that pictures go to.
    """

    page: Page
    path: Path
    screenshots: Path
    requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def run_all(self, timeout_s: float = _TIMEOUT_S) -> None:
        """Run all cells and wait until the last one is done."""
        self.start_all()
        self.wait_idle(timeout_s)

    def start_all(self) -> None:
        """Start all cells and return while they run."""
        self._start("notebook:run-all-cells")

    def run(self, index: int, timeout_s: float = _TIMEOUT_S) -> None:
        """Run one cell and wait until it is done."""
        select = "panel.content.activeCellIndex = index; panel.content.deselectAll();"
        self.page.evaluate(f"index => {{ {_PANEL} {select} }}", index)
        self._start("notebook:run-cell")
        self.wait_idle(timeout_s)

    def _start(self, command: str) -> None:
        self.page.evaluate(
            """command => {
                window.rtlabRunning = true;
                jupyterapp.commands.execute(command).finally(() => { window.rtlabRunning = false; });
            }""",
            command,
        )

    def wait_idle(self, timeout_s: float = _TIMEOUT_S) -> None:
        """Wait until the cells that were started are done and the kernel rests."""
        self.page.wait_for_function(
            f"() => {{ {_PANEL} return !window.rtlabRunning && session?.kernel?.status === 'idle'; }}",
            timeout=timeout_s * 1000,
        )

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Read the outputs of a cell as the notebook's model has them, in the form of the notebook format."""
        read = f"index => {{ {_PANEL} return panel.content.widgets[index].model.outputs.toJSON(); }}"
        return list(self.page.evaluate(read, index))

    def errors(self) -> list[str]:
        """List the exceptions that cells ended with."""
        all_outputs = "panel.content.widgets.flatMap(cell => cell.model.outputs?.toJSON() ?? [])"
        outputs = self.page.evaluate(f"() => {{ {_PANEL} return {all_outputs}; }}")
        return [f"{one['ename']}: {one['evalue']}" for one in outputs if one["output_type"] == "error"]

    def evaluate_in_kernel(self, expression: str) -> str:
        """Evaluate a Python expression in the kernel, outside all cells, and give its repr."""
        ask = """async ([expression]) => {
            const code = {code: "", silent: false, store_history: false, user_expressions: {asked: expression}};
            const reply = await jupyterapp.shell.currentWidget.sessionContext.session.kernel
                .requestExecute(code).done;
            const asked = reply.content.user_expressions.asked;
            return asked.status === "ok" ? asked.data["text/plain"] : `${asked.ename}: ${asked.evalue}`;
        }"""
        # Asked for the repr as text, because the kernel shortens the display of long lists.
        answer: str = self.page.evaluate(ask, [f"repr(({expression}))"])
        return str(ast.literal_eval(answer)) if answer[0] in "'\"" else answer

    def running(self) -> bool:
        """Tell whether cells that were started are not yet done."""
        return bool(self.page.evaluate("() => window.rtlabRunning"))

    def wait_open(self) -> None:
        """Wait until the notebook is shown and its kernel answers."""
        self.page.wait_for_function(
            """() => {
                const panel = globalThis.jupyterapp?.shell.currentWidget;
                return panel?.context?.isReady && panel.content?.widgets?.length
                    && panel.sessionContext.session?.kernel?.status === "idle";
            }""",
            timeout=_TIMEOUT_S * 1000,
        )

    def reload(self) -> None:
        """Save the notebook and load the page anew, as F5 does; the kernel lives on."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        self.page.reload()
        self.wait_open()

    def restart_kernel(self) -> None:
        """Restart the kernel; all its variables are gone."""
        self.page.evaluate(f"() => {{ {_PANEL} return session.kernel.restart(); }}")
        self.wait_open()

    def set_theme(self, theme: str) -> None:
        """Switch JupyterLab's theme, for example to ``"JupyterLab Dark"``."""
        if self.page.evaluate("() => document.body.dataset.jpThemeName") == theme:
            return
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        self.page.wait_for_function(
            "theme => document.body.dataset.jpThemeName === theme && !document.querySelector('#jupyterlab-splash')",
            arg=theme,
        )

    def screenshot(self, name: str) -> None:
        """Take a picture of the page."""
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def hosts(self) -> set[str]:
        """List the hosts that the page spoke to."""
        return {host for url in self.requests if (host := urlsplit(url).hostname)}

    def note_console(self, message: ConsoleMessage) -> None:
        """Keep an error that the page wrote to its console, unless it is JupyterLab's own after a restart."""
        if message.type == "error" and "restore the debugger state" not in message.text:
            self.console_errors.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture(autouse=True)
def nothing_stays_behind() -> None:
    """Replace the watch over threads and processes: the browser and its server live through all tests here."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    found = os.environ.get("RTLAB_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found:
        return found
    reason = "no Chromium found; install one or name it in RTLAB_CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("RTLAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    home = tmp_path_factory.mktemp("jupyter")
    root = home / "notebooks"
    root.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.extension_manager": "readonly",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {place: str(home / place.lower()) for place in places}
    # Without this a notice that asks about news lies over the page.
    notices = home / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
    notices.mkdir(parents=True)
    (notices / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_CHECKOUT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "encoding": "utf-8", "errors": "replace"}
    process = subprocess.Popen(command, cwd=root, env=environment, **pipes)
    log = process.stderr
    assert log is not None
    url = f"http://127.0.0.1:{port}"
    lines: list[str] = []
    ready = threading.Event()

    def read_log() -> None:  # also keeps the pipe from filling
        for line in log:
            lines.append(line)
            if f"{url}/lab?token=" in line:
                ready.set()
        ready.set()  # the process is gone

    reader = threading.Thread(target=read_log, daemon=True)
    reader.start()
    try:
        if not ready.wait(_TIMEOUT_S) or process.poll() is not None:
            pytest.fail("JupyterLab did not start:\n" + "".join(lines[-40:]))
        server = JupyterServer(url, token, root)
        yield server
        server.stop()
        process.wait(20)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        reader.join(10)
        log.close()


@pytest.fixture
def open_notebook(
    jupyter: JupyterServer, browser: Browser, screenshots: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookPage]]:
    """Give a function that opens a notebook: from code cells, or from the path of an existing one."""
    opened: list[NotebookPage] = []

    def open_notebook(notebook: Sequence[str] | Path, *, width: int = 1280, height: int = 900) -> NotebookPage:
        if isinstance(notebook, Path):
            path = jupyter.root / notebook.name
            shutil.copyfile(notebook, path)
        else:
            path = jupyter.root / f"{re.sub('[^a-z0-9]+', '_', request.node.name)}_{len(opened)}.ipynb"
            cells = [nbformat.v4.new_code_cell(source) for source in notebook]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
        context = browser.new_context(viewport={"width": width, "height": height})
        shown = NotebookPage(context.new_page(), path, screenshots)
        opened.append(shown)
        shown.page.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("websocket", lambda websocket: shown.requests.append(websocket.url))
        shown.page.on("console", shown.note_console)
        shown.page.on("pageerror", lambda error: shown.console_errors.append(str(error)))
        shown.page.goto(f"{jupyter.url}/lab/tree/{path.name}?token={jupyter.token}&reset")
        shown.wait_open()
        shown.set_theme("JupyterLab Light")  # the server remembers what an earlier test chose
        return shown

    yield open_notebook
    for shown in opened:
        shown.page.evaluate("() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext.shutdown()")
        shown.page.context.close()
