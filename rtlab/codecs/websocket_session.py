"""One WebSocket connection after its handshake: bytes in, events and bytes out. The same for both roles.

The peers exchange messages, each one frame or a run of fragments. Control frames (close, ping, pong) may stand
between the fragments of a message. A connection ends with the closing handshake: one side sends a close frame,
the other answers with its own, then the server closes TCP. Our own close frame is the last thing we send; the
peer's is the last thing we read. A peer that breaks a rule is failed: it gets a close frame whose code tells the
kind of mistake, and nothing more of it is read.

=========  ===========================  =========================================  =========
state      what happens                 what we write                              new state
=========  ===========================  =========================================  =========
OPEN       ``send_close()``             a close frame                              CLOSING
OPEN       a close frame comes          queued: a close frame with the same code   CLOSING
OPEN       the peer breaks a rule       queued: a close frame 1002, 1007 or 1009   CLOSING
CLOSING    either of the two            nothing: ours has gone already             CLOSING
any        ``end()``: TCP is closed     nothing                                    CLOSED
=========  ===========================  =========================================  =========

The driver, which owns the socket, does this for every chunk::

    for event in session.feed(chunk):
        ...                              # answers: write(session.send_text(...))
    write(session.take_output())         # pongs, and the close frame that is queued
    if session.should_drop: ...          # close TCP

A queued close frame waits for ``take_output()``, so that the messages before it can still be answered. Where
permessage-deflate was agreed on, we compress every message that we send; the peer may choose for each.

Spec: RFC 6455 5 to 8; RFC 7692 6
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Literal

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_close import MAX_REASON_BYTES, encode_close_payload
from rtlab.codecs.websocket_decoder import EventDecoder, Item, as_event
from rtlab.codecs.websocket_events import (
    BinaryMessage,
    CloseReceived,
    Event,
    PingReceived,
    PongReceived,
    ProtocolViolation,
    TextMessage,
)
from rtlab.codecs.websocket_frames import MAX_CONTROL_PAYLOAD_BYTES, Opcode, encode_frame
from rtlab.errors import LocalProtocolError

__all__ = [
    "BinaryMessage",
    "CloseReceived",
    "Event",
    "PingReceived",
    "PongReceived",
    "ProtocolViolation",
    "Role",
    "State",
    "TextMessage",
    "WebSocketSession",
]

Role = Literal["server", "client"]


class State(StrEnum):
    """Where a connection is in its life."""

    OPEN = "OPEN"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class WebSocketSession:
    """The state machine of one open WebSocket connection.

    Every ``send`` returns the bytes to write now; pongs that wait are put in front of them. Every ``send`` raises
    ``LocalProtocolError`` once our close frame has gone.

    Args:
        role: Which side we are; a client masks what it sends, a server must not.
        max_message_bytes: The longest message to accept, fragments added up. A longer one fails the connection
            with 1009 as soon as a frame header announces it.
        max_fragments: The most frames that one message may have, at least 1.
        compression: What was agreed on in the opening handshake; None for no compression.
        random_bytes: Makes masking keys; they must be unpredictable (RFC 6455 10.3).

    Attributes:
        state: OPEN; CLOSING once a close frame was sent or came, or the peer was failed; CLOSED after ``end()``.
        can_send: Whether our own close frame has not gone yet.
        close_code: What the peer's close frame said: 1005 for no code, 1006 if TCP ended without a close frame,
            None until then.
        close_reason: The reason in the peer's close frame, empty if there was none.
        deflater: What compresses the messages that we send; None if compression was not agreed on.
    """

    __slots__ = (
        "_decoder",
        "_is_client",
        "_pongs",
        "_queued_close",
        "_random_bytes",
        "can_send",
        "close_code",
        "close_reason",
        "deflater",
        "state",
    )

    def __init__(
        self,
        role: Role,
        *,
        max_message_bytes: int = 1_048_576,
        max_fragments: int = 4096,
        compression: DeflateOptions | None = None,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._is_client = role == "client"
        self._random_bytes = random_bytes
        inflater = compression.inflater("server" if self._is_client else "client") if compression else None
        self._decoder = EventDecoder(not self._is_client, max_message_bytes, max_fragments, inflater)
        self.deflater = compression.deflater(role) if compression else None
        self.state = State.OPEN
        self.can_send = True
        self.close_code: int | None = None
        self.close_reason = ""
        self._pongs = bytearray()
        self._queued_close: bytes | None = None

    @property
    def should_drop(self) -> bool:
        """Whether TCP has no further use once ``take_output()`` is written.

        A server closes it now. A client first gives the server a moment to do so.

        Spec: RFC 6455 7.1.1, 7.1.7
        """
        return self._decoder.finished

    def feed(self, data: bytes | memoryview) -> list[Event]:
        """Take the next bytes from the peer; the same as :meth:`read`, with messages as events."""
        return [as_event(item) for item in self.read(data)]

    def read(self, data: bytes | memoryview) -> list[Item]:
        """Take the next bytes from the peer: any number, for frames may begin and end anywhere.

        Returns:
            What these bytes complete, in order: a text for a text message, bytes for a binary one, and what else
            came as events. A close frame or a violation comes last, and bytes after it are ignored.
        """
        items = self._decoder.read(data)
        for item in items:
            kind = type(item)
            if kind is str or kind is bytes:
                continue  # most items, and on the fast path
            if isinstance(item, PingReceived):
                if self.can_send:
                    self._pongs += self._encode(Opcode.PONG, item.payload)
            elif isinstance(item, CloseReceived):
                self.close_code, self.close_reason = item.code, item.reason
                self._answer_close(b"" if item.code == 1005 else encode_close_payload(item.code))
            elif isinstance(item, ProtocolViolation):
                self._answer_close(encode_close_payload(item.code, item.message[:MAX_REASON_BYTES]))
        return items

    def take_output(self) -> bytes:
        """Give what must be written now: pongs, and the close frame that is queued."""
        output = self._take_pongs()
        if self._queued_close is not None:
            output += self._encode(Opcode.CLOSE, self._queued_close)
            self._queued_close = None
            self.can_send = False
        return output

    def end(self) -> None:
        """Take note that TCP is closed, by whichever side."""
        self.state = State.CLOSED
        self.can_send = False
        self._decoder.finished = True
        self._queued_close = None
        self._pongs.clear()
        if self.close_code is None:
            self.close_code = 1006

    def send_text(self, text: str) -> bytes:
        """Send a text message in one frame.

        Raises:
            LocalProtocolError: The text holds half a surrogate pair, which has no UTF-8 form.
        """
        try:
            payload = text.encode()
        except UnicodeEncodeError:
            raise LocalProtocolError(
                "The text holds half a surrogate pair; take it out.", spec="RFC 6455 5.6"
            ) from None
        return self._send(Opcode.TEXT, payload)

    def send_binary(self, data: bytes) -> bytes:
        """Send a binary message in one frame."""
        return self._send(Opcode.BINARY, data)

    def send_fragments(self, parts: Sequence[bytes], *, binary: bool = False) -> bytes:
        """Send one message as a run of fragments.

        Args:
            parts: One fragment each, at least one. A text is given as its UTF-8 bytes, cut anywhere.
            binary: Whether the message is binary rather than text.

        Raises:
            LocalProtocolError: There is no part, or the parts of a text do not join to UTF-8.

        Spec: RFC 6455 5.4
        """
        if not parts:
            raise LocalProtocolError("A message has at least one fragment; give one.", spec="RFC 6455 5.4")
        if not binary:
            try:
                b"".join(parts).decode()
            except UnicodeDecodeError:
                raise LocalProtocolError(
                    "The parts of a text must join to UTF-8; use binary=True for other bytes.",
                    spec="RFC 6455 5.6",
                ) from None
        opcodes = [Opcode.BINARY if binary else Opcode.TEXT] + [Opcode.CONTINUATION] * (len(parts) - 1)
        fins = [False] * (len(parts) - 1) + [True]
        return b"".join(map(self._send, opcodes, parts, fins))

    def send_ping(self, payload: bytes = b"") -> bytes:
        """Ask the peer for a sign of life: it must answer with the same payload, at most 125 bytes.

        Spec: RFC 6455 5.5.2
        """
        return self._send_control(Opcode.PING, payload)

    def send_pong(self, payload: bytes = b"") -> bytes:
        """Send a pong unasked, at most 125 bytes; the answers to pings are queued without it.

        Spec: RFC 6455 5.5.3
        """
        return self._send_control(Opcode.PONG, payload)

    def send_close(self, code: int = 1000, reason: str = "") -> bytes:
        """Send our close frame, the last thing we send; it takes the place of one that is queued.

        Args:
            code: 1000 to 1003, 1007 to 1014, or 3000 to 4999.
            reason: At most 123 bytes in UTF-8.

        Raises:
            LocalProtocolError: The code may not be sent, or the reason does not fit.

        Spec: RFC 6455 7.1.2
        """
        frame = self._send(Opcode.CLOSE, encode_close_payload(code, reason))
        self._queued_close = None
        self.can_send = False
        self.state = State.CLOSING
        return frame

    def _send_control(self, opcode: int, payload: bytes) -> bytes:
        if len(payload) > MAX_CONTROL_PAYLOAD_BYTES:
            raise LocalProtocolError(
                f"A ping or pong carries at most {MAX_CONTROL_PAYLOAD_BYTES} bytes, not {len(payload)}.",
                spec="RFC 6455 5.5",
            )
        return self._send(opcode, payload)

    def _send(self, opcode: int, payload: bytes, fin: bool = True) -> bytes:
        if not self.can_send:
            raise LocalProtocolError(
                "This connection is closing and can send nothing more; open a new one.", spec="RFC 6455 5.5.1"
            )
        return self._take_pongs() + self._encode(opcode, payload, fin)

    def _encode(self, opcode: int, payload: bytes, fin: bool = True) -> bytes:
        rsv1 = False
        if self.deflater is not None and opcode < Opcode.CLOSE:
            payload = self.deflater.deflate(payload, is_last=fin)
            rsv1 = opcode != Opcode.CONTINUATION
        masking_key = self._random_bytes(4) if self._is_client else None
        return encode_frame(opcode, payload, fin=fin, rsv1=rsv1, masking_key=masking_key)

    def _take_pongs(self) -> bytes:
        if not self._pongs:
            return b""
        pongs = bytes(self._pongs)
        self._pongs.clear()
        return pongs

    def _answer_close(self, payload: bytes) -> None:
        self.state = State.CLOSING
        if self.can_send:
            self._queued_close = payload
