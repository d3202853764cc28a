"""The Autobahn test suite: how to get it, and how to run its cases against a WebSocket server or client.

It is a program for Python 2.7. It is installed into a cache folder when it is first needed; that takes the network,
a C compiler, and a Python 2.7, which is looked for in ``RTLAB_PYTHON27``, in pyenv and on the path.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import rtlab
from rtlab import clock

SUITE = "autobahntestsuite==25.10.1"
INSTALL_TIMEOUT_S = 400
Verdicts = dict[str, dict[str, str]]
"""For each case what the suite says of the behaviour and of the closing handshake."""


class Unavailable(Exception):
    """The suite cannot be had here."""


def python27() -> str:
    """Find a Python 2.7."""
    if named := os.environ.get("RTLAB_PYTHON27"):
        found = [named]
    else:
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        found = [str(path) for path in pyenv.glob("versions/2.7*/bin/python")]
        found += [path for name in ("python2.7", "python2") if (path := shutil.which(name))]
    for candidate in found:
        try:
            version = subprocess.run([candidate, "-V"], capture_output=True, text=True, timeout=30)
        except OSError:
            continue
        if "Python 2.7" in version.stdout + version.stderr:  # Python 2 says it on standard error
            return candidate
    raise Unavailable("There is no Python 2.7 here; name one in RTLAB_PYTHON27.")


def cache_folder() -> Path:
    """Give the folder that the suite is installed into."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home()))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "rtlab" / SUITE.replace("==", "-")


def wstest() -> str:
    """Give the suite's program; install it first if it is not there."""
    folder = cache_folder()
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    if not (folder / "complete").exists():
        python = python27()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        boot = {**os.environ, "PYTHONPATH": str(folder / "boot")}
        install([python, "-m", "pip", "install", "--target", str(folder / "boot"), "virtualenv==20.15.1"])
        install([python, "-m", "virtualenv", str(folder / "venv")], boot)
        install([str(programs / "python"), "-m", "pip", "install", SUITE])
        (folder / "complete").touch()
    return str(programs / "wstest")


def install(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run one step of the installation."""
    try:
        step = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"The suite could not be installed within {INSTALL_TIMEOUT_S} s.") from None
    if step.returncode:
        last = (step.stderr.strip() or step.stdout.strip() or "it said nothing").splitlines()[-1]
        raise Unavailable(f"The suite could not be installed: {last}")


@contextmanager
def started(mode: str, spec: dict[str, object]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the suite in one of its two modes; it is gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spec.json")
        path.write_text(json.dumps(spec), encoding="utf-8")
        command = [wstest(), "-m", mode, "-u", "0", "-s", str(path)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        with Path(folder, "log").open("wb") as log:
            suite = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield suite
        finally:
            suite.terminate()
            suite.wait(30)


def try_server(url: str, cases: list[str], limit_s: float) -> Verdicts:
    """Run cases against a server that echoes.

    Args:
        url: Where it listens.
        cases: Which cases, such as ``"5.*"``.
        limit_s: How long it may take.

    Returns:
        What the suite says of each case.
    """
    with tempfile.TemporaryDirectory() as out:
        servers = [{"agent": "testee", "url": url, "options": {"version": 18}}]
        spec = {"outdir": out, "servers": servers, "cases": cases, "exclude-cases": [], "exclude-agent-cases": {}}
        with started("fuzzingclient", spec) as suite:
            suite.wait(limit_s)
        return verdicts(out)


def try_client(echo: Callable[[str], None], cases: list[str], limit_s: float) -> Verdicts:
    """Run cases against a client that echoes.

    Args:
        echo: Connects to a URL and echoes until the connection is over.
        cases: Which cases.
        limit_s: How long it may take.

    Returns:
        What the suite says of each case.
    """
    deadline_ns = clock.now_ns() + limit_s * 1e9
    port = free_port()
    url = f"ws://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as out:
        spec = {"url": url, "outdir": out, "cases": cases, "exclude-cases": [], "exclude-agent-cases": {}}
        with started("fuzzingserver", spec):
            wait_for_port(port)
            with rtlab.WebSocket(f"{url}/getCaseCount") as asking:
                count = int(str(asking.receive().data))
            for case in range(1, count + 1):
                if clock.now_ns() > deadline_ns:
                    raise TimeoutError(f"The suite did not end within {limit_s:g} s.")
                echo(f"{url}/runCase?case={case}&agent=testee")
            echo(f"{url}/updateReports?agent=testee")
        return verdicts(out)


def verdicts(folder: str) -> Verdicts:
    """Read the suite's report."""
    report: dict[str, dict[str, dict[str, str]]] = json.loads(
        Path(folder, "index.json").read_text(encoding="utf-8")
    )
    return report["testee"]


def free_port() -> int:
    """Give a port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for_port(port: int, limit_s: float = 30.0) -> None:
    """Wait until somebody listens."""
    deadline_ns = clock.now_ns() + limit_s * 1e9
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if clock.now_ns() > deadline_ns:
                raise
