"""Counts messages in a stream of bytes at the least cost: nothing is made of a message but its first bytes.

Both counters take the bytes however they were cut, and give for each message that is complete its first
:data:`~rtlab.load.stamp.STAMP_BYTES` bytes. They find the messages that the exact codecs find. What the
codecs judge beside (UTF-8, names, ids) is left to the connections that are checked in full.
"""

from __future__ import annotations

import re
import secrets

from rtlab.codecs.websocket_close import encode_close_payload, parse_close_payload
from rtlab.codecs.websocket_frames import (
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    FrameHeader,
    encode_frame,
    parse_header,
)
from rtlab.errors import RemoteProtocolError
from rtlab.load.stamp import STAMP_BYTES

_WHOLE = (0x81, 0x82)  # a text or a binary message in one frame
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A whole block whose lines end with LF, one of them a data line: one event. Group 1 is how its data begins.
# Nothing is tried twice (the second plus), so that an unfinished block costs no more than a finished one.
_EVENT = re.compile(
    rb"(?:(?!data[:\n])[^\r\n]++\n)*+"
    rb"data(?:: ?([^\r\n]{0,%d}+)[^\r\n]*+)?\n"
    rb"(?:(?!data[:\n])[^\r\n]++\n)*+\n" % STAMP_BYTES
)
_LINE = re.compile(rb"([^\r\n]*+)(\r\n|\r|\n)")
_LINE_START_BYTES = len(_BYTE_ORDER_MARK + b"data: ") + STAMP_BYTES
"""So much of a line tells all that is asked here."""


class FrameCounter:
    """Counts the WebSocket messages of a server.

    Attributes:
        output: What must be written to the server: pongs, and the answer to its close frame.
        close_code: What the server's close frame said; None until it comes. Nothing is read behind it.

    Spec: RFC 6455 5
    """

    __slots__ = ("_header", "_in_message", "_left_bytes", "_rest", "_start", "close_code", "output")

    def __init__(self) -> None:
        self.output = b""
        self.close_code: int | None = None
        self._rest = b""
        self._header: FrameHeader | None = None
        self._left_bytes = 0
        self._in_message = False
        self._start = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes from the server.

        Args:
            data: Any number of bytes; frames may begin and end anywhere.

        Returns:
            The first bytes of each message that these bytes complete.

        Raises:
            RemoteProtocolError: A frame breaks the rules; close the connection.
        """
        starts: list[bytes] = []
        data, at, self._rest = self._rest + data, 0, b""
        while self.close_code is None:
            if self._header is None:
                if not self._in_message:
                    at = _whole_messages(data, at, starts)
                    if at == len(data):
                        break
                header = parse_header(data, at)
                if header is None:
                    self._rest = data[at:]
                    break
                self._check(header)
                stop = at + header.header_bytes
                if header.opcode >= CLOSE:
                    if stop + header.payload_bytes > len(data):
                        self._rest = data[at:]
                        break
                    at = stop + header.payload_bytes
                    self._take_control(header.opcode, data[stop:at])
                    continue
                at = stop
                self._header, self._left_bytes, self._in_message = header, header.payload_bytes, True
            piece = min(self._left_bytes, len(data) - at)
            if len(self._start) < STAMP_BYTES:
                self._start += data[at : at + min(piece, STAMP_BYTES - len(self._start))]
            self._left_bytes -= piece
            at += piece
            if self._left_bytes:
                break
            if self._header.fin:
                starts.append(self._start)
                self._start, self._in_message = b"", False
            self._header = None
        return starts

    def _check(self, header: FrameHeader) -> None:
        header.check()
        if header.rsv1 or header.rsv2 or header.rsv3 or header.masking_key is not None:
            raise RemoteProtocolError(
                "A server's frame is masked, or has a reserved bit.", spec="RFC 6455 5.1, 5.2"
            )
        if header.opcode < CLOSE and (header.opcode == CONTINUATION) != self._in_message:
            raise RemoteProtocolError("A fragment is out of its order.", spec="RFC 6455 5.4")

    def _take_control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.output += encode_frame(PONG, payload, masking_key=secrets.token_bytes(4))
        elif opcode == CLOSE:
            code, _ = parse_close_payload(payload)
            self.close_code = code
            answer = b"" if code == 1005 else encode_close_payload(code)
            self.output += encode_frame(CLOSE, answer, masking_key=secrets.token_bytes(4))


def _whole_messages(data: bytes, at: int, starts: list[bytes]) -> int:
    """Step over messages for as long as each is one whole frame of less than 64 KiB."""
    end = len(data)
    while end - at >= 2 and data[at] in _WHOLE:
        length = data[at + 1]
        start = at + 2
        if length >= 126:
            length = int.from_bytes(data[at + 2 : at + 4]) if length == 126 else 0
            start += 2
            if length < 126:
                break
        stop = start + length
        if stop > end:
            break
        starts.append(data[start : start + STAMP_BYTES] if length > STAMP_BYTES else data[start:stop])
        at = stop
    return at


class EventCounter:
    """Counts the events of an event stream, without its transfer coding.

    Spec: WHATWG HTML 9.2.5 and 9.2.6
    """

    __slots__ = ("_after_cr", "_first_line", "_line", "_start")

    def __init__(self) -> None:
        self._line = b""
        self._first_line = True
        self._after_cr = False
        self._start: bytes | None = None  # how the block's data begins; None while it has none

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes of the stream.

        Args:
            data: Any number of bytes; lines may begin and end anywhere.

        Returns:
            The first bytes of each event's data that these bytes complete.
        """
        starts: list[bytes] = []
        at = 0
        if self._after_cr and data:
            at = data.startswith(b"\n")
            self._after_cr = False
        while at < len(data):
            if self._start is None and not self._line and not self._first_line:
                while event := _EVENT.match(data, at):
                    starts.append(event[1] or b"")
                    at = event.end()
            line = _LINE.match(data, at)
            if line is None:
                self._line += data[at : at + _LINE_START_BYTES - len(self._line)]
                break
            at = line.end()
            self._after_cr = at == len(data) and line[2] == b"\r"
            self._take_line(self._line + line[1][:_LINE_START_BYTES], starts)
            self._line = b""
        return starts

    def _take_line(self, line: bytes, starts: list[bytes]) -> None:
        if self._first_line:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._first_line = False
        if not line:
            if self._start is not None:
                starts.append(self._start[:STAMP_BYTES])
                self._start = None
        elif self._start is None or len(self._start) < STAMP_BYTES:
            field, _, value = line.partition(b":")
            if field == b"data":
                value = value.removeprefix(b" ")
                self._start = value if self._start is None else b"\n".join((self._start, value))
