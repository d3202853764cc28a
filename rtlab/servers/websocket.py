"""``/ws/{channel}`` and ``/echo``: WebSocket on our own session.

tornado reads the opening handshake and checks Host and Origin; after the 101 the session rules. A message that a
client sends to ``/ws/{channel}`` is published to the channel, so everybody has it, the sender too: two-way on one
connection.

Spec: RFC 6455, RFC 7692, RFC 8441; the sub-protocol ``rtlab.v1`` is described in :mod:`rtlab.codecs.resume`.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from rtlab import clock
from rtlab.codecs import resume
from rtlab.codecs.deflate import Deflater
from rtlab.codecs.permessage_deflate import DeflateOptions, accept_offer
from rtlab.codecs.websocket_connect import answer_opening, check_opening
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.codecs.websocket_handshake import Opening
from rtlab.codecs.websocket_session import (
    CloseReceived,
    Event,
    ProtocolViolation,
    State,
    WebSocketSession,
)
from rtlab.errors import InputError, RemoteProtocolError, WaitTimeout
from rtlab.servers.channel import Channel
from rtlab.servers.connection import Connection
from rtlab.servers.exchange import Exchange
from rtlab.servers.peers import Peer
from rtlab.servers.subscriber import ChannelMessage, WireForm
from rtlab.servers.take_over import take_over

if TYPE_CHECKING:
    from rtlab.servers.server import LabServer

CLOSE_TIMEOUT_S = 2.0
"""How long the client may take to answer a close frame before the line is cut."""

Payload = Callable[[ChannelMessage], bytes]
"""What a text frame carries for a message."""


def bare_payload(message: ChannelMessage) -> bytes:
    """Write the bare data of a message."""
    return message.data.encode()


def resumable_payload(message: ChannelMessage) -> bytes:
    """Write a message as the sub-protocol ``rtlab.v1`` has it."""
    return resume.encode_resumable(resume.ResumableMessage(message.id, message.event, message.data)).encode()


def text_form(payload: Payload, deflater: Deflater | None) -> WireForm:
    """Make the form of text frames, compressed by a deflater if there is one."""
    if deflater is None:
        return lambda message: encode_frame(TEXT, payload(message))
    return lambda message: encode_frame(TEXT, deflater.deflate(payload(message)), rsv1=True)


@functools.cache
def shared_form(payload: Payload, compression: DeflateOptions | None) -> WireForm:
    """Give the form that all connections share whose frames do not depend on what went before."""
    return text_form(payload, compression.deflater("server") if compression else None)


def wire_form(payload: Payload, peer: WebSocketPeer) -> WireForm:
    """Give the form for one connection: its own where its messages refer to those before, else a shared one."""
    if peer.compression and not peer.compression.server_no_context_takeover:
        return text_form(payload, peer.session.deflater)
    return shared_form(payload, peer.compression)


class WebSocketPeer(Peer):
    """One open WebSocket: bytes through the session, messages to ``on_message``.

    Args:
        connection: The connection, after the opening handshake's request.
        channel: The channel's name, or ``"echo"``.
        server: The server, for its limits and its log.
        compression: What was agreed on; None for no compression.

    Attributes:
        on_message: Called with each message of the client.
    """

    __slots__ = ("_alive_ns", "_waiting", "compression", "on_message", "session")

    transport = "websocket"

    def __init__(
        self, connection: Connection, channel: str, server: LabServer, compression: DeflateOptions | None
    ) -> None:
        super().__init__(connection, channel, server)
        guards = server.guards
        self.compression = compression
        self.session = WebSocketSession(
            "server",
            max_message_bytes=guards.max_message_bytes,
            max_fragments=guards.max_fragments,
            compression=compression,
        )
        self.on_message: Callable[[str | bytes], None] = _ignore
        self._alive_ns = clock.now_ns()
        self._waiting: asyncio.Task[None] | None = None

    def received(self, data: bytes) -> None:
        """Feed what came in to the session and act on what it says."""
        if self.connection.buffered_bytes > self.server.guards.max_buffered_bytes:
            self.drop("sends, but does not read the answers")
            return
        self._alive_ns = clock.now_ns()
        only_messages = True
        for event in self.session.read(data):
            if isinstance(event, str | bytes):
                self._handle(event)
            else:
                only_messages = False
                self._note(event)
        if not only_messages:  # a message alone makes the session write nothing
            self.flush()

    def flush(self) -> None:
        """Write what the session wants written, and end the line when both sides have closed."""
        if self.session.state is not State.OPEN:
            self.leave()
        if output := self.session.take_output():
            self.connection.send(output)
        if self.session.should_drop:
            self.connection.close()

    def fail(self, code: int, reason: str) -> None:
        """Close with a code and a reason, and cut the line if the client does not answer."""
        if self.session.state is State.OPEN:
            self.on_message = _ignore
            self.leave()
            self.connection.send(self.session.send_close(code, reason))
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self.connection.abort)

    def beat(self) -> None:
        """Send a ping, or drop a client that has been silent for too long.

        Spec: RFC 6455 5.5.2.
        """
        if clock.now_ns() - self._alive_ns > self.server.guards.idle_timeout_s * 1e9:
            self.drop("answered no ping")
        elif self.session.can_send:
            self.connection.send(self.session.send_ping())

    def goodbye(self) -> None:
        """Close with 1001: the server goes away."""
        self.fail(1001, "the lab stops")

    def closed(self) -> None:
        """See :meth:`Peer.closed`."""
        if self._waiting:
            self._waiting.cancel()
        super().closed()

    def wait_for(self, topic: Channel) -> None:
        """Read nothing more from the client until a channel has room: so its messages wait on its side."""
        if self._waiting is None:
            self.connection.pause_reading()
            self._waiting = asyncio.get_running_loop().create_task(self._wait_for(topic))

    async def _wait_for(self, topic: Channel) -> None:
        try:
            await topic.room(self.server.guards.idle_timeout_s)
        except WaitTimeout:
            self.fail(1013, "a subscriber of this channel does not read")
        finally:
            self._waiting = None
            self._alive_ns = clock.now_ns()  # it could not be heard
            self.connection.resume_reading()

    def _note(self, event: Event) -> None:
        match event:
            case CloseReceived(code, reason):
                self.server.log.add(f"websocket {self.channel}: client closed, {code} {reason}".rstrip())
            case ProtocolViolation(code, message):
                self.server.log.add(f"websocket {self.channel}: {message} ({code})", "warning")

    def _handle(self, message: str | bytes) -> None:
        try:
            self.on_message(message)
        except InputError as error:
            self.fail(1007, str(error)[:120])
        except RemoteProtocolError as error:
            self.fail(error.close_code or 1002, error.message[:120])
        except Exception as error:
            self.server.log.add(f"websocket {self.channel}: {error!r}", "error")
            self.fail(1011, "the server failed on this message")


def _ignore(message: str | bytes) -> None:
    """Take a message of a client that has nothing to say yet, or any more."""


class WebSocketExchange(Exchange):
    """Checks the opening handshake and takes the connection over."""

    methods = ("GET", "CONNECT")

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """What can be agreed on; an echo knows none."""
        return ()

    def make_peer(self, connection: Connection, name: str, compression: DeflateOptions | None) -> WebSocketPeer:
        """Give the peer that speaks on the connection."""
        return WebSocketPeer(connection, name, self.server, compression)

    def open_peer(self, name: str) -> tuple[WebSocketPeer, str | None] | None:
        """Answer the opening handshake.

        Args:
            name: What the connection is listed as.

        Returns:
            The peer and the agreed sub-protocol; None if the handshake was refused.
        """
        try:
            opening: Opening = check_opening(self.request_head)
        except RemoteProtocolError as error:
            self.answer(error.status or 400, f"{error}\n", "text/plain; charset=utf-8", error.headers)
            self.server.log.add(f"websocket {name}: handshake refused, {error}", "warning")
            return None
        chosen = next((offer for offer in opening.subprotocols if offer in self.subprotocols), None)
        wanted = self.server.compression
        agreed, answer = accept_offer(opening.extensions, wanted) if wanted else (None, ())
        peer = self.make_peer(take_over(self), name, agreed)
        peer.connection.send_head(answer_opening(opening, subprotocol=chosen, extensions=answer))
        return peer, chosen


class ChannelSocketExchange(WebSocketExchange):
    """A channel over WebSocket, with resume if the client offers ``rtlab.v1``."""

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """``rtlab.v1``, unless the lab gives no ids."""
        return (resume.SUBPROTOCOL,) if self.server.resumption.ids else ()

    def handle(self, name: str) -> None:
        """Send each message of the channel, and publish what the client sends."""
        channel = self.channel(name)
        if (opened := self.open_peer(name)) is None:
            return
        peer, subprotocol = opened
        form = wire_form(resumable_payload if subprotocol else bare_payload, peer)

        def publish(message: str | bytes) -> None:
            if isinstance(message, bytes):
                raise RemoteProtocolError("A channel carries text, not binary messages.", close_code=1003)
            channel.publish(message)
            if not channel.has_room:
                peer.wait_for(channel)

        def greet(message: str | bytes) -> None:
            last_id = resume.decode_hello(message if isinstance(message, str) else "")
            peer.on_message = publish
            peer.subscribe(channel, form, last_id)

        def expect_greeting() -> None:
            if peer.on_message is greet:
                peer.fail(1008, "no last-event-id message came")

        if subprotocol:
            peer.on_message = greet
            asyncio.get_running_loop().call_later(self.server.guards.header_timeout_s, expect_greeting)
        else:
            peer.on_message = publish
            peer.subscribe(channel, form, None)
        self.server.admit(peer)


class EchoExchange(WebSocketExchange):
    """Sends each message back as it came: text as text, binary as binary."""

    def handle(self, name: str) -> None:
        """Echo until the client closes."""
        if (opened := self.open_peer("echo")) is None:
            return
        peer, _ = opened

        session, send = peer.session, peer.connection.send

        def echo(message: str | bytes) -> None:
            if session.can_send:
                send(session.send_text(message) if isinstance(message, str) else session.send_binary(message))

        peer.on_message = echo
        self.server.admit(peer)
