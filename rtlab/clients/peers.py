"""Well-known Python clients behind the same interface, so that one experiment can run them all.

Both block, so each runs on a thread of its own; that thread ends when its socket is shut down. Their bytes are
hidden, so ``counts_bytes`` is False.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import ssl
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import sseclient
import websocket

from rtlab import clock
from rtlab.clients.client import Client, Received
from rtlab.clients.wire import Address
from rtlab.errors import ConnectionEnded, ConnectionFailed, WaitTimeout

READ_BYTES = 65_536


class ThreadedPeer(Client):
    """A client whose library blocks, run on a thread.

    Args:
        url: Where to connect.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        on_received: Called on the peer's thread for each message.
    """

    def __init__(
        self, url: str, *, ca_pem: str = "", on_received: Callable[[Received], None] | None = None
    ) -> None:
        super().__init__(url, on_received)
        self._ca_pem = ca_pem
        self._kept = on_received
        self._thread: threading.Thread | None = None
        self._opened: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def counts_bytes(self) -> bool:
        """False: the library reads its socket itself."""
        return False

    async def start(self, timeout_s: float) -> None:
        """Start the thread and wait until the library is connected."""
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(timeout_s,), name=f"rtlab {self.name}", daemon=True)
        self._thread.start()
        try:
            await asyncio.wait_for(self._opened, timeout_s)
        except TimeoutError as error:
            raise WaitTimeout(f"{self.name} did not connect within {timeout_s} s.") from error

    async def finish(self, timeout_s: float) -> None:
        """Shut the library's socket down and wait for its thread."""
        self._shut_down()
        if self._thread:
            await asyncio.to_thread(self._thread.join, timeout_s)
            if self._thread.is_alive():
                raise WaitTimeout(f"The thread of {self.name} has not ended within {timeout_s} s.")

    def _run(self, timeout_s: float) -> None:
        try:
            self._connect(timeout_s)
        except Exception as error:  # each library has errors of its own; all mean: not connected
            status = getattr(error, "status_code", getattr(error, "status", None))
            self._tell(self._settle, ConnectionFailed(f"{self.name}: {error}", status=status))
            return
        self._tell(self._settle, None)
        why = "the stream ended"
        try:
            self._receive()
        except Exception as error:  # likewise: the library ends its reading with an error of its own
            why = f"{type(error).__name__}: {error}"
        self._tell(self._over, ConnectionEnded(f"{self.name}: {why}"))

    def _got(self, data: str | bytes, event: str = "message", id: str = "") -> None:
        message = Received(data, clock.now_ns(), event, id)
        if self._kept:
            self._kept(message)
        else:
            self._tell(self._on_received, message)

    def _tell(self, function: Callable[..., object], *args: Any) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)

    def _settle(self, error: ConnectionFailed | None) -> None:
        if self._opened and not self._opened.done():
            if error:
                self._opened.set_exception(error)
            else:
                self._opened.set_result(None)

    @abstractmethod
    def _connect(self, timeout_s: float) -> None: ...

    @abstractmethod
    def _receive(self) -> None: ...

    @abstractmethod
    def _shut_down(self) -> None: ...


class SseclientPeer(ThreadedPeer):
    """sseclient-py over ``http.client``: a parser, without reconnection.

    It is fed by ``read1``: over other readers its events wait for 128 bytes or for the end of the stream.
    """

    transport = "sse"
    name = "sseclient-py"

    def _connect(self, timeout_s: float) -> None:
        address = Address.parse(self.url, ("http", "https"))
        if address.secure:
            context = ssl.create_default_context(cadata=self._ca_pem or None)
            self._connection = http.client.HTTPSConnection(address.host, address.port, context=context)
        else:
            self._connection = http.client.HTTPConnection(address.host, address.port)  # type: ignore[assignment]  # plain is the base class
        self._connection.timeout = timeout_s
        self._connection.connect()
        sock = self._socket = self._connection.sock
        self._connection.request("GET", address.target, headers={"Accept": "text/event-stream"})
        self._response = self._connection.getresponse()
        if self._response.status != 200:
            raise ConnectionFailed(f"answered {self._response.status}", status=self._response.status)
        sock.settimeout(None)

    def _receive(self) -> None:
        for event in sseclient.SSEClient(_pieces(self._response)).events():
            self._got(event.data, event.event, event.id or "")

    def _shut_down(self) -> None:
        if hasattr(self, "_socket"):
            _shut_socket(self._socket)


class WebSocketClientPeer(ThreadedPeer):
    """websocket-client, the usual blocking client."""

    transport = "websocket"
    name = "websocket-client"

    def _connect(self, timeout_s: float) -> None:
        trust = {"context": ssl.create_default_context(cadata=self._ca_pem)} if self._ca_pem else {}
        self._socket = websocket.create_connection(self.url, timeout=timeout_s, sslopt=trust)
        self._socket.settimeout(None)

    def _receive(self) -> None:
        while True:
            opcode, data = self._socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return
            self._got(data.decode() if opcode == websocket.ABNF.OPCODE_TEXT else data)

    def _shut_down(self) -> None:
        if hasattr(self, "_socket") and self._socket.sock:
            _shut_socket(self._socket.sock)


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while data := response.read1(READ_BYTES):
        yield data


def _shut_socket(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be down already
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
