"""How fast clients receive: ours in each way of use, beside sseclient-py, websocket-client and websockets.

A server in a process of its own sends ready bytes on one connection as fast as they are taken, 64 KiB a send. The
clients take turns, each in a fresh process, in rounds, so that other work on the machine meets all of them. Every
message is compared with what was sent. The time runs from before the connection is opened to the last message.

Three streams are sent: events as a lab sends them (an id, and a chunk for each), bare events without chunks, which
spare the libraries most work, and WebSocket text messages.

Run: ``uv run python benchmarks/receiving.py --rounds 5``; ``--json FILE`` keeps every figure.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import itertools
import json
import platform
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import psutil
import sseclient
import websocket

from rtlab.clients.client import Client, Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.clock import cpu_ns, now_ns
from rtlab.codecs.http1 import LAST_CHUNK, RequestDecoder, RequestHead, encode_chunk
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import CLOSE, TEXT, encode_frame
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.loop_thread import shared

HOST = "127.0.0.1"
TIMEOUT_S = 60.0
SEND_BYTES = 64 * 1024
SIZES = {32: 200_000, 1_024: 60_000}
"""Payload bytes, and how many messages of that size are sent."""
DIFFERENT = 1_000
"""So many messages differ; then the first one comes again."""
SLOW = {"websocket-client": 6}
"""Who gets only a part of the messages, one in so many."""
STREAMS = {"lab": "http", "bare": "http", "websocket": "ws"}


def payloads(size_bytes: int) -> list[str]:
    """Make the messages that are sent again and again."""
    return [f"{number:010}".ljust(size_bytes, "x") for number in range(DIFFERENT)]


def wire_of(stream: str, size_bytes: int, count: int) -> bytes:
    """Make all bytes of a stream."""
    texts = itertools.islice(itertools.cycle(payloads(size_bytes)), count)
    if stream == "lab":
        events = (encode_event(text, id=f"k3f9-{number}") for number, text in enumerate(texts, 1))
        return b"".join(map(encode_chunk, events)) + LAST_CHUNK
    if stream == "bare":
        return b"".join(map(encode_event, texts))
    frames = b"".join(encode_frame(TEXT, text.encode()) for text in texts)
    return frames + encode_frame(CLOSE, encode_close_payload(1000))


def head_of(stream: str, request: RequestHead) -> bytes:
    """Make the head of the answer."""
    if stream == "websocket":
        accept = accept_key(request.get("Sec-WebSocket-Key") or "").encode()
        upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
        return b"HTTP/1.1 101 Switching Protocols\r\n" + upgrade + b"\r\n\r\n"
    delimited = b"Transfer-Encoding: chunked" if stream == "lab" else b"Connection: close"
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + delimited + b"\r\n\r\n"


def serve() -> None:
    """Answer one connection after the other until standard input closes."""
    with socket.create_server((HOST, 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=answer_all, args=(listener,), daemon=True).start()
        sys.stdin.read()


def answer_all(listener: socket.socket) -> None:
    """Send each caller the stream that its path names: ``/stream/size/count``."""
    made: dict[str, bytes] = {}
    while True:
        sock, _ = listener.accept()
        with sock, suppress(OSError):
            sock.settimeout(TIMEOUT_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            decoder = RequestDecoder()
            while not (items := decoder.feed(sock.recv(SEND_BYTES))):
                pass
            request = items[0]
            assert isinstance(request, RequestHead)
            stream, size, count = request.target.strip("/").split("/")
            if request.target not in made:
                made[request.target] = wire_of(stream, int(size), int(count))
            wire = memoryview(made[request.target])
            sock.sendall(head_of(stream, request))
            for at in range(0, len(wire), SEND_BYTES):
                sock.sendall(wire[at : at + SEND_BYTES])
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(SEND_BYTES):
                pass


class Check:
    """Counts messages and compares each with what was sent.

    Args:
        size_bytes: Their size.
        count: How many shall come.
    """

    def __init__(self, size_bytes: int, count: int) -> None:
        self.count = count
        self.done = threading.Event()
        self._number = 0
        self._expected = payloads(size_bytes)

    def note(self, text: str | bytes) -> None:
        """Take one message."""
        number = self._number
        assert text == self._expected[number % DIFFERENT], f"message {number} is {text!r:.60}"
        self._number = number + 1
        if self._number == self.count:
            self.done.set()


def rtlab_client(url: str, on_received: Callable[[Received], None] | None = None) -> Client:
    """Make the client that fits a URL."""
    return (WebSocket if url.startswith("ws") else EventSource)(url, on_received=on_received)


def by_callback(url: str, check: Check) -> None:
    """Receive on the loop's thread."""
    with rtlab_client(url, lambda message: check.note(message.data)):
        assert check.done.wait(TIMEOUT_S)


