"""One WebSocket message, put together from its frames as their bytes come in.

A message is one text or binary frame, followed by continuation frames if its ``fin`` bit is not set. Limits are
judged by what a frame header announces, and text is checked piece by piece: a message that cannot become a good
one is refused at the first byte that shows it. A compressed message is restored piece by piece, too: its limit
holds for what is restored.

Spec: RFC 6455 5.4, 5.6, 8.1, 10.4; RFC 7692 6.2
"""

from __future__ import annotations

import codecs

from rtlab.codecs.deflate import Inflater
from rtlab.codecs.websocket_events import BinaryMessage, TextMessage
from rtlab.codecs.websocket_frames import CONTINUATION, TEXT, FrameHeader
from rtlab.errors import RemoteProtocolError


class MessageAssembler:
    """Joins the frames of one message after the other.

    Args:
        max_message_bytes: The longest message to accept, fragments added up.
        max_fragments: The most frames that one message may have.
        inflater: What restores compressed messages, if compression was agreed on.

    Attributes:
        in_progress: Whether a message has begun and its last piece has not come.
    """

    __slots__ = (
        "_data",
        "_fragments",
        "_inflater",
        "_is_compressed",
        "_is_text",
        "_max_fragments",
        "_max_message_bytes",
        "_utf8_tail",
        "in_progress",
    )

    def __init__(self, max_message_bytes: int, max_fragments: int, inflater: Inflater | None = None) -> None:
        self.in_progress = False
        self._max_message_bytes = max_message_bytes
        self._max_fragments = max_fragments
        self._inflater = inflater
        self._fragments = 0
        self._is_text = False
        self._is_compressed = False
        self._data = bytearray()
        self._utf8_tail = b""

    def begin_frame(self, header: FrameHeader) -> None:
        """Take the header of the next data frame.

        Args:
            header: A header with opcode text, binary or continuation. RSV1 is set only on the first one of a
                message, and only if there is an inflater.

        Raises:
            RemoteProtocolError: The frame does not fit the one before (close code 1002), or makes the message
                too long or too fragmented (1009).
        """
        continues = header.opcode == CONTINUATION
        if continues and not self.in_progress:
            raise RemoteProtocolError(
                "A continuation frame came, but no message has begun.", close_code=1002, spec="RFC 6455 5.4"
            )
        if self.in_progress and not continues:
            raise RemoteProtocolError(
                "A new message began before the last fragment of the one before.",
                close_code=1002,
                spec="RFC 6455 5.4",
            )
        if not continues:
            self.in_progress = True
            self._is_text = header.opcode == TEXT
            self._is_compressed = header.rsv1
            self._fragments = 0
        self._fragments += 1
        if self._fragments > self._max_fragments:
            raise RemoteProtocolError(
                f"A message has at most {self._max_fragments} fragments here.",
                close_code=1009,
                spec="RFC 6455 10.4",
            )
        # Compressed, even a long payload may be a short message: that shows while it is restored.
        if not self._is_compressed and len(self._data) + header.payload_bytes > self._max_message_bytes:
            raise RemoteProtocolError(
                f"A message has at most {self._max_message_bytes} bytes here.",
                close_code=1009,
                spec="RFC 6455 10.4",
            )

    def add(self, piece: bytes, *, is_last: bool) -> TextMessage | BinaryMessage | None:
        """Take the next payload bytes of the frame that was begun.

        Args:
            piece: Unmasked payload, any number of bytes.
            is_last: Whether the message ends with this piece.

        Returns:
            The whole message with its last piece, else None.

        Raises:
            RemoteProtocolError: The text cannot become valid UTF-8, or a compressed message cannot be restored
                (close code 1007); a compressed message is too long (1009).
        """
        if self._is_compressed:
            assert self._inflater
            room_bytes = self._max_message_bytes - len(self._data)
            piece = self._inflater.inflate(piece, max_bytes=room_bytes, is_last=is_last)
        if self._is_text:
            self._check_utf8(piece, is_last=is_last)
        self._data += piece
        if not is_last:
            return None
        data = self._data
        self._data = bytearray()
        self.in_progress = False
        return TextMessage(data.decode()) if self._is_text else BinaryMessage(bytes(data))

    def _check_utf8(self, piece: bytes, *, is_last: bool) -> None:
        unchecked = self._utf8_tail + piece
        try:
            _, good_bytes = codecs.utf_8_decode(unchecked, "strict", is_last)
            tail = unchecked[good_bytes:]
            # The decoder waits for a third byte here, but ED A0 to ED BF can only become a surrogate.
            is_good = not b"\xed\xa0" <= tail < b"\xee"
        except UnicodeDecodeError:
            is_good = False
        if not is_good:
            raise RemoteProtocolError("A text message is not UTF-8.", close_code=1007, spec="RFC 6455 8.1")
        self._utf8_tail = tail
