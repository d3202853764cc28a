"""A WebSocket client on our own session.

Spec: RFC 6455; the sub-protocol ``rtlab.v1`` is described in :mod:`rtlab.codecs.resume`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task
from rtlab.clients.http import CONNECT_TIMEOUT_S, HttpConnection
from rtlab.clients.wire import Address, Wire
from rtlab.codecs import resume
from rtlab.codecs.websocket_handshake import check_opening_response, make_key, opening_request
from rtlab.codecs.websocket_session import (
    BinaryMessage,
    PongReceived,
    ProtocolViolation,
    TextMessage,
    WebSocketSession,
)
from rtlab.errors import ConnectionEnded, ConnectionFailed, RemoteProtocolError, WaitTimeout
from rtlab.loop_thread import shared


class WebSocket(Client):
    """Sends and receives messages over one WebSocket. It does not come back by itself: no WebSocket does.

    Args:
        url: A ws or wss URL.
        subprotocols: What to offer, best first. With ``"rtlab.v1"`` agreed, ids and names work as in an event
            stream, and ``last_event_id`` resumes.
        last_event_id: Where to resume with ``rtlab.v1``.
        origin: The ``Origin`` to claim; browsers always send one, programs need not.
        headers: Further headers of the opening handshake.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        max_message_bytes: Largest message to accept.
        on_received: Called on the loop's thread for each message instead of keeping it for ``receive()``.

    Raises:
        InputError: The URL cannot be used.
    """

    transport = "websocket"

    def __init__(
        self,
        url: str,
        *,
        subprotocols: Sequence[str] = (),
        last_event_id: str = "",
        origin: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        ca_pem: str = "",
        max_message_bytes: int = 16_777_216,
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        super().__init__(url, on_received)
        self._address = Address.parse(url, ("ws", "wss"))
        self._offered = tuple(subprotocols)
        self._origin = origin
        self._headers = tuple(headers)
        self._ca_pem = ca_pem
        self._session = WebSocketSession("client", max_message_bytes=max_message_bytes)
        self._wire: Wire | None = None
        self._reader: asyncio.Task[None] | None = None
        self._pong: asyncio.Future[int] | None = None
        self.last_event_id = last_event_id
        self.subprotocol: str | None = None

    @property
    def close_code(self) -> int | None:
        """The close code received; 1005 for none, 1006 for a broken line, None while it is open."""
        return self._session.close_code

    @property
    def close_reason(self) -> str:
        """The reason received, possibly empty."""
        return self._session.close_reason or ""

    async def start(self, timeout_s: float) -> None:
        """Do the opening handshake; see :meth:`Client.open`."""
        http = HttpConnection(self._address, self.traffic, ca_pem=self._ca_pem)
        try:
            key = make_key(secrets.token_bytes(16))
            request = opening_request(
                self._address.host_header,
                self._address.target,
                key,
                origin=self._origin,
                subprotocols=self._offered,
                headers=self._headers,
            )
            head = await http.request(request, timeout_s=min(timeout_s, CONNECT_TIMEOUT_S))
            if head.status != 101:
                text = (await http.read_all(timeout_s)).decode(errors="replace").strip()
                raise ConnectionFailed(
                    f"The server refused the opening handshake: {head.status} {text[:200]}".rstrip(),
                    status=head.status,
                )
            try:
                self.subprotocol = check_opening_response(head, key, offered_subprotocols=self._offered)
            except RemoteProtocolError as error:
                raise ConnectionFailed(f"The opening handshake is wrong: {error}", status=101) from error
            self._wire, early = http.take_wire()
        finally:
            http.close()
        if self.subprotocol == resume.SUBPROTOCOL:
            self._wire.write(self._session.send_text(resume.encode_hello(self.last_event_id)))
        if early:
            self._feed(early, clock.now_ns())
        self._reader = asyncio.create_task(self._read(self._wire))

    async def finish(self, timeout_s: float, code: int = 1000, reason: str = "") -> None:
        """Do the closing handshake, and cut the line if the server does not answer in time."""
        if self._wire is None:
            return
        if self._session.can_send:
            self._wire.write(self._session.send_close(code, reason))
        if self._reader:
            await asyncio.wait({self._reader}, timeout=timeout_s)
            await end_task(self._reader)
        self._wire.abort()

    def send(self, message: str | bytes, timeout_s: float = 5.0) -> None:
        """Send one message: text as a text message, bytes as a binary one.

        Raises:
            ConnectionEnded: The connection is over.
        """
        shared.call(self.send_soon(message), timeout_s)

    async def send_soon(self, message: str | bytes) -> None:
        """Send one message; runs on the loop, for experiments."""
        if self._wire is None or not self._session.can_send or self._wire.ended:
            raise ConnectionEnded(
                "This WebSocket is not open.", close_code=self.close_code, reason=self.close_reason
            )
        session = self._session
        self._wire.write(session.send_text(message) if isinstance(message, str) else session.send_binary(message))

    def ping(self, timeout_s: float = 5.0) -> float:
        """Send a ping and wait for its pong.

        Returns:
            The round-trip time in milliseconds.

        Raises:
            WaitTimeout: No pong came.
            ConnectionEnded: The connection is over.
        """
        return shared.call(self._ping(timeout_s), timeout_s + 1.0) / 1e6

    def close(self, timeout_s: float = 5.0, *, code: int = 1000, reason: str = "") -> None:
        """Close with a code and a reason; a second call does nothing.

        Args:
            timeout_s: How long the server may take to answer, in seconds.
            code: 1000, or 3000 to 4999.
            reason: At most 123 bytes of UTF-8.
        """
        if self._held and self._wire is not None:
            shared.call(self.finish(timeout_s, code, reason), timeout_s + 1.0)
        super().close(timeout_s)

    async def _ping(self, timeout_s: float) -> int:
        if self._wire is None or not self._session.can_send:
            raise ConnectionEnded("This WebSocket is not open.", close_code=self.close_code)
        self._pong = asyncio.get_running_loop().create_future()
        sent_ns = clock.now_ns()
        self._wire.write(self._session.send_ping(str(sent_ns).encode()))
        try:
            return await asyncio.wait_for(self._pong, timeout_s) - sent_ns
        except TimeoutError as error:
            raise WaitTimeout(f"No pong came within {timeout_s} s.") from error

    async def _read(self, wire: Wire) -> None:
        while not self._session.should_drop:
            data, at_ns = await wire.read()
            if not data:
                break
            self._feed(data, at_ns)
        # The server closes the line first (RFC 6455 7.1.1); give it a moment before we do.
        try:
            while self._session.should_drop and (await wire.read(1.0))[0]:
                pass
        except WaitTimeout:
            pass
        self._session.end()
        wire.close()
        text = f"The connection is over, close code {self.close_code} {self.close_reason}".rstrip()
        self._over(ConnectionEnded(text, close_code=self.close_code, reason=self.close_reason))

    def _feed(self, data: bytes, at_ns: int) -> None:
        for event in self._session.feed(data):
            match event:
                case TextMessage(text):
                    self._on_received(self._unpack(text, at_ns))
                case BinaryMessage(payload):
                    self._on_received(Received(payload, at_ns))
                case PongReceived():
                    if self._pong and not self._pong.done():
                        self._pong.set_result(at_ns)
                case ProtocolViolation(code, message):
                    self._over(ConnectionEnded(f"The server broke a rule: {message}", close_code=code))
        if self._wire and (output := self._session.take_output()):
            self._wire.write(output)

    def _unpack(self, text: str, at_ns: int) -> Received:
        if self.subprotocol != resume.SUBPROTOCOL:
            return Received(text, at_ns)
        message = resume.decode_resumable(text)
        self.last_event_id = message.id
        return Received(message.data, at_ns, message.event or "message", message.id)
