"""What the relay costs: throughput, added latency and memory, beside socat and HAProxy where they are installed.

Each route carries the same bytes: an echo over raw TCP with 1 and with 100 connections, one message back and forth,
and an event stream of ready bytes, in chunks of one event, which the relay reads along with. The routes take turns,
so that other work on the machine meets all of them. Server, relay and client are processes of their own. At the end
the server sends to readers that do not read, and the relay's memory is looked at.

Run: ``uv run python benchmarks/relay.py --rounds 5``
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import psutil

from rtlab.clock import now_ns
from rtlab.codecs.http1 import encode_chunk
from rtlab.loop_thread import shared

KIB, MIB = 1024, 1024 * 1024
HOST = "127.0.0.1"
TIMEOUT_S = 20.0
BLOCK = bytes(16 * KIB)
WINDOW_BYTES = 256 * KIB
"""So much may be on its way on all connections together, so that none waits for another's buffer."""
ECHOED_BYTES = 64 * MIB
STREAMED_BYTES = 64 * MIB
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENTS = encode_chunk(b"data: " + b"x" * 100 + b"\n\n") * 500
PING = bytes(64)
PINGS = 1_000
STALLED_S = 3.0

Measure = Callable[[int], float]


class Server(asyncio.BufferedProtocol):
    """Sends back what comes; to a GET it sends an event stream without end, as fast as it is taken."""

    _buffer = memoryview(bytearray(64 * KIB))
    _pours = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Offer room."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Send it back, or begin the stream."""
        data = bytes(self._buffer[:nbytes])
        if data.startswith(b"GET "):
            self._pours = True
            self._transport.write(HEAD)
            self.resume_writing()
        else:
            self._transport.write(data)

    def pause_writing(self) -> None:
        """Send no more of the stream for now."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Go on with the stream."""
        self._is_full = False
        while self._pours and not self._is_full and not self._transport.is_closing():
            self._transport.write(EVENTS)


def serve() -> None:
    """Be the server until standard input closes."""

    async def start() -> int:
        server = await asyncio.get_running_loop().create_server(Server, HOST, 0, backlog=200)
        port: int = server.sockets[0].getsockname()[1]
        return port

    shared.hold()
    print(shared.call(start, TIMEOUT_S), flush=True)
    sys.stdin.read()
    shared.release()


