"""One run of one server under one load: what is measured, and how its server is started.

Rates are deliveries for each second of the server's processor time: what one core can do. On a quiet machine that
is the rate itself, and it stays nearly right beside other work.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from rtlab.clock import now_ns
from rtlab.codecs.http1 import encode_request_head
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.experiments.asking import Order
from rtlab.experiments.errand import carry_out
from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.pinning import pinned
from rtlab.experiments.saturated import Served, drained, process, serving
from rtlab.findings.performance import Drained

HOST = "127.0.0.1"
SECONDS = 0.8
TIMEOUT_S = 30.0
IN_FLIGHT = 64
FLOOR = [sys.executable, str(Path(__file__).with_name("floor.py")), "--until-stdin-closes"]


@dataclass(frozen=True)
class Load:
    """A stream of messages.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        connections: How many receive.
        payload_bytes: Size of each payload.
        rate_per_s: Messages a second; 0 as fast as all take them.
        options: What else the server is told.
        compressed: The client offers permessage-deflate.
    """

    way: str
    connections: int
    payload_bytes: int
    rate_per_s: float = 0
    options: tuple[str, ...] = ()
    compressed: bool = False


def push(name: str, load: Load, ruler: Path | None = None) -> Drained:
    """Let a server send to all connections for one window.

    Args:
        name: A library, ``"floor"`` or ``"C"``.
        load: What it sends.
        ruler: The folder of the C server ``cs``, for ``"C"``.
    """
    options = ["--rate", f"{load.rate_per_s:g}", "--payload-bytes", str(load.payload_bytes)]
    options += ["--subscribers", str(load.connections), *["--stamp"] * bool(load.rate_per_s), *load.options]
    window = partial(
        drained,
        connections=load.connections,
        payload_bytes=load.payload_bytes,
        seconds=SECONDS if not load.rate_per_s else 2 * SECONDS,
        stamped=bool(load.rate_per_s),
        compressed=load.compressed,
    )
    if name == "C":
        assert ruler
        with _ruler(ruler, load) as served:
            return window(served)
    command = [*FLOOR, *options] if name == "floor" else LIBRARIES[name].command(*options)
    with serving(name, command, load.way) as served:
        return window(served)


def per_core(name: str, load: Load, ruler: Path | None = None) -> float:
    """Give the deliveries for each second of the server's processor time."""
    return 1e6 / push(name, load, ruler).server_us_each


def cpu_us(name: str, load: Load, ruler: Path | None = None) -> float:
    """Give the processor time of a delivery, in microseconds."""
    return push(name, load, ruler).server_us_each


def wire_bytes(name: str, load: Load) -> float:
    """Give the bytes of a delivery on the wire."""
    found = push(name, load)
    return found.bytes_down / found.deliveries


def p99_us(name: str, load: Load, ruler: Path | None = None) -> float:
    """Give the 99th percentile of the ages, from the time when a message was due, in microseconds."""
    return push(name, load, ruler).age_us(99)


def round_trips_per_core(name: str, way: str, clients: int) -> float:
    """Give the round trips for each second of the server's processor time."""
    with process(LIBRARIES[name].command()) as (line, pid):
        ready = json.loads(line)
        urls = {key: ready[key] for key in ("echo_url", "sse_url", "publish_url")}
        order = Order(
            way, **urls, clients=clients, payload_bytes=32, warm_up_s=0.2, seconds=SECONDS, server_pid=pid
        )
        found = carry_out("rtlab.experiments.asking", order, TIMEOUT_S)
    return float(found["round_trips"] / found["server_cpu_s"])


@dataclass(frozen=True)
class Opened:
    """What it took to open connections that then do nothing.

    Attributes:
        per_s: Connections opened each second.
        kib_each: Memory of the server for each, in KiB.
    """

    per_s: float
    kib_each: float


def open_idle(name: str, way: str, count: int) -> Opened:
    """Open connections as fast as the server takes them, some at a time, and weigh it before and after."""
    with process(LIBRARIES[name].command()) as (line, pid), pinned(pid):
        server, port = psutil.Process(pid), int(json.loads(line)["port"])
        _close(_open(port, way, 200))  # the first ones import and compile
        before = server.memory_info().rss
        start_ns = now_ns()
        opened = _open(port, way, count)
        seconds = (now_ns() - start_ns) / 1e9
        after = server.memory_info().rss
        _close(opened)
    return Opened(count / seconds, (after - before) / count / 1024)


def _open(port: int, way: str, count: int) -> list[socket.socket]:
    host = f"{HOST}:{port}"
    if way == "sse":
        request = f"GET /sse/idle HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    else:
        request = encode_request_head(opening_request(host, "/ws/idle", make_key(bytes(16))))
    done: list[socket.socket] = []
    with selectors.DefaultSelector() as selector:
        begun = 0
        while len(done) < count:
            while begun < count and begun - len(done) < IN_FLIGHT:
                sock = socket.create_connection((HOST, port), TIMEOUT_S)
                sock.sendall(request)
                selector.register(sock, selectors.EVENT_READ)
                begun += 1
            ready = selector.select(TIMEOUT_S)
            assert ready, "the server does not answer"
            for key, _ in ready:
                sock = key.fileobj  # type: ignore[assignment]  # only sockets were registered
                answer = sock.recv(4_096)
                assert answer.startswith(b"HTTP/1.1 "), "the server refused"
                selector.unregister(sock)
                done.append(sock)
    return done


def _close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()


@contextmanager
def _ruler(folder: Path, load: Load) -> Iterator[Served]:
    """Start the C server, which prints nothing."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    joined = load.options[1] if load.options[:1] == ("--join",) else "1"
    command = [str(folder / "cs"), "-p", str(port), "-s", str(load.payload_bytes)]
    command += ["-r", f"{load.rate_per_s:g}", "-n", str(load.connections), "-k", joined]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end_ns = now_ns() + round(TIMEOUT_S * 1e9)
        while now_ns() < end_ns:
            with suppress(OSError):
                socket.create_connection((HOST, port), 0.2).close()
                break
        scheme, path = ("ws", "ws") if load.way == "websocket" else ("http", "sse")
        yield Served("C", f"{scheme}://{HOST}:{port}/{path}", started.pid)
    finally:
        started.terminate()
        started.wait(TIMEOUT_S)
