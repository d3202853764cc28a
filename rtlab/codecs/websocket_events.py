"""What a WebSocket session reports: messages, control frames and broken rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A whole text message."""

    text: str


@dataclass(frozen=True, slots=True)
class BinaryMessage:
    """A whole binary message."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PingReceived:
    """The peer asked for a sign of life; the pong is queued already."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class PongReceived:
    """The peer answered a ping, or sent a pong unasked."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class CloseReceived:
    """The peer's close frame came; the answer is queued, unless ours was sent first.

    Attributes:
        code: Why the peer closes; 1005 stands for a close frame without a code.
        reason: The peer's words, possibly empty.
    """

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class ProtocolViolation:
    """The peer broke a rule; nothing more of it is read.

    Attributes:
        code: The code of the close frame that is queued for it, such as 1002.
        message: Which rule, in one sentence.
        spec: The clause that was broken, for example ``"RFC 6455 5.1"``.
    """

    code: int
    message: str
    spec: str


Event = TextMessage | BinaryMessage | PingReceived | PongReceived | CloseReceived | ProtocolViolation
