"""Well-known Python clients behind the same interface, so that one experiment can run them all.

Both block, so each runs on a thread of its own. The socket is ours, so that shutting it down ends the thread
whatever the library is waiting for; only the thread closes it. Their bytes are hidden, so ``counts_bytes`` is
False.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any, ClassVar

import sseclient
import websocket

from rtlab import clock
from rtlab.clients.client import Client, Received
from rtlab.clients.wire import Address, trusting
from rtlab.errors import ConnectionEnded, ConnectionFailed, WaitTimeout

READ_BYTES = 65_536


class ThreadedPeer(Client):
    """A client whose library blocks, run on a thread.

    Args:
        url: Where to connect.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        on_received: Called on the peer's thread for each message.

    Raises:
        InputError: The URL cannot be used.
    """

    schemes: ClassVar[tuple[str, ...]]

    def __init__(
        self, url: str, *, ca_pem: str = "", on_received: Callable[[Received], None] | None = None
    ) -> None:
        super().__init__(url, on_received)
        self._address = Address.parse(url, self.schemes)
        self._ca_pem = ca_pem
        self._socket: socket.socket | None = None
        self._finishing = False
        self._thread: threading.Thread | None = None
        self._opened: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def counts_bytes(self) -> bool:
        """False: the library reads its socket itself."""
        return False

    async def start(self, timeout_s: float) -> None:
        """Start the thread and wait until the library is connected."""
        self._finishing = False
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
        self._finishing = True
        self._shut_down()
        if self._thread:
            await asyncio.to_thread(self._thread.join, timeout_s)
            if self._thread.is_alive():
                raise WaitTimeout(f"The thread of {self.name} has not ended within {timeout_s} s.")

    def _run(self, timeout_s: float) -> None:
        with ExitStack() as stack:
            try:
                sock = self._dial(timeout_s, stack)
                self._connect(sock, timeout_s, stack)
                sock.settimeout(None)
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

    def _dial(self, timeout_s: float, stack: ExitStack) -> socket.socket:
        address = self._address
        context = trusting(self._ca_pem) if address.secure else None
        sock = socket.create_connection((address.host, address.port), timeout_s)
        if context:
            sock = context.wrap_socket(sock, server_hostname=address.host, do_handshake_on_connect=False)
        self._socket = stack.enter_context(sock)
        if self._finishing:  # nobody waits any more, and finish() has not seen this socket
            self._shut_down()
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        return sock

    def _shut_down(self) -> None:
        if self._socket:
            with suppress(OSError):  # it may be down already
                self._socket.shutdown(socket.SHUT_RDWR)

    def _got(self, data: str | bytes, event: str = "message", id: str = "") -> None:
        message = Received(data, clock.now_ns(), event, id)
        if self._on_received:
            self._on_received(message)
        else:
            self._tell(self._deliver, message)

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
    def _connect(self, sock: socket.socket, timeout_s: float, stack: ExitStack) -> None:
        """Let the library take over the socket, and close with the stack what it opens."""

    @abstractmethod
    def _receive(self) -> None:
        """Hand over each message until the stream ends."""


class SseclientPeer(ThreadedPeer):
    """sseclient-py over ``http.client``: a parser, without reconnection.

    It is fed by ``read1``: over other readers its events wait for 128 bytes or for the end of the stream.
    """

    transport = "sse"
    name = "sseclient-py"
    schemes = ("http", "https")

    def _connect(self, sock: socket.socket, timeout_s: float, stack: ExitStack) -> None:
        connection = http.client.HTTPConnection(self._address.host, self._address.port)
        connection.sock = sock
        headers = {"Host": self._address.host_header, "Accept": "text/event-stream"}
        connection.request("GET", self._address.target, headers=headers)
        self._response = stack.enter_context(connection.getresponse())
        if self._response.status != 200:
            raise ConnectionFailed(f"answered {self._response.status}", status=self._response.status)

    def _receive(self) -> None:
        for event in sseclient.SSEClient(_pieces(self._response)).events():
            self._got(event.data, event.event, event.id or "")


class WebSocketClientPeer(ThreadedPeer):
    """websocket-client, the usual blocking client."""

    transport = "websocket"
    name = "websocket-client"
    schemes = ("ws", "wss")

    def _connect(self, sock: socket.socket, timeout_s: float, stack: ExitStack) -> None:
        self._websocket = websocket.create_connection(self.url, timeout=timeout_s, socket=sock)

    def _receive(self) -> None:
        while True:
            opcode, data = self._websocket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return
            self._got(data.decode() if opcode == websocket.ABNF.OPCODE_TEXT else data)


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while data := response.read1(READ_BYTES):
        yield data
