"""The measuring device of the performance experiments: a server and a draining client, each in its own process.

::

    with serving("mine", command) as served:            any program that prints a line of JSON with its addresses
        found = drained(served, connections=100, payload_bytes=32)

The kernel takes no part: it starts both, waits, and reads one line. Where the platform can, the server is kept on
one core and the client on another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from rtlab.errors import InputError, LabError, WaitTimeout
from rtlab.experiments.drain import Order
from rtlab.experiments.errand import carry_out
from rtlab.findings.performance import Drained

WAYS = {"sse": "sse_url", "websocket": "ws_url"}
"""The ways, with the name under which a server prints the address of each."""
MAX_CONNECTIONS = 10_000
_START_TIMEOUT_S = 20.0
_END_TIMEOUT_S = 5.0
_DRAIN_TIMEOUT_S = 45.0
_LAST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Served:
    """A running server that sends by itself.

    Attributes:
        name: What it is called.
        url: Where its messages are: http or https for an event stream, ws or wss for a WebSocket.
        pid: Its process.
        ca_pem: The authority of its certificate as PEM text; empty without TLS.
    """

    name: str
    url: str
    pid: int
    ca_pem: str = ""

    @property
    def way(self) -> str:
        """``"sse"`` or ``"websocket"``."""
        return "websocket" if self.url.startswith("ws") else "sse"


@contextmanager
def process(command: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Start a program that stays, and end it surely.

    Args:
        command: The program and its arguments. Its standard input is a pipe that closes with this process, so
            that a program which watches it cannot outlive the kernel.

    Yields:
        The first line that it prints, and its process id.

    Raises:
        LabError: It ended without a line; its last words are in the text.
        WaitTimeout: It printed nothing in time.
    """
    child = subprocess.Popen(
        list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **_apart()
    )
    assert child.stdin and child.stdout and child.stderr
    words: list[str] = []
    lines: list[str] = []
    heard = threading.Event()
    readers = [
        threading.Thread(target=_listen, args=(child.stdout, lines, heard), daemon=True),
        threading.Thread(target=_listen, args=(child.stderr, words, threading.Event()), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        if not heard.wait(_START_TIMEOUT_S):
            raise WaitTimeout(f"{command[0]} said nothing within {_START_TIMEOUT_S:g} s.")
        if not lines:
            readers[1].join(_END_TIMEOUT_S)
            raise LabError(f"The program did not start: {' '.join(words) or 'it said nothing'}")
        yield lines[0], child.pid
    finally:
        _end(child)
        for reader in readers:
            reader.join(_END_TIMEOUT_S)
        child.stdout.close()
        child.stderr.close()


@contextmanager
def serving(name: str, command: Sequence[str], way: str = "sse") -> Iterator[Served]:
    """Start a server whose first line is a JSON object with ``sse_url`` or ``ws_url`` and, with TLS, ``ca_pem``.

    Args:
        name: What it is called.
        command: The program and its arguments; it sends by itself.
        way: A key of :data:`WAYS`.

    Yields:
        The running server.

    Raises:
        LabError: It did not start.
        WaitTimeout: It did not start in time.
    """
    with process(command) as (line, pid):
        try:
            ready: dict[str, Any] = json.loads(line)
            served = Served(name, ready[WAYS[way]], pid, ready.get("ca_pem", ""))
        except (ValueError, KeyError) as error:
            raise LabError(f"{name} does not say where it serves {way}: {line[:200]}") from error
        yield served


def drained(
    served: Served,
    *,
    connections: int,
    payload_bytes: int,
    seconds: float = 1.0,
    warm_up_s: float = 0.2,
    stamped: bool = False,
    compressed: bool = False,
    http_1_0: bool = False,
) -> Drained:
    """Receive from a server with a client in a process of its own, and count for one window.

    Args:
        served: The running server, which sends as soon as all connections are there.
        connections: How many, 1 to 10,000.
        payload_bytes: Size of each payload; messages of another size are an error.
        seconds: Length of the window, 0.1 to 30.
        warm_up_s: What passes before it.
        stamped: The server stamps its payloads (``--rate R --stamp``): take the ages.
        compressed: Offer permessage-deflate. The client does not decompress, but for a sample.
        http_1_0: Ask in HTTP/1.0, for a body without chunks.

    Returns:
        What came in the window.

    Raises:
        InputError: A setting is out of its range.
        LabError: The client could not do it, or connections ended before the window did.
        WaitTimeout: The client did not end in time.
    """
    if not (1 <= connections <= MAX_CONNECTIONS and 0.1 <= seconds <= 30 and payload_bytes >= 1):
        raise InputError("connections: 1 to 10,000; seconds: 0.1 to 30; payload_bytes: at least 1.")
    order = Order(
        served.url,
        connections,
        payload_bytes,
        warm_up_s,
        seconds,
        stamped=stamped,
        compressed=compressed,
        http_1_0=http_1_0,
        ca_pem=served.ca_pem,
        server_pid=served.pid,
    )
    found = carry_out("rtlab.experiments.drain", order, _DRAIN_TIMEOUT_S + warm_up_s + seconds)
    if ended := found.pop("ended"):
        raise LabError(f"{ended} of {connections} connections ended before the window did.")
    ages_us = tuple(found.pop("ages_us"))
    return Drained(served.name, served.way, connections, payload_bytes, ages_us=ages_us, **found)


def _apart() -> dict[str, Any]:
    """An interrupt of the cell is for the kernel, not for the server."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _listen(stream: Any, lines: list[str], heard: threading.Event) -> None:
    try:
        for line in stream:
            lines.append(line.strip())
            del lines[1:-_LAST_WORDS]
            heard.set()
    finally:
        heard.set()


def _end(child: subprocess.Popen[str]) -> None:
    assert child.stdin
    with suppress(OSError):
        child.stdin.close()
    if os.name == "posix":  # elsewhere this would be by force at once
        child.terminate()
    try:
        child.wait(_END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(_END_TIMEOUT_S)
