"""A server that does exactly what a test says.

``serve(*scripts)`` answers the first connection with the first script, the second with the second, and closes every
further one. A script is a list of steps; unless ``ask=False``, each connection starts by reading one request.

============  =========================================================================
step          what the server does
============  =========================================================================
bytes         sends them
a function    calls it with the last request and sends what it returns, if that is anything
"ask"         reads one more request
"read"        reads once; what came is kept in ``received``
"hold"        reads until the client closes
"reset"       breaks the line with a TCP reset
end           closes in good order
============  =========================================================================
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import trustme

from rtlab import clock

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Request:
    """One request as its bytes came."""

    head: bytes
    body: bytes
    connection: int

    @property
    def line(self) -> bytes:
        return self.head.split(b"\r\n")[0]

    def get(self, name: bytes) -> bytes | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower():
                return value.removeprefix(b" ")
        return None


class ScriptedServer:
    """A TCP server whose answers are written down beforehand."""

    def __init__(self, scripts: tuple[list[Any], ...], *, authority: trustme.CA | None, ask: bool) -> None:
        self.requests: list[Request] = []
        self.accepted_ns: list[int] = []
        self.closed_ns: list[int] = []
        self.received: list[bytes] = []
        self._scripts = [["ask", *script] if ask else script for script in scripts]
        self._context: ssl.SSLContext | None = None
        if authority:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            authority.issue_cert("127.0.0.1").configure_cert(self._context)
        self._news = threading.Condition()
        self._stopping = False
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def url(self, scheme: str = "http", path: str = "/stream") -> str:
        return f"{scheme}{'s' if self._context else ''}://127.0.0.1:{self.port}{path}"

    @property
    def connections(self) -> int:
        return len(self.accepted_ns)

    def wait_for(self, fact: Callable[[ScriptedServer], bool], timeout_s: float = PATIENCE_S) -> bool:
        """Wait until something is true of this server."""
        with self._news:
            return self._news.wait_for(lambda: fact(self), timeout_s)

    def stop_listening(self) -> None:
        """Refuse every further connection; the open ones go on."""
        self._stopping = True
        # A thread that waits in accept() does not notice that its socket was closed.
        with socket.socket() as waker:
            waker.settimeout(PATIENCE_S)
            waker.connect_ex(("127.0.0.1", self.port))
        self._threads[0].join(PATIENCE_S)
        self._listener.close()

    def stop(self) -> None:
        self.stop_listening()
        with self._news:
            for sock in self._open:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            with self._news:
                if self._stopping:
                    sock.close()
                    return
                number = len(self.accepted_ns)
                self.accepted_ns.append(clock.now_ns())
                self.received.append(b"")
                self._news.notify_all()
                thread = threading.Thread(target=self._serve, args=(sock, number))
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.settimeout(PATIENCE_S)
        try:
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            with self._news:
                self._open.add(sock)
            if number < len(self._scripts):
                self._play(sock, number, self._scripts[number])
        except OSError:
            pass  # the client closed first, or broke off the TLS handshake
        finally:
            with self._news:
                self._open.discard(sock)
                sock.close()
                self.closed_ns.append(clock.now_ns())
                self._news.notify_all()

    def _play(self, sock: socket.socket, number: int, script: list[Any]) -> None:
        early = b""
        for step in script:
            if step == "ask":
                early = self._ask(sock, number, early)
            elif step in ("read", "hold"):
                while data := sock.recv(65_536):
                    with self._news:
                        self.received[number] += data
                        self._news.notify_all()
                    if step == "read":
                        break
            elif step == "reset":
                sock.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
                )
                return
            else:
                sock.sendall(step if isinstance(step, bytes) else (step(self.requests[-1]) or b""))

    def _ask(self, sock: socket.socket, number: int, early: bytes) -> bytes:
        while b"\r\n\r\n" not in early:
            early += self._more(sock)
        head, _, rest = early.partition(b"\r\n\r\n")
        request = Request(head, b"", number)
        length = int(request.get(b"Content-Length") or 0)
        while len(rest) < length:
            rest += self._more(sock)
        with self._news:
            self.requests.append(Request(head, rest[:length], number))
            self._news.notify_all()
        return rest[length:]

    @staticmethod
    def _more(sock: socket.socket) -> bytes:
        data = sock.recv(65_536)
        if not data:
            raise ConnectionError("the client closed before it had asked")
        return data


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Give a function that starts a scripted server; ``tls=authority`` makes it speak TLS."""
    servers: list[ScriptedServer] = []

    def start(*scripts: list[Any], tls: trustme.CA | None = None, ask: bool = True) -> ScriptedServer:
        servers.append(ScriptedServer(scripts, authority=tls, ask=ask))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Give a certificate authority that nobody trusts by himself."""
    return trustme.CA()