def by_take(url: str, check: Check) -> None:
    """Receive in a loop over ``take()``, as in a notebook."""
    with rtlab_client(url) as client:
        for message in client.take(check.count):
            check.note(message.data)


def by_receive(url: str, check: Check) -> None:
    """Receive with one ``receive()`` after the other."""
    with rtlab_client(url) as client:
        for _ in range(check.count):
            check.note(client.receive().data)


def by_receive_soon(url: str, check: Check) -> None:
    """Receive as experiments do, on the loop."""

    async def receive() -> None:
        for _ in range(check.count):
            check.note((await client.receive_soon(TIMEOUT_S)).data)

    with rtlab_client(url) as client:
        shared.call(receive, TIMEOUT_S)


def by_sseclient(url: str, check: Check) -> None:
    """Receive with sseclient-py over ``http.client``, fed by ``read1``."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(HOST, parts.port, TIMEOUT_S)
    connection.request("GET", parts.path)
    response = connection.getresponse()
    for event in sseclient.SSEClient(iter(lambda: response.read1(SEND_BYTES), b"")).events():
        check.note(event.data)
    connection.close()


def by_websocket_client(url: str, check: Check) -> None:
    """Receive with websocket-client."""
    client = websocket.create_connection(url, TIMEOUT_S)
    for _ in range(check.count):
        check.note(client.recv())
    client.close(timeout=1)


def by_websockets(url: str, check: Check) -> None:
    """Receive with the blocking client of websockets."""
    from websockets.sync.client import connect

    with connect(url, compression=None, proxy=None) as client:
        for _ in range(check.count):
            check.note(client.recv())


def by_websockets_asyncio(url: str, check: Check) -> None:
    """Receive with the asyncio client of websockets."""
    from websockets.asyncio.client import connect

    async def receive() -> None:
        async with connect(url, compression=None, proxy=None) as client:
            for _ in range(check.count):
                check.note(await client.recv())

    with asyncio.Runner() as runner:
        runner.run(receive())


OURS: dict[str, Callable[[str, Check], None]] = {
    "rtlab callback": by_callback,
    "rtlab take()": by_take,
    "rtlab receive()": by_receive,
    "rtlab receive_soon()": by_receive_soon,
}
FOR_EVENTS = OURS | {"sseclient-py": by_sseclient}
FOR_MESSAGES = OURS | {"websocket-client": by_websocket_client}
if find_spec("websockets"):
    FOR_MESSAGES |= {"websockets": by_websockets, "websockets asyncio": by_websockets_asyncio}
CLIENTS = {"lab": FOR_EVENTS, "bare": FOR_EVENTS, "websocket": FOR_MESSAGES}


@dataclass(frozen=True)
class Pass:
    """One client's way through one stream.

    Attributes:
        stream: Which stream.
        payload_bytes: The size of each message.
        client: Which client.
        round: Number of the round, from 0.
        messages: How many came; all that were sent.
        wall_ns: How long it took.
        cpu_ns: Processor time of the client's process in that time.
    """

    stream: str
    payload_bytes: int
    client: str
    round: int
    messages: int
    wall_ns: int
    cpu_ns: int

    @property
    def per_s(self) -> float:
        """Messages a second."""
        return self.messages / self.wall_ns * 1e9

    @property
    def cpu_us(self) -> float:
        """Processor time for a message."""
        return self.cpu_ns / self.messages / 1e3


def be_client(port: int, stream: str, size_bytes: int, count: int, client: str) -> None:
    """Receive all of a stream and print how long it took."""
    check = Check(size_bytes, count)
    begun_ns, begun_cpu_ns = now_ns(), cpu_ns()
    CLIENTS[stream][client](f"{STREAMS[stream]}://{HOST}:{port}/{stream}/{size_bytes}/{count}", check)
    wall_ns, used_ns = now_ns() - begun_ns, cpu_ns() - begun_cpu_ns
    assert check.done.is_set(), "messages are missing"
    print(json.dumps([wall_ns, used_ns]))


def words(*more: str) -> list[str]:
    """Give the command that runs this file."""
    return [sys.executable, __file__, *more]


def pin(place: int) -> None:
    """Keep this process on one core, where the system can."""
    cores = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else 1
    if cores > 1:
        psutil.Process().cpu_affinity([sorted(psutil.Process().cpu_affinity())[place]])


@contextmanager
def server() -> Iterator[int]:
    """Run the server; gives its port."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words("--serve"), stdin=pipe, stdout=pipe, text=True) as started:
        try:
            assert started.stdout
            yield int(started.stdout.readline())
        finally:
            started.terminate()


