"""A lab in a process of its own, steered over its control paths.

Measurements use it: the server then has an interpreter and a processor to itself, and the notebook's kernel only
receives.
"""

from __future__ import annotations

import json
import os
import secrets
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import IO, Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from rtlab import clock
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import InputError, LabNotRunning, PortUnavailable, WaitTimeout
from rtlab.servers.address import http_url
from rtlab.servers.backpressure import Backpressure
from rtlab.servers.channel import encode_text
from rtlab.servers.guards import Guards
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.log import LogLine
from rtlab.servers.peers import OpenConnection
from rtlab.servers.resumption import Resumption
from rtlab.workload import Workload

REQUEST_TIMEOUT_S = 10.0
NONCE_VARIABLE = "RTLAB_NONCE"
TOKEN_VARIABLE = "RTLAB_TOKEN"
"""Secrets go by the environment: every user of the machine may read a command line."""
GUARDS_VARIABLE = "RTLAB_GUARDS"


class IsolatedServer:
    """The same lab as a child process (``python -m rtlab serve``).

    The child ends when its standard input closes, so it never outlives the kernel, however that ends.

    Args:
        host: Address to bind.
        port: Port to bind; 0 lets the system choose.
        tls: Speak TLS.
        http2: Speak HTTP/2, too; None speaks HTTP/1.1 only.
        guards: What is refused.
        token: What each request must carry; empty for none.
        compression: How to compress WebSocket messages; None never does.
        resumption: What clients that come back get.
        backpressure: What happens to subscribers that read too slowly; None disconnects them.
        heartbeat_s: How often comments and pings go out, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: bool,
        http2: Http2Options | None = None,
        guards: Guards | None = None,
        token: str = "",
        compression: DeflateOptions | None = None,
        resumption: Resumption | None = None,
        backpressure: Backpressure | None = None,
        heartbeat_s: float = 15.0,
    ) -> None:
        self.host = host
        self.port = port
        self.tls = tls or http2 is not None
        self.http2 = http2
        self.compression = compression
        self.resumption = resumption or Resumption()
        self.backpressure = backpressure
        self.heartbeat_s = heartbeat_s
        self.guards = guards or Guards()
        self.nonce = secrets.token_urlsafe(24)
        self.token = token
        self.ca_pem = self.key_sha256 = ""
        self._child: subprocess.Popen[str] | None = None
        self._watcher: threading.Thread | None = None
        self._errors: list[str] = []

    @property
    def pid(self) -> int | None:
        """The child's process id, or None if it is not running."""
        return self._child.pid if self._child and self._child.poll() is None else None

    @property
    def http_url(self) -> str:
        """The address of the server's paths, without a slash at the end."""
        return http_url(self.host, self.port, tls=self.tls)

    def start_process(self, timeout_s: float) -> None:
        """Start the child and wait until it listens.

        Args:
            timeout_s: How long that may take, in seconds.

        Raises:
            PortUnavailable: The port is taken.
            LabNotRunning: The child did not start; its last words are in the text.
        """
        command = [sys.executable, "-m", "rtlab", "serve", "--until-stdin-closes"]
        command += ["--host", self.host, "--port", str(self.port)] + ["--tls"] * self.tls
        if self.http2:
            command += ["--http2-options", json.dumps(asdict(self.http2))]
        if self.compression:
            command += ["--compression", json.dumps(asdict(self.compression))]
        command += ["--resumption", json.dumps(asdict(self.resumption)), "--heartbeat-s", str(self.heartbeat_s)]
        if self.backpressure:
            command += ["--backpressure", json.dumps(asdict(self.backpressure))]
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._environment()},
            # An interrupt of the cell is for the kernel, not for the server.
            **_own_group(),
        )
        assert self._child.stdout and self._child.stderr
        first: list[str] = []
        reader = _start_thread("output", _read_line, self._child.stdout, first)
        self._watcher = _start_thread("errors", _keep_tail, self._child.stderr, self._errors)
        reader.join(timeout_s)
        try:
            ready = json.loads(first[0])
            self.port, self.ca_pem, self.key_sha256 = ready["port"], ready["ca_pem"], ready["key_sha256"]
        except (IndexError, ValueError, KeyError) as error:
            self.stop_process(0)
            words = " ".join(self._errors) or "it said nothing"
            kind = PortUnavailable if "Port" in words else LabNotRunning
            raise kind(f"The lab's process did not start: {words}") from error

    def _environment(self) -> dict[str, str]:
        guards = json.dumps(asdict(self.guards))
        return {NONCE_VARIABLE: self.nonce, TOKEN_VARIABLE: self.token, GUARDS_VARIABLE: guards}

    def stop_process(self, timeout_s: float) -> None:
        """End the child: politely, then by force.

        Args:
            timeout_s: How long it may take to end by itself.
        """
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin and child.stdout and child.stderr
        child.stdin.close()
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(5)
        if self._watcher:
            self._watcher.join(2)  # it reads the last words, to the end of the pipe
        child.stdout.close()
        child.stderr.close()

    async def publish(self, channel: str, data: str, event: str) -> str:
        """Publish one message and give its id."""
        query = quote(encode_text(event), safe="")
        answer = await self._ask("POST", f"/publish/{quote(channel)}?event={query}", encode_text(data))
        return str(answer["id"])

    async def play(self, channel: str, workload: Workload, start_ns: int) -> list[int]:
        """Send a workload into a channel; see :func:`rtlab.servers.play.play`."""
        asked = {"channel": channel, "workload": workload.settings(), "start_ns": start_ns}
        wait_s = (start_ns - clock.now_ns()) / 1e9 + 3 * workload.duration_s + REQUEST_TIMEOUT_S
        answer = await self._ask("POST", "/control/play", json.dumps(asked), wait_s)
        return [int(at_ns) for at_ns in answer["sent_ns"]]

    async def cut(self, channel: str) -> int:
        """Break every open connection of a channel and tell how many there were."""
        return int((await self._ask("POST", f"/control/cut/{quote(channel)}", ""))["broken"])

    async def state(self) -> tuple[tuple[OpenConnection, ...], tuple[LogLine, ...]]:
        """Give the open connections and the log."""
        answer = await self._ask("GET", "/control/state")
        connections = tuple(OpenConnection(**row) for row in answer["connections"])
        return connections, tuple(LogLine(**row) for row in answer["log"])

    async def clock_offset_ns(self) -> tuple[int, int]:
        """Compare the two processes' clocks by the quickest of some round trips.

        Returns:
            How far the server's clock is ahead, and the largest error that this may have, in nanoseconds.
        """
        trips = []
        for _ in range(7):
            asked_ns = clock.now_ns()
            there_ns = int((await self._ask("GET", "/control/state"))["now_ns"])
            took_ns = clock.now_ns() - asked_ns
            trips.append((took_ns, there_ns - asked_ns - took_ns // 2))
        took_ns, offset_ns = min(trips)
        return offset_ns, took_ns // 2

    async def _ask(
        self, method: str, path: str, body: str | bytes | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> dict[str, Any]:
        if self.pid is None:
            raise LabNotRunning("The lab's process is gone; call rtlab.start_lab() again.")
        client = AsyncHTTPClient(force_instance=True)
        request = HTTPRequest(
            self.http_url + path,
            method=method,
            body=body,
            headers={"X-Rtlab-Nonce": self.nonce},
            connect_timeout=REQUEST_TIMEOUT_S,
            request_timeout=timeout_s,
            ssl_options=ssl.create_default_context(cadata=self.ca_pem) if self.tls else None,
        )
        try:
            response = await client.fetch(request)
            answer: dict[str, Any] = json.loads(response.body)
            return answer
        except HTTPClientError as error:
            if error.response is not None and "Retry-After" in error.response.headers:
                raise WaitTimeout(error.response.body.decode(errors="replace").strip()) from error
            if error.response is not None and (400 <= error.code < 500 or error.code == 503):
                raise InputError(error.response.body.decode(errors="replace").strip()) from error
            raise LabNotRunning(f"The lab's process does not answer: {error}") from error
        except OSError as error:
            raise LabNotRunning(f"The lab's process does not answer: {error}") from error
        finally:
            client.close()


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _start_thread(
    what: str, target: Callable[[IO[str], list[str]], None], stream: IO[str], lines: list[str]
) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stream, lines), name=f"rtlab child {what}", daemon=True)
    thread.start()
    return thread


def _read_line(stream: IO[str], lines: list[str]) -> None:
    lines.append(stream.readline())


def _keep_tail(stream: IO[str], lines: list[str]) -> None:
    for line in stream:
        lines.append(line.strip())
        del lines[:-20]