def echoed_mb_per_s(port: int, connections: int) -> float:
    """Send blocks and read them back on some connections at once.

    Args:
        port: Where to.
        connections: How many.

    Returns:
        Megabytes a second that came back.
    """
    block = BLOCK[: max(KIB, min(len(BLOCK), WINDOW_BYTES // connections))]
    share = max(len(block), ECHOED_BYTES // connections // len(block) * len(block))
    window = max(len(block), WINDOW_BYTES // connections)
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        sent, back = {}, {}
        for _ in range(connections):
            sock = stack.enter_context(socket.create_connection((HOST, port), TIMEOUT_S))
            sock.setblocking(False)
            selector.register(sock, selectors.EVENT_READ, sock)
            sent[sock], back[sock] = 0, 0
        start_ns = now_ns()
        for sock in sent:
            sent[sock] += sock.send(block)
        open_ones = connections
        while open_ones:
            ready = selector.select(TIMEOUT_S)
            assert ready, "nothing came back"
            for key, _ in ready:
                sock = key.data
                back[sock] += len(sock.recv(64 * KIB))
                with suppress(BlockingIOError):
                    while sent[sock] < share and sent[sock] - back[sock] < window:
                        sent[sock] += sock.send(block[: share - sent[sock]])
                if back[sock] == share:
                    selector.unregister(sock)
                    open_ones -= 1
        return share * connections / (now_ns() - start_ns) * 1e9 / 1e6


def round_trips_us(port: int) -> list[float]:
    """Send one small message and wait for it, again and again."""
    with socket.create_connection((HOST, port), TIMEOUT_S) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = []
        for _ in range(PINGS):
            start_ns = now_ns()
            sock.sendall(PING)
            left = len(PING)
            while left:
                left -= len(sock.recv(left))
            times.append((now_ns() - start_ns) / 1e3)
        return times


def streamed_mb_per_s(port: int) -> float:
    """Read an event stream as fast as it comes."""
    with socket.create_connection((HOST, port), TIMEOUT_S) as sock:
        sock.sendall(b"GET /sse/stream HTTP/1.1\r\nHost: %b:%d\r\n\r\n" % (HOST.encode(), port))
        start_ns, left = now_ns(), STREAMED_BYTES
        while left > 0:
            left -= len(sock.recv(64 * KIB))
        return STREAMED_BYTES / (now_ns() - start_ns) * 1e9 / 1e6


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program; it is ended at the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as started:
        try:
            yield started
        finally:
            for child in psutil.Process(started.pid).children(recursive=True):
                child.terminate()
            started.terminate()


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    end_ns = now_ns() + int(TIMEOUT_S * 1e9)
    while True:
        try:
            socket.create_connection((HOST, port), 0.2).close()
            return
        except OSError:
            if now_ns() > end_ns:
                raise


@contextmanager
def routes(to: int, folder: Path) -> Iterator[dict[str, int]]:
    """Start every way to a server that this machine has: route to port."""
    ports = {"direct": to}
    with ExitStack() as stack:
        relay = stack.enter_context(process(sys.executable, "-m", "rtlab", "relay", "--to", f"{HOST}:{to}"))
        ports["rtlab"] = port_of(relay)
        if shutil.which("socat"):
            ports["socat"] = free_port()
            listen = f"TCP-LISTEN:{ports['socat']},fork,reuseaddr,backlog=200,bind={HOST},nodelay"
            stack.enter_context(process("socat", listen, f"TCP:{HOST}:{to},nodelay"))
        if shutil.which("haproxy"):
            ports["haproxy"] = free_port()
            config = folder / "haproxy.cfg"
            limits = "timeout connect 9s\n timeout client 99s\n timeout server 99s"
            ends = f"bind {HOST}:{ports['haproxy']}\n server s {HOST}:{to}"
            config.write_text(f"defaults\n mode tcp\n {limits}\nlisten r\n {ends}\n")
            stack.enter_context(process("haproxy", "-f", str(config)))
        for port in ports.values():
            wait_for(port)
        yield ports


def port_of(relay: subprocess.Popen[str]) -> int:
    """Read where `rtlab relay` listens."""
    assert relay.stdout
    port = urlsplit(relay.stdout.readline().split()[0]).port
    assert port
    return port


def in_turns(ports: dict[str, int], rounds: int, measure: Measure) -> dict[str, list[float]]:
    """Measure each route once a round, in turns; a first round does not count."""
    found: dict[str, list[float]] = {route: [] for route in ports}
    for number in range(rounds + 1):
        for route, port in ports.items():
            value = measure(port)
            if number:
                found[route].append(value)
    return found


def show(title: str, found: dict[str, list[float]]) -> None:
    """Print a table: median, spread, and the ratio to the direct route."""
    print(f"\n{title}\n{'route':10}{'median':>10}{'lowest':>10}{'highest':>10}{'to direct':>11}")
    direct = median(found["direct"])
    for route, values in found.items():
        numbers = (median(values), min(values), max(values))
        print(f"{route:10}" + "".join(f"{n:10,.1f}" for n in numbers) + f"{numbers[0] / direct:10.2f}x")


def stalled_memory_mb(to: int) -> tuple[float, float]:
    """Let a server send to a reader that does not read.

    Returns:
        The relay's memory before and after, in megabytes.
    """
    words = ("--to", f"{HOST}:{to}", "--fault", "stall:direction=down")
    with process(sys.executable, "-m", "rtlab", "relay", *words) as relay, ExitStack() as stack:
        port = port_of(relay)
        before = psutil.Process(relay.pid).memory_info().rss
        for _ in range(20):
            sock = stack.enter_context(socket.create_connection((HOST, port), TIMEOUT_S))
            sock.sendall(b"GET /sse/stream HTTP/1.1\r\nHost: %b:%d\r\n\r\n" % (HOST.encode(), port))
        sock.settimeout(STALLED_S)
        with suppress(TimeoutError):
            sock.recv(1)
        return before / 1e6, psutil.Process(relay.pid).memory_info().rss / 1e6


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all of it and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each route is measured")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve()
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(process(sys.executable, __file__, "--serve"))
        assert server.stdout
        to = int(server.stdout.readline())
        ports = stack.enter_context(routes(to, folder))
        for count in (1, 100):
            found = in_turns(ports, options.rounds, lambda port, n=count: echoed_mb_per_s(port, n))  # type: ignore[misc]
            show(f"Echo over {count} connections, MB/s each way", found)
        trips: dict[str, list[list[float]]] = {route: [] for route in ports}
        for _ in range(options.rounds):
            for route, port in ports.items():
                trips[route].append(round_trips_us(port))
        for name, at in (("p50", 49), ("p99", 98)):
            found = {route: [quantiles(times, n=100)[at] for times in runs] for route, runs in trips.items()}
            show(f"Round trip of 64 bytes, {name}, us", found)
        show("Event stream, MB/s", in_turns(ports, options.rounds, streamed_mb_per_s))
        before, after = stalled_memory_mb(to)
        print(f"\nMemory of the relay with 20 stalled readers: {before:.1f} MB before, {after:.1f} MB after")


if __name__ == "__main__":
    main()
