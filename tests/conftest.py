"""What all tests share: fresh labs and servers, sockets that know no protocol, and a check of what stays behind."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

from rtlab import clock
from rtlab.codecs.websocket_frames import CLOSE, TEXT, Frame, FrameDecoder, encode_frame
from rtlab.loop_thread import shared
from rtlab.network.real_proxies import PROXIES, find_proxy

from .absent import needed

ROOT = Path(__file__).parent.parent
TIMEOUT_S = 30.0
settings.register_profile("rtlab", deadline=None)  # a busy machine is no failure
settings.load_profile("rtlab")
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
_numbers = itertools.count()


def wait_until(holds, what="the condition", timeout_s=TIMEOUT_S):
    """Look at a condition again and again until it holds; fail after the time."""
    deadline_ns = clock.now_ns() + timeout_s * 1e9
    while not (found := holds()):
        assert clock.now_ns() < deadline_ns, f"{what} did not come true within {timeout_s} s"
        threading.Event().wait(0.005)
    return found


class RawSocket:
    """A client that knows no protocol: it sends bytes as they are and reads what comes."""

    def __init__(self, port, *, ca_pem="", host="127.0.0.1", receive_buffer_bytes=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_S)
        if receive_buffer_bytes:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        try:
            self.sock.connect((host, port))
            if ca_pem:
                context = ssl.create_default_context(cadata=ca_pem)
                # A TLS connection that ends without a close_notify shall raise, like a reset.
                self.sock = context.wrap_socket(self.sock, server_hostname=host, suppress_ragged_eofs=False)
        except BaseException:
            self.sock.close()
            raise
        self.port = port
        self._buffer = b""
        self._frames = FrameDecoder()
        self._ready_frames = []

    def send(self, data):
        self.sock.sendall(data)

    def read_until(self, end):
        while end not in self._buffer:
            self._buffer += self._receive()
        found, _, self._buffer = self._buffer.partition(end)
        return found + end

    def read_exactly(self, count):
        while len(self._buffer) < count:
            self._buffer += self._receive()
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def read_to_end(self):
        """Read until the peer ends the connection in good order; any other end raises an OSError."""
        while data := self.sock.recv(65536):
            self._buffer += data
        found, self._buffer = self._buffer, b""
        return found

    def is_over(self):
        """Wait for the end of the connection, whether in good order or by a reset."""
        try:
            while self.sock.recv(65536):
                pass
        except (ConnectionError, ssl.SSLError):
            pass
        return True

    def head(self):
        """Read the head of an answer: its status and its fields, names in lower case."""
        lines = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
        fields = [line.partition(":") for line in lines[1:]]
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in fields}

    def answer(self):
        """Read a whole answer that has a Content-Length, or ends with the connection."""
        status, fields = self.head()
        if "content-length" in fields:
            return status, fields, self.read_exactly(int(fields["content-length"]))
        return status, fields, self.read_to_end()

    def chunk(self):
        """Read one chunk of a chunked body; the last one is empty."""
        size = int(self.read_until(b"\r\n"), 16)
        data = self.read_exactly(size)
        assert self.read_exactly(2) == b"\r\n"
        return data

    def frame(self) -> Frame:
        """Read the next WebSocket frame."""
        while not self._ready_frames:
            self._ready_frames = self._frames.feed(self._buffer or self._receive())
            self._buffer = b""
        return self._ready_frames.pop(0)

    def close_code(self):
        """Read on to the close frame and give its code."""
        while (frame := self.frame()).opcode != CLOSE:
            pass
        return int.from_bytes(frame.payload[:2]) if frame.payload else 1005

    def send_frame(self, opcode, payload=b"", **options):
        self.send(encode_frame(opcode, payload, masking_key=b"\x01\x02\x03\x04", **options))

    def send_text(self, text):
        self.send_frame(TEXT, text.encode())

    def get(self, target, *headers, version="HTTP/1.1", host=None):
        """Send a GET request."""
        fields = "".join(f"{header}\r\n" for header in headers)
        host = host or f"127.0.0.1:{self.port}"
        self.send(f"GET {target} {version}\r\nHost: {host}\r\n{fields}\r\n".encode("latin-1"))

    def post(self, target, body=b"", *headers):
        """Send a POST request."""
        fields = "".join(f"{header}\r\n" for header in headers)
        head = (
            f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
        )
        self.send(head.encode("latin-1") + body)

    def open_stream(self, target="/sse/news", *headers):
        """Open an event stream and read its head and the chunk with the reconnection time."""
        self.get(target, *headers)
        status, _ = self.head()
        assert status == 200
        assert self.chunk() == b"retry: 1000\n\n"
        return self

    def ask_upgrade(self, target="/echo", *headers):
        """Send a correct opening handshake."""
        self.get(
            target,
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {KEY}",
            "Sec-WebSocket-Version: 13",
            *headers,
        )

    def open_websocket(self, target="/echo", *headers):
        """Do the opening handshake."""
        self.ask_upgrade(target, *headers)
        status, fields = self.head()
        assert status == 101
        assert fields["sec-websocket-accept"] == ACCEPT
        return self

    def reset(self):
        """Close with a reset instead of an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()

    def _receive(self):
        data = self.sock.recv(65536)
        assert data, f"the connection ended; unread: {self._buffer!r}"
        return data


