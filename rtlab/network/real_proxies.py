"""nginx and HAProxy, if they are installed, as child processes between clients and a server.

They need no root. A shell stands between: it ends the proxy and removes its folder when its standard input closes,
so neither outlives this process, however that ends.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from rtlab import clock
from rtlab.errors import InputError, LabError, MissingExtra
from rtlab.resources import data_path

ProxyName = Literal["nginx", "haproxy"]
PROXIES: tuple[ProxyName, ...] = ("nginx", "haproxy")

_TEMPLATES = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg"}
_LOOK_S = 0.02
_VERSION_TIMEOUT_S = 10.0
_LONGEST_SILENCE_S = 86_400
_one_at_a_time = threading.Lock()
_GUARDED = """
folder=$1; shift
"$@" &
proxy=$!
exec 3<&0
{ cat <&3 > /dev/null; kill "$proxy" 2> /dev/null; rm -rf "$folder"; } &
wait "$proxy"
"""
"""Ends with the proxy; and ends the proxy, and removes the folder, with its own standard input."""


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """How a proxy is set up; the defaults are those of nginx before 1.29.7.

    Attributes:
        buffering: Whether nginx collects an answer before it sends it on (``proxy_buffering``). HAProxy never does.
        honours_accel: Whether nginx lets the server switch that off by ``X-Accel-Buffering: no``.
        http_1_1: Whether nginx asks the server with HTTP/1.1, its default since 1.29.7 only. HAProxy always does.
        compression: Whether event streams are compressed for clients that take gzip.
        upgrade: Whether a WebSocket may pass. Without a word nginx lets none pass, and HAProxy all.
        no_delay: Whether HAProxy sends small pieces at once (``option http-no-delay``); nginx does.
        read_timeout_s: After how long a silence the connection is closed, above 0, at most 86,400 s.

    Raises:
        InputError: The time is out of its range.
    """

    buffering: bool = True
    honours_accel: bool = True
    http_1_1: bool = False
    compression: bool = False
    upgrade: bool = False
    no_delay: bool = False
    read_timeout_s: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.read_timeout_s <= _LONGEST_SILENCE_S:
            raise InputError(f"read_timeout_s must be above 0 and at most {_LONGEST_SILENCE_S:,} s.")


class RealProxy:
    """A proxy process in front of one server on this machine.

    Args:
        name: ``"nginx"`` or ``"haproxy"``.
        host: The server's address.
        port: The server's port.
        settings: How the proxy is set up.

    Attributes:
        port: Where it listens, on 127.0.0.1; 0 before it does.
        config: Its configuration, as it reads it; empty before it is started.

    Raises:
        InputError: There is no such proxy here.
        MissingExtra: It is not installed; the text says how to install it.
    """

    def __init__(self, name: ProxyName, host: str, port: int, settings: ProxySettings | None = None) -> None:
        if name not in PROXIES:
            raise InputError(f"There is no proxy {name!r} here; there are {', '.join(PROXIES)}.")
        self.name = name
        self.settings = settings or ProxySettings()
        self.port = 0
        self.config = ""
        self._server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._program = find_proxy(name)
        self._folder: Path | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = 10.0) -> None:
        """Start the process and wait until it listens.

        Args:
            timeout_s: How long that may take, in seconds.

        Raises:
            LabError: It does not start; its last words are in the text.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="rtlab-proxy-"))
        log = self._folder / "log"
        try:
            with _one_at_a_time:  # the next one must not be given the port that this one is about to take
                self.port = _free_port()
                self.config = self._configured()
                with log.open("wb") as file:
                    self._child = subprocess.Popen(
                        ["/bin/sh", "-c", _GUARDED, "sh", str(self._folder), *self._command()],
                        stdin=subprocess.PIPE,
                        stdout=file,
                        stderr=file,
                        start_new_session=True,  # an interrupt of the cell is for the kernel, not for the proxy
                    )
                if not self._listens(timeout_s):
                    words = " ".join(log.read_text(errors="replace").split())[-500:] or "it said nothing"
                    raise LabError(f"{self.name} did not start: {words}")
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the process and remove its folder; a second call does nothing.

        Args:
            timeout_s: How long it may take to end by itself.
        """
        child, self._child = self._child, None
        if child and child.stdin:
            child.stdin.close()
            try:
                child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait(timeout_s)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        self.port = 0

    def _configured(self) -> str:
        chosen = self.settings
        lines = _nginx_lines(chosen) if self.name == "nginx" else _haproxy_lines(chosen)
        template = _Template(data_path("proxies", _TEMPLATES[self.name]).read_text(encoding="utf-8"))
        return template.substitute(
            port=self.port,
            server=self._server,
            silence=f"{max(1, round(chosen.read_timeout_s * 1_000))}ms",
            version="1.1" if chosen.http_1_1 or chosen.upgrade else "1.0",
            buffering="on" if chosen.buffering else "off",
            compression="on" if chosen.compression else "off",
            more="\n".join(lines),
        )

    def _command(self) -> list[str]:
        assert self._folder
        path = self._folder / _TEMPLATES[self.name]
        path.write_text(self.config, encoding="utf-8")
        if self.name == "nginx":
            return [self._program, "-p", str(self._folder), "-c", str(path), "-e", "stderr"]
        return [self._program, "-f", str(path), "-db"]

    def _listens(self, timeout_s: float) -> bool:
        deadline_ns = clock.now_ns() + timeout_s * 1e9
        while self._child and self._child.poll() is None and clock.now_ns() < deadline_ns:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return True
            threading.Event().wait(_LOOK_S)
        return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def find_proxy(name: ProxyName) -> str:
    """Find a proxy's program.

    Args:
        name: ``"nginx"`` or ``"haproxy"``.

    Returns:
        Its path.

    Raises:
        MissingExtra: It is not installed, or this is Windows; the text says what to do.
    """
    if sys.platform == "win32":
        raise MissingExtra(f"{name} is started on Linux and macOS only; in WSL it works.")
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))  # as on Debian
    found = shutil.which(name, path=places)
    if found is None:
        raise MissingExtra(
            f"{name} is not installed. On Debian or Ubuntu: sudo apt install {name}; on macOS: brew install {name}."
        )
    return found


def proxy_version(name: ProxyName) -> str:
    """Ask a proxy for its version.

    Args:
        name: ``"nginx"`` or ``"haproxy"``.

    Returns:
        Such as ``"1.22.1"``; empty if it does not say.

    Raises:
        MissingExtra: It is not installed.
    """
    said = subprocess.run([find_proxy(name), "-v"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_S)
    found = re.search(r"(?:nginx/|HAProxy version )([0-9.]+)", said.stdout + said.stderr)
    return found[1] if found else ""


class _Template(string.Template):
    delimiter = "@"  # nginx needs the dollar for itself


def _nginx_lines(chosen: ProxySettings) -> list[str]:
    lines = []
    if not chosen.honours_accel:
        lines.append("proxy_ignore_headers X-Accel-Buffering;")
    if chosen.upgrade:
        lines += ["proxy_set_header Upgrade $http_upgrade;", 'proxy_set_header Connection "upgrade";']
    return [f"            {line}" for line in lines]


def _haproxy_lines(chosen: ProxySettings) -> list[str]:
    lines = []
    if chosen.no_delay:
        lines.append("option http-no-delay")
    if chosen.compression:
        lines += ["compression algo gzip", "compression type text/event-stream"]
    if not chosen.upgrade:
        lines.append("http-request del-header Upgrade")
    return [f"    {line}" for line in lines]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
