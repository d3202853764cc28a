"""Runs the Autobahn test suite against rtlab's WebSocket server and client, or against other libraries.

``python tests/conformance/run_autobahn.py``             the quick selection, 261 cases, both roles
``python tests/conformance/run_autobahn.py --cases all`` all 517 cases, with compression and without; some minutes
``... --save FILE``                                      keep the counts as JSON

The suite is a program for Python 2.7. It is installed into a cache folder at the first run; that needs the network, a
C compiler and a Python 2.7, which is looked for in ``RTLAB_PYTHON27``, in pyenv and on the path. Without it the
script ends with exit code 3 and says why.

Exit codes: 0 for all as expected, 1 for another verdict in any case, 3 for a suite that cannot be had.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import peers
import rtlab
from rtlab import clock
from rtlab.clients.client import Received
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import ConnectionEnded
from rtlab.loop_thread import shared
from rtlab.servers.server import LabServer

SUITE = "autobahntestsuite==25.10.1"
INSTALL_TIMEOUT_S = 400
# Groups 9 (long messages), 12 and 13 (compression) take minutes; of the last two, one case of each kind is here.
QUICK = [
    *(f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)),
    *("12.1.1", "12.1.2", "12.1.3", "12.2.1", "12.3.1", "12.4.1", "12.5.1"),
    *("13.1.1", "13.2.1", "13.3.1", "13.4.1", "13.5.1", "13.6.1", "13.7.1"),
]
SELECTIONS = {"quick": QUICK, "all": ["*"]}
LIMITS = {"quick": 240, "all": 3 * 3600}
PATIENT = rtlab.Guards(
    max_message_bytes=1 << 25, max_fragments=1 << 20, max_buffered_bytes=1 << 27, idle_timeout_s=600
)


class Unavailable(Exception):
    """The suite cannot be had here."""


def python27() -> str:
    """Find a Python 2.7."""
    named = os.environ.get("RTLAB_PYTHON27")
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))]
    found = [named] if named else [str(p) for root in roots for p in root.glob("versions/2.7*/bin/python")]
    found += [] if named else [path for name in ("python2.7", "python2") if (path := shutil.which(name))]
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
def started(mode: str, spec: dict[str, object]) -> Iterator[subprocess.Popen[str]]:
    """Start the suite in one of its two modes; it is gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spec.json")
        path.write_text(json.dumps(spec), encoding="utf-8")
        command = [wstest(), "-m", mode, "-u", "0", "-s", str(path)]
        suite = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            yield suite
        finally:
            suite.terminate()
            suite.communicate(timeout=30)


def try_server(url: str, cases: list[str], limit_s: float) -> dict[str, dict[str, str]]:
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
            suite.communicate(timeout=limit_s)
        return verdicts(out)


def try_client(echo: Callable[[str], None], cases: list[str], limit_s: float) -> dict[str, dict[str, str]]:
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


def verdicts(folder: str) -> dict[str, dict[str, str]]:
    """Read the suite's report."""
    report: dict[str, dict[str, dict[str, str]]] = json.loads(Path(folder, "index.json").read_text(encoding="utf-8"))
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


def echo_with_rtlab(url: str, compression: bool) -> None:
    """Echo with rtlab's client until the connection is over."""

    def echo(message: Received) -> None:
        sending = client.send_soon(message.data)
        with suppress(StopIteration, ConnectionEnded):
            sending.send(None)  # it writes before it waits for anything: an answer that comes later would be late
        sending.close()

    client = rtlab.WebSocket(
        url, compression=compression, max_message_bytes=1 << 25, max_fragments=1 << 20, on_received=echo
    )
    with client, suppress(ConnectionEnded):
        client.receive(timeout_s=600)


@contextmanager
def rtlab_server(compression: bool) -> Iterator[str]:
    """Run rtlab's server, with limits that the suite does not reach and no pings: it takes each for an answer."""
    server = LabServer(guards=PATIENT, compression=DeflateOptions() if compression else None, heartbeat_s=86_400)
    shared.hold()
    try:
        shared.call(server.start(), 10)
        yield server.http_url.replace("http", "ws", 1) + "/echo"
        errors = [line.text for line in server.log.lines() if line.level == "error"]
        assert not errors, errors
    finally:
        shared.call(server.stop(), 10)
        shared.release()


@contextmanager
def peer_server(name: str) -> Iterator[str]:
    """Run a server with another library in a process of its own."""
    port = free_port()
    command = [sys.executable, str(Path(peers.__file__)), name, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as server:
        try:
            wait_for_port(port)
            yield f"ws://127.0.0.1:{port}/"
        finally:
            assert server.stdin
            server.stdin.close()
            server.wait(30)


def try_testee(
    name: str, role: str, compression: bool, cases: list[str], limit_s: float
) -> dict[str, dict[str, str]]:
    """Run cases against one library in one role."""
    if role == "client":
        if name == "rtlab":
            return try_client(lambda url: echo_with_rtlab(url, compression), cases, limit_s)
        return try_client(peers.CLIENTS[name], cases, limit_s)
    if name != "rtlab":
        with peer_server(name) as url:
            return try_server(url, cases, limit_s)
    with rtlab_server(compression) as url:
        return try_server(url, cases, limit_s)


def summary(name: str, role: str, compression: bool, found: dict[str, dict[str, str]]) -> dict[str, object]:
    """Count the verdicts of one run, and name the cases that did not go well."""

    def named(*wanted: str) -> list[str]:
        return [
            case
            for case, said in sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")])
            if {said["behavior"], said["behaviorClose"]} & set(wanted)
        ]

    return {
        "testee": name,
        "version": importlib.metadata.version(name),
        "role": role,
        "compression": compression,
        "cases": len(found),
        "verdicts": dict(Counter(said["behavior"] for said in found.values()).most_common()),
        "closing": dict(Counter(said["behaviorClose"] for said in found.values()).most_common()),
        "failed": named("FAILED", "FAILED BY CLIENT", "WRONG CODE", "UNCLEAN"),
        "non_strict": named("NON-STRICT"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the Autobahn test suite.")
    parser.add_argument("--testee", action="append", choices=["rtlab", *peers.SERVERS, *peers.CLIENTS])
    parser.add_argument("--role", action="append", choices=["server", "client"])
    parser.add_argument("--cases", choices=SELECTIONS, default="quick")
    parser.add_argument("--without-compression", action="store_true", help="rtlab does not compress")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep the counts")
    options = parser.parse_args()
    runs = []
    try:
        for name in options.testee or ["rtlab"]:
            for role in options.role or ["server", "client"]:
                if name != "rtlab" and name not in (peers.SERVERS if role == "server" else peers.CLIENTS):
                    continue
                begun_ns = clock.now_ns()
                compression = not options.without_compression
                found = try_testee(name, role, compression, SELECTIONS[options.cases], LIMITS[options.cases])
                run = summary(name, role, compression, found)
                run["seconds"] = round((clock.now_ns() - begun_ns) / 1e9)
                print(json.dumps(run), flush=True)
                runs.append(run)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 3
    if options.save:
        suite = {"suite": SUITE, "python": platform.python_version(), "system": platform.platform(), "runs": runs}
        options.save.write_text(json.dumps(suite, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
