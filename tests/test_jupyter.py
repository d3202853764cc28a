from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import websocket

from rtlab.errors import InputError
from rtlab.jupyter import has_display, open_lab

ROOT = Path(__file__).parent.parent
WAIT_S = 60
no_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send this signal to a child")


@dataclass(frozen=True)
class RunningLab:
    """A real ``rtlab lab`` with a home of its own."""

    process: subprocess.Popen[str]
    said: list[str]
    home: Path

    @property
    def address(self) -> tuple[int, str, str]:
        found = re.search(r"ready: http://127\.0\.0\.1:(\d+)/(\S+)\?token=(\w+)", "".join(self.said))
        assert found, self.said
        return int(found[1]), found[2], found[3]

    def ask(self, method: str, path: str, body: object = None, *, token: bool = True) -> tuple[int, str]:
        port, _, secret = self.address
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        with contextlib.closing(connection):
            headers = {"Authorization": f"token {secret}"} if token else {}
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def run_cell(self, code: str) -> str:
        """Open a notebook as a front end does, run a cell in it, and return what it printed."""
        wish = {"path": "00_start_here.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        status, text = self.ask("POST", "/api/sessions", wish)
        assert status == 201, text
        port, _, token = self.address
        url = f"ws://127.0.0.1:{port}/api/kernels/{json.loads(text)['kernel']['id']}/channels"
        channels = websocket.create_connection(url, WAIT_S, header=[f"Authorization: token {token}"])
        with contextlib.closing(channels):
            header = {
                "msg_id": "1",
                "msg_type": "execute_request",
                "session": "s",
                "username": "",
                "version": "5.3",
            }
            content = {"code": code, "silent": False, "allow_stdin": True, "stop_on_error": True}
            request = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            channels.send(json.dumps({"channel": "shell", **request}))
            printed = []
            while True:
                message = json.loads(channels.recv())
                if message["parent_header"].get("msg_id") != "1":
                    continue
                if message["msg_type"] == "stream":
                    printed.append(message["content"]["text"])
                elif message["msg_type"] == "error":
                    raise AssertionError("\n".join(message["content"]["traceback"]))
                elif message["content"].get("execution_state") == "idle":
                    return "".join(printed)


@contextlib.contextmanager
def _lab(home: Path, *flags: str, **variables: str) -> Iterator[RunningLab]:
    for name in ("tmp", "config", "notebooks", "kernels/kernels/python3"):
        (home / name).mkdir(parents=True)
    (home / "notebooks" / "00_start_here.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    # A learner whose own settings switch the token off and whose kernel is some other Python.
    (home / "config" / "jupyter_server_config.py").write_text("c.IdentityProvider.token = c.ServerApp.token = ''\n")
    (home / "config" / "jupyter_lab_config.py").write_text("c.IdentityProvider.token = ''\n")
    (home / "kernels" / "kernels" / "python3" / "kernel.json").write_text(
        json.dumps({"argv": ["/nowhere/python", "{connection_file}"], "display_name": "x", "language": "python"})
    )
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "TEMP": str(home / "tmp"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_PATH": str(home / "kernels"),
        **variables,
    }
    command = [sys.executable, "-m", "rtlab", "lab", "--folder", str(home / "notebooks"), *flags]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True, cwd=home)
    said: list[str] = []
    try:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        yield RunningLab(process, said, home)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(WAIT_S)
        assert process.stdout
        process.stdout.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with _lab(tmp_path_factory.mktemp("lab"), "--port", str(_free_port()), "--no-browser") as running:
        yield running


def test_it_opens_on_the_first_notebook(lab: RunningLab) -> None:
    _, path, _ = lab.address
    assert path == "lab/tree/00_start_here.ipynb"
    assert lab.ask("GET", f"/{path}")[0] == 200
    assert lab.ask("GET", "/api/contents/00_start_here.ipynb")[0] == 200


def test_the_server_answers_with_the_token_and_refuses_without(lab: RunningLab) -> None:
    assert lab.ask("GET", "/api/status")[0] == 200
    assert lab.ask("GET", "/api/status", token=False)[0] == 403


def test_no_other_user_can_read_the_token_from_the_command_line(lab: RunningLab) -> None:
    _, _, token = lab.address
    family = psutil.Process(lab.process.pid).children(recursive=True)
    commands = [" ".join(process.cmdline()) for process in family]
    assert any("-m jupyterlab" in command for command in commands)
    assert not any(token in command for command in commands)


def test_it_asks_nobody_outside_for_news_or_extensions(lab: RunningLab) -> None:
    config = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', lab.ask("GET", "/lab")[1], re.DOTALL)
    assert config
    page = json.loads(config[1])
    assert page["news"] == {"disabled": True}
    assert page["extensionManager"]["name"] == "read-only"
    assert json.loads(lab.ask("GET", "/lab/api/update")[1]) == {"notification": None}


def test_root_is_told_what_is_done_for_it(lab: RunningLab) -> None:
    told = any("--allow-root" in line for line in lab.said)
    assert told == (hasattr(os, "geteuid") and os.geteuid() == 0)


def test_a_notebook_gets_this_python_and_knows_its_front_end(lab: RunningLab) -> None:
    code = "import json, sys; from rtlab.surroundings.place import where; here = where()\n"
    code += (
        "print(json.dumps([sys.executable, here.front_end, here.proxy_prefix, here.has_widgets, here.can_answer]))"
    )
    assert json.loads(lab.run_cell(code)) == [sys.executable, "jupyterlab", "/", True, True]


@no_signals
@pytest.mark.notebooks
def test_ctrl_c_ends_the_server_and_its_kernels(tmp_path: Path) -> None:
    with _lab(tmp_path, "--port", str(_free_port()), "--no-browser") as running:
        kernel = psutil.Process(int(running.run_cell("import os; print(os.getpid())")))
        family = psutil.Process(running.process.pid).children(recursive=True)
        assert kernel in family
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(WAIT_S) == 130
        assert psutil.wait_procs(family, timeout=WAIT_S)[1] == []
        assert list((tmp_path / "tmp").glob("rtlab-*")) == []


@no_signals
@pytest.mark.notebooks
def test_a_request_to_end_leaves_no_server_behind_and_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with _lab(tmp_path, "--port", str(taken), "--no-browser") as running:
            assert running.address[0] != taken
            assert f"Port {taken} is taken; this is port {running.address[0]}.\n" in running.said
            family = psutil.Process(running.process.pid).children(recursive=True)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(WAIT_S) == 128 + signal.SIGTERM
            assert psutil.wait_procs(family, timeout=WAIT_S)[1] == []


@no_signals
@pytest.mark.notebooks
def test_the_browser_is_opened_on_the_notebook(tmp_path: Path) -> None:
    pipe, browser = tmp_path / "pipe", tmp_path / "browser"
    os.mkfifo(pipe)
    # It follows the link as a browser does: the page that redirects holds the token, its command line does not.
    browser.write_text(f"#!{sys.executable}\nimport sys, urllib.request\n")
    with browser.open("a") as script:
        script.write(f"open({str(pipe)!r}, 'w').write(urllib.request.urlopen(sys.argv[1]).read().decode())\n")
    browser.chmod(0o700)
    with _lab(tmp_path / "home", "--port", str(_free_port()), BROWSER=f"{browser} %s") as running:
        port, path, token = running.address
        page = pipe.read_text()
    assert f"http://127.0.0.1:{port}/{path}?token={token}" in page


def _fake_jupyterlab(folder: Path, code: str) -> str:
    """Put a program in the place of JupyterLab, and return the PYTHONPATH that finds it."""
    (folder / "jupyterlab").mkdir(parents=True)
    (folder / "jupyterlab" / "__init__.py").write_text("")
    (folder / "jupyterlab" / "__main__.py").write_text(code)
    return os.pathsep.join((str(folder), str(ROOT)))


def test_a_server_that_cannot_start_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    path = _fake_jupyterlab(tmp_path / "fake", "raise SystemExit(7)")
    with _lab(tmp_path / "home", "--no-browser", PYTHONPATH=path) as running:
        assert running.process.wait(WAIT_S) == 2
        assert list((running.home / "tmp").glob("rtlab-*")) == []


@no_signals
def test_a_second_ctrl_c_kills_a_server_that_does_not_end(tmp_path: Path) -> None:
    code = """
import json, os, signal, socket, threading
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
signal.signal(signal.SIGTERM, lambda *_: print("asked to end", flush=True))
with open(os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "jpserver-1.json"), "w") as file:
    json.dump({"url": f"http://127.0.0.1:{port}/", "hostname": "127.0.0.1", "port": port, "token": "t"}, file)
while True:
    threading.Event().wait(60)
"""
    with _lab(tmp_path / "home", "--no-browser", PYTHONPATH=_fake_jupyterlab(tmp_path / "fake", code)) as running:
        (server,) = psutil.Process(running.process.pid).children()
        running.process.send_signal(signal.SIGINT)
        assert running.process.stdout and running.process.stdout.readline() == "asked to end\n"
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(WAIT_S) == 130
        assert psutil.wait_procs([server], timeout=WAIT_S)[1] == []


@no_signals
def test_an_address_is_told_only_when_somebody_listens_there(tmp_path: Path) -> None:
    code = """
import json, os, socket, time
with socket.create_server(("127.0.0.1", 0)) as other:
    port = other.getsockname()[1]
with open(os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "jpserver-1.json"), "w") as file:
    json.dump({"url": f"http://127.0.0.1:{port}/", "hostname": "127.0.0.1", "port": port, "token": "t"}, file)
time.sleep(1)
listening = socket.create_server(("127.0.0.1", port))
time.sleep(60)
"""
    with _lab(tmp_path / "home", "--no-browser", PYTHONPATH=_fake_jupyterlab(tmp_path / "fake", code)) as running:
        socket.create_connection(("127.0.0.1", running.address[0]), WAIT_S).close()


def test_an_address_of_another_machine_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="--ip"):
        open_lab(ip="192.0.2.1")


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "/opt/open-on-my-desk"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, "darwin", False),
    ],
)
def test_a_browser_needs_a_display(environ: dict[str, str], platform: str, expected: bool) -> None:
    assert has_display(environ, platform) is expected
