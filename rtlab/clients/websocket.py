"""A WebSocket client on our own session.

Spec: RFC 6455, RFC 7692; the sub-protocol ``rtlab.v1`` is described in :mod:`rtlab.codecs.resume`.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task, make_received
from rtlab.clients.http import CONNECT_TIMEOUT_S, HttpConnection
from rtlab.clients.wire import Address, Wire
from rtlab.codecs import resume
from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer, make_offer
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_decoder import Item
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_handshake import check_opening_response, make_key, opening_request
from rtlab.codecs.websocket_session import CloseReceived, PongReceived, ProtocolViolation, WebSocketSession
from rtlab.errors import ConnectionEnded, ConnectionFailed, RemoteProtocolError, WaitTimeout
from rtlab.loop_thread import shared

LINGER_S = 1.0
"""How long the server may take to close the line after the close frames, or to explain a refusal."""


class WebSocket(Client):
    """Sends and receives messages over one WebSocket. It does not come back by itself: no WebSocket does.

    Args:
        url: A ws or wss URL.
        subprotocols: What to offer, best first. With ``"rtlab.v1"`` agreed, ids and names work as in an event
            stream, and ``last_event_id`` resumes.
        last_event_id: Where to resume with ``rtlab.v1``.
        origin: The ``Origin`` to claim; browsers always send one, programs need not.
        headers: Further headers of the opening handshake.
        compression: Offer permessage-deflate: True, or options as for a lab.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        max_message_bytes: Largest message to accept.
        max_fragments: Most fragments of one message to accept.
        on_received: Called on the loop's thread for each message instead of keeping it for ``receive()``.

    Attributes:
        subprotocol: The sub-protocol agreed on, or None.
        compression: How messages are compressed, as both sides agreed, or None if they are not.

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
        compression: bool | DeflateOptions = False,
        ca_pem: str = "",
        max_message_bytes: int = 16_777_216,
        max_fragments: int = 4_096,
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        super().__init__(url, on_received)
        self._address = Address.parse(url, ("ws", "wss"))
        self._offered = tuple(subprotocols)
        self._origin = origin
        self._headers = tuple(headers)
        self._wanted = DeflateOptions() if compression is True else compression or None
        self._ca_pem = ca_pem
        self._new_session = functools.partial(
            WebSocketSession, "client", max_message_bytes=max_message_bytes, max_fragments=max_fragments
        )
        self._session = self._new_session()
        self._goodbye = (1000, "")
        self._wire: Wire | None = None
        self._reader: asyncio.Task[None] | None = None
        self._pings: dict[bytes, asyncio.Future[int]] = {}
        self.last_event_id = last_event_id
        self.subprotocol: str | None = None
        self.compression: DeflateOptions | None = None

    @property
    def close_code(self) -> int | None:
        """The close code received; 1005 for none, 1006 for a broken line, None while it is open."""
        return self._session.close_code

    @property
    def close_reason(self) -> str:
        """The reason received, possibly empty."""
        return self._session.close_reason

    async def start(self, timeout_s: float) -> None:
        """Do the opening handshake; see :meth:`Client.open`."""
        self._session = self._new_session()
        http = HttpConnection(self._address, self.traffic, ca_pem=self._ca_pem)
        try:
            key = make_key(secrets.token_bytes(16))
            offers = (make_offer(self._wanted),) if self._wanted else ()
            request = opening_request(
                self._address.host_header,
                self._address.target,
                key,
                origin=self._origin,
                subprotocols=self._offered,
                extensions=offers,
                headers=self._headers,
            )
            head = await http.request(request, timeout_s=min(timeout_s, CONNECT_TIMEOUT_S))
            if head.status != 101:
                said = f"The server refused the opening handshake: {head.status} {await _explanation(http)}"
                raise ConnectionFailed(said.rstrip(), status=head.status)
            try:
                self.subprotocol = check_opening_response(
                    head, key, offered_subprotocols=self._offered, offered_extensions=offers
                )
                answer = parse_extensions(head.get_all("Sec-WebSocket-Extensions"))
                self.compression = check_answer(answer, self._wanted) if self._wanted else None
            except RemoteProtocolError as error:
                raise ConnectionFailed(f"The opening handshake is wrong: {error}", status=101) from error
            self._wire, early, at_ns = http.take_wire()
        finally:
            http.close()
        self._session = self._new_session(compression=self.compression)
        if self.subprotocol == resume.SUBPROTOCOL:
            self._wire.write(self._session.send_text(resume.encode_hello(self.last_event_id)))
        self._reader = asyncio.create_task(self._read(self._wire, early, at_ns))

    async def finish(self, timeout_s: float) -> None:
        """Do the closing handshake, and cut the line if the server does not answer in time."""
        if self._wire is None:
            return
        if self._session.can_send:
            self._wire.write(self._session.send_close(*self._goodbye))
        self._inbox.close()  # or the server's close frame might wait behind what nobody receives
        if self._reader:
            await asyncio.wait({self._reader}, timeout=timeout_s)
            await end_task(self._reader)
        self._wire.abort()

    def send(self, message: str | bytes, timeout_s: float = 5.0) -> None:
        """Send one message: text as a text message, bytes as a binary one.

        Args:
            message: The message.
            timeout_s: How long to wait while the server does not read, in seconds.

        Raises:
            ConnectionEnded: The connection is over.
            LocalProtocolError: The text has no UTF-8 form.
            WaitTimeout: The server does not read; the message waits and may still arrive.
        """
        self._require_open()
        shared.call(lambda: self.send_soon(message), timeout_s)

    async def send_soon(self, message: str | bytes) -> None:
        """Send one message; runs on the loop, for experiments."""
        wire, session = self._require_line(), self._session
        wire.write(session.send_text(message) if isinstance(message, str) else session.send_binary(message))
        await wire.drained()

    def ping(self, timeout_s: float = 5.0) -> float:
        """Send a ping and wait for its pong.

        Returns:
            The round-trip time in milliseconds.

        Raises:
            WaitTimeout: No pong came.
            ConnectionEnded: The connection is over.
        """
        self._require_open()
        return shared.call(lambda: self.ping_soon(timeout_s), timeout_s + 1.0) / 1e6

    def close(self, timeout_s: float = 5.0, *, code: int = 1000, reason: str = "") -> None:
        """Close with a code and a reason; a second call does nothing.

        Args:
            timeout_s: How long the server may take to answer, in seconds.
            code: 1000, or 3000 to 4999.
            reason: At most 123 bytes of UTF-8.

        Raises:
            LocalProtocolError: The code or the reason cannot be sent; the WebSocket stays open.
        """
        encode_close_payload(code, reason)
        self._goodbye = code, reason
        super().close(timeout_s)

    def _require_line(self) -> Wire:
        if self._wire is None or self._wire.ended or not self._session.can_send:
            why = "This WebSocket is not open."
            raise ConnectionEnded(why, close_code=self.close_code, reason=self.close_reason)
        return self._wire

    async def ping_soon(self, timeout_s: float) -> int:
        """Ping, and give the round trip in nanoseconds; runs on the loop, for experiments."""
        wire, sent_ns = self._require_line(), clock.now_ns()
        payload = secrets.token_bytes(4)
        pong: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pings[payload] = pong
        wire.write(self._session.send_ping(payload))
        try:
            return await asyncio.wait_for(pong, timeout_s) - sent_ns
        except TimeoutError as error:
            raise WaitTimeout(f"No pong came within {timeout_s:g} s.") from error
        finally:
            del self._pings[payload]

    async def _read(self, wire: Wire, data: bytes, at_ns: int) -> None:
        session = self._session
        try:
            self._feed(wire, data, at_ns)
            while not session.should_drop:
                await self._inbox.room()
                data, at_ns = await wire.read()
                if not data:
                    break
                self._feed(wire, data, at_ns)
            await _until_closed(wire)
        except RemoteProtocolError as error:
            await self._fail(wire, 1002, ConnectionEnded(f"The server broke a rule: {error}", close_code=1002))
        except Exception as error:  # one of on_received: here nobody else would ever see it
            await self._fail(wire, 1011, error)
        finally:
            session.end()
            wire.abort()
            self._over(self._ending())
            for pong in self._pings.values():
                if not pong.done():
                    pong.set_exception(self._ending())

    async def _fail(self, wire: Wire, code: int, error: Exception) -> None:
        self._over(error)
        wire.write(self._session.take_output())
        if self._session.can_send:
            wire.write(self._session.send_close(code))
        await _until_closed(wire)

    def _feed(self, wire: Wire, data: bytes, at_ns: int) -> None:
        is_plain = self.subprotocol != resume.SUBPROTOCOL
        messages: list[Received] = []
        for item in self._session.read(data):
            if is_plain and (type(item) is str or type(item) is bytes):
                messages.append(make_received((item, at_ns, "message", "")))
            else:
                self._deliver_all(messages)
                messages = []
                self._heed(item, at_ns)
        self._deliver_all(messages)
        if output := self._session.take_output():
            wire.write(output)

    def _heed(self, item: Item, at_ns: int) -> None:
        match item:
            case str():
                message = resume.decode_resumable(item)
                self.last_event_id = message.id
                self._deliver(Received(message.data, at_ns, message.event or "message", message.id))
            case bytes():
                self._deliver(Received(item, at_ns))
            case PongReceived(payload):
                if (pong := self._pings.get(payload)) and not pong.done():
                    pong.set_result(at_ns)
            case CloseReceived():
                self._over(self._ending())
            case ProtocolViolation(code, why):
                self._over(ConnectionEnded(f"The server broke a rule: {why}", close_code=code))

    def _ending(self) -> ConnectionEnded:
        text = f"The connection is over, close code {self.close_code} {self.close_reason}".rstrip()
        return ConnectionEnded(text, close_code=self.close_code, reason=self.close_reason)


async def _explanation(http: HttpConnection) -> str:
    """Read the start of a refusal's body; it is for people, so whatever goes wrong here does not matter."""
    said = b""
    with suppress(TimeoutError, ConnectionFailed):
        async with asyncio.timeout(LINGER_S), aclosing(http.body()) as body:
            async for data, _ in body:
                said += data
                if len(said) > 200:
                    break
    return said.decode(errors="replace").strip()[:200]


async def _until_closed(wire: Wire) -> None:
    """Let the server close the line first (RFC 6455 7.1.1), but not for long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while (await wire.read())[0]:
                pass
