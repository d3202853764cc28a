"""A Jupyter server that keeps its files, settings and sockets to itself; it serves JupyterLab and Notebook 7."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2]
_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """A running server.

    Attributes:
        url: Its address with the base URL, without a slash at the end.
        token: What a request must bring.
        root: The folder of its notebooks.
    """

    url: str
    token: str
    root: Path

    def page_of(self, notebook: str, front_end: str) -> str:
        """Give the address at which a front end, ``"lab"`` or ``"notebook"``, opens a notebook."""
        page, last = {"lab": ("lab/tree", "&reset"), "notebook": ("notebooks", "")}[front_end]
        return f"{self.url}/{page}/{notebook}?token={self.token}{last}"

    def stop(self) -> None:
        head = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}/api/shutdown", method="POST", headers=head)
        urllib.request.urlopen(request, timeout=30).close()


@contextmanager
def run_server(home: Path, base_url: str) -> Iterator[JupyterServer]:
    """Start a server and stop it at the end.

    Args:
        home: An empty folder for all that it writes.
        base_url: The path under which it serves, such as ``"/user/ada/"``.
    """
    root = home / "notebooks"
    root.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.base_url": base_url,
        "ServerApp.root_dir": root,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.extension_manager": "readonly",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "JupyterNotebookApp.expose_app_in_browser": True,
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "encoding": "utf-8", "errors": "replace"}
    process = subprocess.Popen(command, cwd=root, env=_environment(home), **pipes)
    log = process.stderr
    assert log is not None
    url = f"http://127.0.0.1:{port}{base_url}".rstrip("/")
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
            raise RuntimeError("JupyterLab did not start:\n" + "".join(lines[-40:]))
        server = JupyterServer(url, token, root)
        yield server
        server.stop()
        process.wait(30)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(30)
        reader.join(30)
        log.close()


def _environment(home: Path) -> dict[str, str]:
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    # Without this a notice that asks about news lies over the page.
    notices = home / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
    notices.mkdir(parents=True)
    (notices / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    path = os.pathsep.join(filter(None, [str(_CHECKOUT), os.environ.get("PYTHONPATH")]))
    return os.environ | {place: str(home / place.lower()) for place in places} | {"PYTHONPATH": path}
