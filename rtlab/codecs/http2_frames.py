"""HTTP/2 frames: the layout of RFC 9113 section 4.1, in both directions, and what each part is called.

::

     bytes 0..2   byte 3   byte 4   bytes 5..8                then
    ┌───────────┬────────┬────────┬───┬─────────────────────┐┌─────────┐
    │  length   │  type  │ flags  │ R │  stream identifier  ││ payload │
    │    24     │   8    │   8    │ 1 │         31          ││         │
    └───────────┴────────┴────────┴───┴─────────────────────┘└─────────┘

This file knows the layout and the names. Header fields stay in their compressed form (RFC 7541), and which frame
may follow which is not judged here.

Spec: RFC 9113 4.1, 6
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from rtlab.errors import InputError, RemoteProtocolError

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client sends first; a server of HTTP/1.1 refuses it (RFC 9113 3.4)."""

FRAME_HEADER_BYTES = 9
MAX_PAYLOAD_BYTES = 16_384
"""The most that a frame may carry unless the receiver allows more (RFC 9113 4.2)."""

_LENGTHS = 1 << 24
_STREAMS = 1 << 31


class FrameType(IntEnum):
    """What a frame is; each has its clause in RFC 9113 6, in this order."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = FrameType

_FLAGS: dict[int, dict[int, str]] = {
    DATA: {0x1: "END_STREAM", 0x8: "PADDED"},
    HEADERS: {0x1: "END_STREAM", 0x4: "END_HEADERS", 0x8: "PADDED", 0x20: "PRIORITY"},
    SETTINGS: {0x1: "ACK"},
    PUSH_PROMISE: {0x4: "END_HEADERS", 0x8: "PADDED"},
    PING: {0x1: "ACK"},
    CONTINUATION: {0x4: "END_HEADERS"},
}
_SETTINGS = {
    1: "HEADER_TABLE_SIZE",
    2: "ENABLE_PUSH",
    3: "MAX_CONCURRENT_STREAMS",
    4: "INITIAL_WINDOW_SIZE",
    5: "MAX_FRAME_SIZE",
    6: "MAX_HEADER_LIST_SIZE",
    8: "ENABLE_CONNECT_PROTOCOL",  # RFC 8441 3
}


_ERRORS = (
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
)


def error_name(code: int) -> str:
    """Name an error code, as RST_STREAM and GOAWAY carry it.

    Args:
        code: From 0.

    Spec: RFC 9113 7
    """
    return _ERRORS[code] if 0 <= code < len(_ERRORS) else f"error {code}"


@dataclass(frozen=True, slots=True)
class Http2Frame:
    """One whole frame.

    Attributes:
        type: From 0 to 255, unknown ones included; compare it with :class:`FrameType`.
        flags: Eight bits; what each means depends on the type.
        stream_id: From 0 to 2,147,483,647; 0 is the connection itself.
        payload: The bytes carried, padding included.
    """

    type: int
    flags: int
    stream_id: int
    payload: bytes

    @property
    def name(self) -> str:
        """The type's name, such as ``"DATA"``; a number for an unknown one."""
        return FrameType(self.type).name if self.type in _KNOWN else f"type {self.type}"

    @property
    def flag_names(self) -> tuple[str, ...]:
        """The names of the flags that are set; those without a meaning for this type are ignored (4.1)."""
        return tuple(name for bit, name in _FLAGS.get(self.type, {}).items() if self.flags & bit)

    @property
    def clause(self) -> str:
        """The clause that explains this type of frame."""
        return f"RFC 9113 6.{self.type + 1}" if self.type in _KNOWN else "RFC 9113 5.5"

    @property
    def settings(self) -> dict[str, int]:
        """What a SETTINGS frame asks for, by name; empty for an acknowledgement and for other frames.

        Spec: RFC 9113 6.5.1, 6.5.2; RFC 8441 3
        """
        if self.type != SETTINGS:
            return {}
        entries = (self.payload[at : at + 6] for at in range(0, len(self.payload) - 5, 6))
        pairs = ((int.from_bytes(entry[:2]), int.from_bytes(entry[2:])) for entry in entries)
        return {_SETTINGS.get(code, f"setting {code}"): value for code, value in pairs}


_KNOWN = frozenset(FrameType)


def encode_http2_frame(frame: Http2Frame) -> bytes:
    """Write one frame; it is laid out as asked, even where the rules forbid to send it.

    Args:
        frame: The frame.

    Returns:
        Length, type, flags and stream identifier in nine bytes, then the payload.

    Raises:
        InputError: A part does not fit its field.

    Spec: RFC 9113 4.1
    """
    fields = ((frame.type, 256), (frame.flags, 256), (frame.stream_id, _STREAMS), (len(frame.payload), _LENGTHS))
    if not all(0 <= value < limit for value, limit in fields):
        raise InputError("A frame has 8 bits of type and of flags, 31 of stream, and 24 of length.")
    head = len(frame.payload).to_bytes(3) + bytes((frame.type, frame.flags)) + frame.stream_id.to_bytes(4)
    return head + frame.payload


class Http2FrameDecoder:
    """Cuts the bytes of one direction into frames, however they were cut into chunks.

    Args:
        max_payload_bytes: The most that a frame may carry, from 16,384 to 16,777,215.
    """

    def __init__(self, max_payload_bytes: int = MAX_PAYLOAD_BYTES) -> None:
        self._max_payload_bytes = max_payload_bytes
        self._buffer = bytearray()

    @property
    def unfinished_bytes(self) -> int:
        """How much is there of a frame that is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Http2Frame]:
        """Take the next bytes, behind the preface.

        Args:
            data: Any number of bytes; frames may begin and end anywhere.

        Returns:
            The frames that these bytes complete, in order.

        Raises:
            RemoteProtocolError: A frame is longer than the receiver allows.

        Spec: RFC 9113 4.1, 4.2
        """
        buffer, frames, at = self._buffer, [], 0
        buffer += data
        while len(buffer) - at >= FRAME_HEADER_BYTES:
            payload_bytes = int.from_bytes(buffer[at : at + 3])
            if payload_bytes > self._max_payload_bytes:
                raise RemoteProtocolError("A frame is longer than the receiver allows.", spec="RFC 9113 4.2")
            start = at + FRAME_HEADER_BYTES
            if start + payload_bytes > len(buffer):
                break
            # The first bit of the stream's four bytes is reserved: a receiver ignores it.
            stream_id = int.from_bytes(buffer[at + 5 : start]) % _STREAMS
            payload = bytes(buffer[start : start + payload_bytes])
            frames.append(Http2Frame(buffer[at + 3], buffer[at + 4], stream_id, payload))
            at = start + payload_bytes
        del buffer[:at]
        return frames
