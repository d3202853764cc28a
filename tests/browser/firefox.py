"""A headless Firefox, driven over WebDriver BiDi, which it speaks itself: no driver program in between."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from rtlab import clock

_TIMEOUT_S = 60
_PREFERENCES = {
    # Whatever is not loopback goes to a proxy that does not exist: nothing leaves the machine.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
}


class FirefoxPage:
    """One tab.

    Attributes:
        console_errors: Every error of the console, and every exception that no script caught.
        requests: Every URL that the page asked for.
    """

    def __init__(self, address: str) -> None:
        self.console_errors: list[str] = []
        self.requests: list[str] = []
        self._socket = websocket.create_connection(f"{address}/session", suppress_origin=True, timeout=_TIMEOUT_S)
        self._number = 0
        self._command("session.new", capabilities={})
        self._command("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._tab = self._command("browsingContext.getTree")["contexts"][0]["context"]

    def goto(self, url: str) -> None:
        """Open a page and wait until it is loaded."""
        self._command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Evaluate JavaScript in the page; a promise is awaited, and the value comes back by way of JSON."""
        answer = self._command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})) ?? null)()",
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def wait_for(self, expression: str, timeout_s: float = _TIMEOUT_S) -> Any:
        """Wait until JavaScript gives a value that counts as true, and give it."""
        look = f"(() => {{ try {{ return {expression}; }} catch {{ return null; }} }})()"
        polled = (
            f"new Promise(done => {{ const end = Date.now() + {timeout_s * 1000};"
            f" const look = () => {{ const value = {look};"
            " value || Date.now() > end ? done(value) : setTimeout(look, 50); }; look(); })"
        )
        value = self.evaluate(polled)
        assert value, f"{expression} did not come true within {timeout_s} s; console: {self.console_errors}"
        return value

    def screenshot(self) -> str:
        """Take a picture of what is in sight, as PNG in base64."""
        return str(self._command("browsingContext.captureScreenshot", context=self._tab)["data"])

    def end(self) -> None:
        """End the browser."""
        self._command("browser.close")
        self._socket.close()

    def _command(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        deadline_ns = clock.now_ns() + _TIMEOUT_S * 10**9
        while clock.now_ns() < deadline_ns:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return dict(message["result"])
            self._note(message.get("method"), message.get("params", {}))
        raise TimeoutError(f"{method}: no answer within {_TIMEOUT_S} s")

    def _note(self, event: str | None, params: dict[str, Any]) -> None:
        if event == "log.entryAdded" and params["level"] == "error":
            self.console_errors.append(params["text"] or "")
        elif event == "network.beforeRequestSent":
            self.requests.append(params["request"]["url"])


@contextmanager
def run_firefox(program: str, profile: Path) -> Iterator[FirefoxPage]:
    """Start Firefox with a fresh profile, and end it."""
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    command = [program, "--headless", "--remote-debugging-port=0", "--profile", str(profile)]
    with (profile / "log").open("w+b") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            page = FirefoxPage(_address(process, profile / "log"))
            yield page
            page.end()
            process.wait(30)
        finally:
            process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait for the line in which Firefox tells where it listens."""
    deadline_ns = clock.now_ns() + _TIMEOUT_S * 10**9
    while clock.now_ns() < deadline_ns and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return found[1]
        threading.Event().wait(0.05)
    raise RuntimeError(f"Firefox did not start:\n{log.read_text(errors='replace')[-2000:]}")