@pytest.fixture
def until():
    """A bounded wait for a condition."""
    return wait_until


@pytest.fixture
def raw():
    """Open raw sockets to a lab, a server or a port; all are closed at the end."""
    opened = []

    def connect(to, **options):
        port = to if isinstance(to, int) else to.port
        if not isinstance(to, int):
            options.setdefault("ca_pem", to.ca_pem)
        opened.append(RawSocket(port, **options))
        return opened[-1]

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def unique_name():
    """A lab's name that no other test uses."""
    return f"test-{next(_numbers)}"


@pytest.fixture
def make_lab():
    """Start labs under unique names; all are stopped at the end."""
    from rtlab.servers.lab import start_lab

    labs = []

    def make(**options):
        labs.append(start_lab(f"test-{next(_numbers)}", **options))
        return labs[-1]

    yield make
    for lab in labs:
        lab.stop()


@pytest.fixture
def lab(make_lab):
    """A fresh lab."""
    return make_lab()


@pytest.fixture
def known_epoch(monkeypatch):
    """Let the ids of every channel in this process start with ``k3f9-``, instead of signs drawn by chance."""
    monkeypatch.setattr("rtlab.servers.channel.new_epoch", lambda: "k3f9")


@pytest.fixture
def make_server():
    """Start bare servers on the shared loop, with settings that no lab offers; all are stopped at the end."""
    from rtlab.servers.server import LabServer

    servers = []
    shared.hold()

    def make(**options):
        server = LabServer(**options)
        shared.call(server.start, TIMEOUT_S)
        servers.append(server)
        return server

    yield make
    for server in servers:
        shared.call(server.stop, TIMEOUT_S)
    shared.release()


@pytest.fixture
def on_loop():
    """Run a coroutine, or call a function, on the shared loop's thread."""
    shared.hold()

    def run(work, *arguments):
        async def call():
            return work(*arguments)

        return shared.call(call if callable(work) else lambda: work, TIMEOUT_S)

    yield run
    shared.release()


@pytest.fixture(params=PROXIES)
def proxy_name(request):
    """A real proxy that is installed."""
    needed(find_proxy, request.param)
    return request.param


@pytest.fixture
def python():
    """Start Python processes with warnings as errors; those still running at the end are killed."""
    started = []

    def start(*arguments, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "error", "-X", "dev", *arguments]
        started.append(subprocess.Popen(command, text=True, env=environment, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


@pytest.fixture
def interrupt():
    """Send an interrupt to a process as Ctrl-C would; only where there are POSIX signals."""
    if sys.platform == "win32":
        pytest.skip("Windows cannot send an interrupt to one process of a console")

    def send(process):
        process.send_signal(signal.SIGINT)

    return send


def _children():
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return set()  # the usual case, told quickly
    except AttributeError:  # Windows
        pass
    return {child.pid for child in psutil.Process().children()}


def _sockets():
    connections = psutil.Process().net_connections(kind="tcp")
    return {(connection.fd, connection.laddr, connection.raddr) for connection in connections}


def _threads():
    """All threads but tqdm's one monitor, and the workers of a loop, which end with their loop."""
    return {
        thread
        for thread in threading.enumerate()
        if not type(thread).__module__.startswith("tqdm") and not thread.name.startswith("asyncio_")
    }


def _labs():
    module = sys.modules.get("rtlab.servers.lab")
    return set(module._labs) if module else set()


@pytest.fixture(autouse=True)
def nothing_stays_behind():
    """Each test ends with the threads, processes, sockets and labs that it began with."""
    watched = {"threads": _threads, "child processes": _children, "sockets": _sockets, "labs": _labs}
    before = {what: look() for what, look in watched.items()}
    yield
    for what, look in watched.items():
        left = set()

        def is_clean(what=what, look=look):
            nonlocal left
            left = look() - before[what]
            return not left

        try:
            wait_until(is_clean, what, timeout_s=20.0)
        except AssertionError:
            pytest.fail(f"{what} left behind: {left}")
