"""WebSocket frames: the layout of RFC 6455 section 5.2, in both directions.

::

     byte 0                 byte 1                then                     then        then
    ┌───┬────────┬────────┐┌────┬────────────────┐┌──────────────────────┐┌───────────┐┌─────────┐
    │fin│rsv1,2,3│ opcode ││mask│ length 0..125, ││ 0, 2 or 8 bytes      ││ 0 or 4    ││ payload │
    │ 1 │   3    │   4    ││ 1  │ 126 or 127     ││ of extended length   ││ bytes key ││         │
    └───┴────────┴────────┘└────┴────────────────┘└──────────────────────┘└───────────┘└─────────┘

This file knows the layout, and what makes a frame legal by itself. Who masks, which frame may follow which, and
what is too long: :mod:`rtlab.codecs.websocket_decoder` judges that.

Spec: RFC 6455 5
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from rtlab.errors import InputError, RemoteProtocolError

MAX_CONTROL_PAYLOAD_BYTES = 125
"""The most that a close, ping or pong frame may carry."""


class Opcode(IntEnum):
    """What a frame is; the values not listed are reserved."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = Opcode

_OPCODES = frozenset(Opcode)

# One large integer is the fastest XOR for a short payload. For a long one, four passes of bytes.translate are up
# to 2.4 times faster, one for each byte of the key.
_LANES_FROM_BYTES = 1024


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """Everything of a frame but its payload.

    Attributes:
        opcode: From 0 to 15, reserved values included; compare it with :class:`Opcode`.
        fin: Whether the message ends with this frame.
        rsv1: First reserved bit; permessage-deflate uses it.
        rsv2: Second reserved bit.
        rsv3: Third reserved bit.
        masking_key: The four bytes that mask the payload, or None if it is not masked.
        payload_bytes: Length of the payload that follows.
        header_bytes: Length of this header on the wire, from 2 to 14.
    """

    opcode: int
    fin: bool
    rsv1: bool
    rsv2: bool
    rsv3: bool
    masking_key: bytes | None
    payload_bytes: int
    header_bytes: int

    def check(self) -> None:
        """Refuse a frame that is wrong whatever came before it.

        The reserved bits and the mask are not judged here: an extension and the role decide about them.

        Raises:
            RemoteProtocolError: The opcode is reserved, the length is not in its shortest form or has its top
                bit set, or a control frame is fragmented or too long; the close code is 1002.

        Spec: RFC 6455 5.2, 5.5
        """
        if self.opcode not in _OPCODES:
            raise _refused(f"Opcode {self.opcode} is reserved.", "RFC 6455 5.2")
        if self.payload_bytes >> 63:
            raise _refused("The top bit of a 64-bit length must be 0.", "RFC 6455 5.2")
        length_bytes = 1 if self.payload_bytes < 126 else 3 if self.payload_bytes < 65536 else 9
        key_bytes = 0 if self.masking_key is None else 4
        if self.header_bytes != 1 + length_bytes + key_bytes:
            raise _refused("A length must be written in its shortest form.", "RFC 6455 5.2")
        if self.opcode >= CLOSE:
            if not self.fin:
                raise _refused("A control frame must not be fragmented.", "RFC 6455 5.5")
            if self.payload_bytes > MAX_CONTROL_PAYLOAD_BYTES:
                raise _refused("A control frame carries at most 125 bytes.", "RFC 6455 5.5")


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame, its payload already unmasked.

    Attributes:
        opcode: From 0 to 15, reserved values included; compare it with :class:`Opcode`.
        payload: The bytes carried, as the sender meant them.
        fin: Whether the message ends with this frame.
        rsv1: First reserved bit; permessage-deflate uses it.
        rsv2: Second reserved bit.
        rsv3: Third reserved bit.
        masking_key: The four bytes that masked the payload on the wire, or None.
    """

    opcode: int
    payload: bytes
    fin: bool = True
    rsv1: bool = False
    rsv2: bool = False
    rsv3: bool = False
    masking_key: bytes | None = None


def parse_header(data: bytes | bytearray, offset: int = 0) -> FrameHeader | None:
    """Read the frame header that starts at an offset.

    Args:
        data: Bytes as they came from the wire.
        offset: Where the header starts, at least 0.

    Returns:
        The header, legal or not, or None while bytes of it are missing.

    Spec: RFC 6455 5.2
    """
    available_bytes = len(data) - offset
    if available_bytes < 2:
        return None
    first, second = data[offset], data[offset + 1]
    is_masked = second >= 0x80
    length = second & 0x7F
    extended_bytes = 0 if length < 126 else 2 if length == 126 else 8
    header_bytes = 2 + extended_bytes + 4 * is_masked
    if available_bytes < header_bytes:
        return None
    if extended_bytes:
        length = int.from_bytes(data[offset + 2 : offset + 2 + extended_bytes])
    stop = offset + header_bytes
    # By position: with names, a frozen dataclass takes more than twice as long to make.
    return FrameHeader(
        first & 0x0F,
        first & 0x80 != 0,
        first & 0x40 != 0,
        first & 0x20 != 0,
        first & 0x10 != 0,
        bytes(data[stop - 4 : stop]) if is_masked else None,
        length,
        header_bytes,
    )


def encode_frame(
    opcode: int,
    payload: bytes,
    *,
    fin: bool = True,
    rsv1: bool = False,
    masking_key: bytes | None = None,
) -> bytes:
    """Write one frame; it is laid out as asked, even where the rules forbid to send it.

    Args:
        opcode: From 0 to 15, see :class:`Opcode`.
        payload: The bytes to carry, not yet masked.
        fin: Whether the message ends with this frame.
        rsv1: First reserved bit; only an extension may set it.
        masking_key: Four bytes that no observer can guess, as a client must use; None for a server.

    Returns:
        The bytes for the wire.

    Raises:
        InputError: The opcode or the masking key does not fit its field.

    Spec: RFC 6455 5.2
    """
    if not 0 <= opcode <= 15:
        raise InputError(f"An opcode must be from 0 to 15, not {opcode}.")
    first = opcode | (0x80 if fin else 0) | (0x40 if rsv1 else 0)
    mask_bit = 0 if masking_key is None else 0x80
    length = len(payload)
    if length < 126:
        head = bytes((first, mask_bit | length))
    elif length < 65536:
        head = bytes((first, mask_bit | 126)) + length.to_bytes(2)
    else:
        head = bytes((first, mask_bit | 127)) + length.to_bytes(8)
    if masking_key is None:
        return head + payload
    return head + masking_key + apply_mask(payload, masking_key)


def apply_mask(data: bytes, masking_key: bytes) -> bytes:
    """Mask or unmask a payload; doing it twice gives the payload back.

    Args:
        data: The payload.
        masking_key: Four bytes; byte ``i`` of the payload is XORed with byte ``i % 4`` of it.

    Returns:
        As many bytes as came in.

    Raises:
        InputError: The masking key does not have four bytes.

    Spec: RFC 6455 5.3
    """
    if len(masking_key) != 4:
        raise InputError(f"A masking key has 4 bytes, not {len(masking_key)}.")
    size = len(data)
    if size < _LANES_FROM_BYTES:
        key_stream = (masking_key * (size // 4 + 1))[:size]
        return (int.from_bytes(data) ^ int.from_bytes(key_stream)).to_bytes(size)
    masked = bytearray(data)
    for lane, key_byte in enumerate(masking_key):
        masked[lane::4] = masked[lane::4].translate(_XOR_TABLES[key_byte])
    return bytes(masked)


# A table for each byte of a key: byte v becomes v XOR key byte.
_XOR_TABLES = [apply_mask(bytes(range(256)), bytes([key_byte] * 4)) for key_byte in range(256)]


class FrameDecoder:
    """Cuts a byte stream into frames, however the stream was cut into chunks.

    It shows every frame that can be read, legal or not, so that wrong bytes can be looked at too. A live
    connection uses :class:`rtlab.codecs.websocket_session.WebSocketSession`, which is strict.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes of the stream.

        Args:
            data: Any number of bytes; frames may begin and end anywhere.

        Returns:
            The frames that these bytes complete, in order.
        """
        frames = []
        buffer = self._buffer
        buffer += data
        offset = 0
        while (header := parse_header(buffer, offset)) is not None:
            start = offset + header.header_bytes
            stop = start + header.payload_bytes
            if stop > len(buffer):
                break
            payload = bytes(buffer[start:stop])
            key = header.masking_key
            frames.append(
                Frame(
                    opcode=header.opcode,
                    payload=payload if key is None else apply_mask(payload, key),
                    fin=header.fin,
                    rsv1=header.rsv1,
                    rsv2=header.rsv2,
                    rsv3=header.rsv3,
                    masking_key=key,
                )
            )
            offset = stop
        del buffer[:offset]
        return frames


def _refused(message: str, spec: str) -> RemoteProtocolError:
    return RemoteProtocolError(message, close_code=1002, spec=spec)
