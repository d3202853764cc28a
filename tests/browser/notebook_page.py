"""One notebook open in JupyterLab or in Notebook 7, driven as a learner drives it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

_TIMEOUT_S = 60

# How the page reaches the open notebook; both offer `jupyterapp` with expose_app_in_browser.
_PANEL = "const panel = jupyterapp.shell.currentWidget, session = panel.sessionContext.session;"


# The front ends' own errors: after a restart; where two tabs share a kernel, for each hears of the comms of the
# other; and whenever Notebook 7 begins, with the parts of JupyterLab that it leaves out.
_OF_JUPYTER = (
    "restore the debugger state",
    "Comm not found for comm id",
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered",
    # anywidget's own limit of two seconds, on a busy machine; the widget still comes, and the tests look for it
    "[anywidget] Failed to initialize model",
)

IS_OPEN = """() => {
    const panel = globalThis.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.content?.widgets?.length
        && panel.sessionContext.session?.kernel?.status === "idle";
}"""
"""Tells whether the notebook is shown and its kernel answers."""


@dataclass
class NotebookPage:
    """One notebook open in one tab.

    Attributes:
        page: The Playwright page.
        url: Where the notebook is.
        path: The notebook's file.
        requests: Every URL that the page asked for, WebSockets included.
        console_errors: Every error of the page's console, and every exception that no script caught, but for
            those that the front ends are known to make themselves.
        screenshots: The folder that pictures go to.
    """

    page: Page
    url: str
    path: Path
    screenshots: Path
    requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda websocket: self.requests.append(websocket.url))
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self._note_error(str(error)))
        self.page.goto(self.url)
        self.wait_open()

    def run_all(self, timeout_s: float = _TIMEOUT_S) -> None:
        """Run all cells and wait until the last one is done."""
        self.start_all()
        self.wait_idle(timeout_s)

    def start_all(self) -> None:
        """Start all cells and return while they run."""
        self._start("notebook:run-all-cells")

    def run(self, index: int, timeout_s: float = _TIMEOUT_S) -> None:
        """Run one cell and wait until it is done."""
        self.start(index)
        self.wait_idle(timeout_s)

    def start(self, index: int) -> None:
        """Start one cell and return while it runs."""
        select = "panel.content.activeCellIndex = index; panel.content.deselectAll();"
        self.page.evaluate(f"index => {{ {_PANEL} {select} }}", index)
        self._start("notebook:run-cell")

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
        self.page.wait_for_function(IS_OPEN, timeout=_TIMEOUT_S * 1000)

    def reload(self) -> None:
        """Save the notebook and load the page anew, as F5 does; the kernel lives on."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        self.page.reload()
        self.wait_open()

    def second_tab(self) -> NotebookPage:
        """Open the same notebook, with the same kernel, once more."""
        self.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
        return NotebookPage(self.page.context.new_page(), self.url, self.path, self.screenshots)

    def clear_outputs(self) -> None:
        """Clear the outputs of all cells."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")

    def restart_kernel(self) -> None:
        """Restart the kernel; all its variables are gone."""
        self.page.evaluate(f"() => {{ {_PANEL} return session.kernel.restart(); }}")
        self.wait_open()

    def set_theme(self, theme: str) -> None:
        """Switch the theme, for example to ``"JupyterLab Dark"``."""
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

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note_error(f"{message.text} ({message.location.get('url', '')})")

    def _note_error(self, text: str) -> None:
        if not any(known in text for known in _OF_JUPYTER):
            self.console_errors.append(text)
