"""The receiving half of a WebSocket connection: bytes from the peer to events, judged by every rule of receipt.

Bytes are judged as soon as they are there, not when a frame is whole: a header, a piece of text, an announced
length. The payload of a message goes straight to its assembler, so only an unfinished header or control frame
(at most 130 bytes) is ever kept to be read again.

Spec: RFC 6455 5, 6.2, 7.1.7, 8.1; RFC 7692 6.2
"""

from __future__ import annotations

from rtlab.codecs.deflate import Inflater
from rtlab.codecs.websocket_close import parse_close_payload
from rtlab.codecs.websocket_events import (
    BinaryMessage,
    CloseReceived,
    Event,
    PingReceived,
    PongReceived,
    ProtocolViolation,
    TextMessage,
)
from rtlab.codecs.websocket_frames import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    FrameHeader,
    apply_mask,
    parse_header,
)
from rtlab.codecs.websocket_message import MessageAssembler
from rtlab.errors import RemoteProtocolError

Item = str | bytes | Event
"""A text message, a binary message, or what else can come."""

_WHOLE_TEXT = 0x80 | TEXT
_WHOLE_BINARY = 0x80 | BINARY


class EventDecoder:
    """Turns the bytes of one peer into events, however they were cut into chunks.

    Args:
        peer_masks: Whether the peer is a client, which must mask every frame; a server must mask none.
        max_message_bytes: The longest message to accept, fragments added up.
        max_fragments: The most frames that one message may have.
        inflater: What restores the peer's compressed messages; None if no compression was agreed on.

    Attributes:
        finished: Whether a close frame or a violation has come; bytes after it are ignored.
    """

    __slots__ = (
        "_assembler",
        "_compresses",
        "_frame",
        "_frame_received",
        "_max_message_bytes",
        "_peer_masks",
        "_rest",
        "finished",
    )

    def __init__(
        self, peer_masks: bool, max_message_bytes: int, max_fragments: int, inflater: Inflater | None = None
    ) -> None:
        self.finished = False
        self._peer_masks = peer_masks
        self._max_message_bytes = max_message_bytes
        self._compresses = inflater is not None
        self._assembler = MessageAssembler(max_message_bytes, max_fragments, inflater)
        self._frame: FrameHeader | None = None
        self._frame_received = 0
        self._rest = b""

    def feed(self, data: bytes | memoryview) -> list[Event]:
        """Take the next bytes from the peer; the same as :meth:`read`, with messages as events."""
        return [as_event(item) for item in self.read(data)]

    def read(self, data: bytes | memoryview) -> list[Item]:
        """Take the next bytes from the peer.

        Args:
            data: Any number of bytes; frames may begin and end anywhere.

        Returns:
            What these bytes complete, in order: a text for a text message, bytes for a binary one, and what else
            came as events. A close frame or a violation comes last.
        """
        events: list[Item] = []
        if not self.finished:
            try:
                self._rest = self._decode(self._rest + bytes(data), events)
            except RemoteProtocolError as error:
                events.append(ProtocolViolation(error.close_code or 1002, error.message, error.spec))
                self.finished = True
        return events

    def _decode(self, data: bytes, events: list[Item]) -> bytes:
        """Read as many frames as there are; give back the bytes that wait for more."""
        position = 0
        while not self.finished:
            if self._frame is None:
                if not self._assembler.in_progress:
                    position = self._read_whole_messages(data, position, events)
                header = parse_header(data, position)
                if header is None:
                    break
                self._check(header)
                if header.opcode >= CLOSE:
                    stop = position + header.header_bytes + header.payload_bytes
                    if stop > len(data):
                        break
                    events.append(self._read_control(header, data[stop - header.payload_bytes : stop]))
                    position = stop
                    continue
                self._assembler.begin_frame(header)
                self._frame, self._frame_received = header, 0
                position += header.header_bytes
            position = self._read_payload(self._frame, data, position, events)
            if self._frame is not None:
                break
        return data[position:]

    def _read_whole_messages(self, data: bytes, position: int, events: list[Item]) -> int:
        """Read messages for as long as each is one whole frame of less than 64 KiB.

        This is the usual case, and several times faster than the exact way. It accepts nothing that the exact way
        refuses: where anything is unusual it stops in front of the frame.
        """
        end = len(data)
        limit = self._max_message_bytes
        mask_bit, key_bytes = (0x80, 4) if self._peer_masks else (0, 0)
        while end - position >= 2:
            first = data[position]
            if first != _WHOLE_TEXT and first != _WHOLE_BINARY:
                break
            length = data[position + 1] ^ mask_bit  # at least 128 if the mask bit is wrong
            start = position + 2 + key_bytes
            if length > 125:
                if length > 126:
                    break
                length = int.from_bytes(data[position + 2 : position + 4])
                start += 2
                if length < 126:
                    break
            stop = start + length
            if stop > end or length > limit:
                break
            payload = data[start:stop]
            if mask_bit:
                payload = apply_mask(payload, data[start - 4 : start])
            if first == _WHOLE_BINARY:
                events.append(payload)
            else:
                try:
                    events.append(payload.decode())
                except UnicodeDecodeError:
                    break
            position = stop
        return position

    def _check(self, header: FrameHeader) -> None:
        # The one place where reserved bits are judged.
        if header.rsv2 or header.rsv3 or (header.rsv1 and not self._compresses):
            raise RemoteProtocolError(
                "A reserved bit is set, but no extension was agreed on.", close_code=1002, spec="RFC 6455 5.2"
            )
        if header.rsv1 and header.opcode not in (TEXT, BINARY):
            raise RemoteProtocolError(
                "RSV1 is set, but not on the first frame of a message.", close_code=1002, spec="RFC 7692 6.1"
            )
        header.check()
        if self._peer_masks != (header.masking_key is not None):
            rule = "A client must mask every frame." if self._peer_masks else "A server must not mask a frame."
            raise RemoteProtocolError(rule, close_code=1002, spec="RFC 6455 5.1")

    def _read_control(self, header: FrameHeader, payload: bytes) -> Event:
        if header.masking_key is not None:
            payload = apply_mask(payload, header.masking_key)
        if header.opcode == CLOSE:
            code, reason = parse_close_payload(payload)
            self.finished = True
            return CloseReceived(code, reason)
        return PingReceived(payload) if header.opcode == PING else PongReceived(payload)

    def _read_payload(self, frame: FrameHeader, data: bytes, position: int, events: list[Item]) -> int:
        """Hand over what is there of a data frame's payload."""
        piece = data[position : position + frame.payload_bytes - self._frame_received]
        position += len(piece)
        if frame.masking_key is not None:
            turn = self._frame_received % 4
            piece = apply_mask(piece, frame.masking_key[turn:] + frame.masking_key[:turn])
        self._frame_received += len(piece)
        frame_is_whole = self._frame_received == frame.payload_bytes
        if frame_is_whole:
            self._frame = None
        message = self._assembler.add(piece, is_last=frame_is_whole and frame.fin)
        if message is not None:
            events.append(message.text if isinstance(message, TextMessage) else message.data)
        return position


def as_event(item: Item) -> Event:
    """Give a message as an event, and an event as it is."""
    if isinstance(item, str):
        return TextMessage(item)
    return BinaryMessage(item) if isinstance(item, bytes) else item