def run(port: int, stream: str, size_bytes: int, client: str, number: int) -> Pass:
    """Let one client receive one stream in a process of its own."""
    count = SIZES[size_bytes] // SLOW.get(client, 1)
    place = (str(port), stream, str(size_bytes), str(count), client)
    said = subprocess.check_output(words("--client", *place), timeout=TIMEOUT_S)
    wall_ns, used_ns = json.loads(said)
    return Pass(stream, size_bytes, client, number, count, wall_ns, used_ns)


def show(passes: Sequence[Pass]) -> None:
    """Print a table for each stream: medians, spread, and how many times faster each client is than a library.

    In brackets stands the same ratio by processor time: other work on the machine changes it less.
    """
    for stream, size in dict.fromkeys((each.stream, each.payload_bytes) for each in passes):
        here = [each for each in passes if (each.stream, each.payload_bytes) == (stream, size)]
        clients = list(dict.fromkeys(each.client for each in here))
        rates = {name: [each.per_s for each in here if each.client == name] for name in clients}
        costs = {name: median(each.cpu_us for each in here if each.client == name) for name in clients}
        others = [name for name in clients if name not in OURS]
        print(f"\n{stream}, {size} B, messages/s\n{'client':22}{'median':>10}{'lowest':>10}{'highest':>10}", end="")
        print(f"{'CPU us':>8}" + "".join(f"{'x ' + name:>22}" for name in others))
        for name in clients:
            print(f"{name:22}" + "".join(f"{of(rates[name]):10,.0f}" for of in (median, min, max)), end="")
            ratios = [(median(rates[name]) / median(rates[one]), costs[one] / costs[name]) for one in others]
            print(f"{costs[name]:8.2f}" + "".join(f"{wall:14.2f} ({cpu:5.2f})" for wall, cpu in ratios))


def versions() -> dict[str, str]:
    """Say what was measured."""
    found = {"python": platform.python_version(), "machine": platform.platform()}
    for name in ("sseclient-py", "websocket-client", "websockets"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all of it, in rounds, and print the tables; one more round at the start does not count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each client receives each stream")
    parser.add_argument("--stream", choices=STREAMS, action="append", help="only this stream")
    parser.add_argument("--only", metavar="CLIENT", help="only clients whose names hold this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--client", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        pin(0)
        serve()
    elif options.client:
        pin(1)
        port, stream, size, count, client = options.client
        be_client(int(port), stream, int(size), int(count), client)
    else:
        passes = []
        with server() as port:
            for number in range(-1, options.rounds):
                for stream, size in itertools.product(options.stream or STREAMS, SIZES):
                    names = [name for name in CLIENTS[stream] if (options.only or "") in name]
                    found = [run(port, stream, size, name, number) for name in names]
                    passes += found if number >= 0 else []
        show(passes)
        if options.json:
            report = {"versions": versions(), "passes": [asdict(each) for each in passes]}
            options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
