"""WebSocket frames, every byte named; a frame that breaks a rule is named like any other, with the rule.

Spec: RFC 6455 5 and 7.4; RFC 7692 6
"""

from __future__ import annotations

import codecs
from typing import Literal

from rtlab.codecs.dissect_cursor import Cursor, counted, quoted, with_rules
from rtlab.codecs.websocket_close import parse_close_payload
from rtlab.codecs.websocket_frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MAX_CONTROL_PAYLOAD_BYTES,
    PING,
    PONG,
    TEXT,
    apply_mask,
)
from rtlab.errors import RemoteProtocolError

Compression = Literal["agreed", "not agreed", "unknown"]
"""Whether the opening handshake agreed on permessage-deflate; unknown if it was not seen."""

_LAYER = "WebSocket"
_LAYOUT = "RFC 6455 5.2"
_KINDS: dict[int, str] = {TEXT: "text message", BINARY: "binary message"}
_CONTROLS: dict[int, str] = {
    CLOSE: "Close: the sender will send nothing more.",
    PING: "Ping: asks for a sign of life.",
    PONG: "Pong: a sign of life.",
}
_CLOSE_CODES = {
    1000: "a normal end",
    1001: "going away, as when a page is left",
    1002: "a rule of the protocol was broken",
    1003: "this type of data is not accepted",
    1007: "the data does not fit its type, such as text that is not UTF-8",
    1008: "a policy of the receiver was broken",
    1009: "the message is too big",
    1010: "the client misses an extension",
    1011: "something unexpected happened",
    1012: "the server restarts",
    1013: "try again later",
    1014: "a gateway got a bad answer",
}
_NOT_UTF8 = "A text message must be UTF-8 (RFC 6455 8.1)."
# First bytes of a stream of frames: FIN or not, or FIN and RSV1, with an opcode that may come first.
_FIRST_BYTES = frozenset(
    (TEXT, BINARY, *(0x80 | opcode for opcode in (*_KINDS, *_CONTROLS)), 0xC0 | TEXT, 0xC0 | BINARY)
)


def looks_like_frames(data: bytes) -> bool:
    """Tell whether bytes start with a byte that the first frame of a connection may start with."""
    return data[:1] != b"" and data[0] in _FIRST_BYTES


def dissect_frames(cursor: Cursor, *, from_client: bool, compression: Compression) -> None:
    """Name the bytes of one direction of an open WebSocket connection.

    Args:
        cursor: Stands after the opening handshake.
        from_client: Whether the client sent them, and so must have masked them.
        compression: What the opening handshake said.
    """
    reader = _FrameReader(cursor, from_client, compression)
    while cursor.left and not reader.closed:
        reader.read_frame()
    rules = ["Nothing may follow a close frame (RFC 6455 5.5.1)."]
    text = with_rules("The receiver ignores these bytes.", rules)
    cursor.take_rest(_LAYER, "bytes after the close frame", text, "RFC 6455 5.5.1")


class _Message:
    """What is known of a message while its fragments come in; ``kind`` is None if its first one never came."""

    def __init__(self, kind: int | None, *, compressed: bool) -> None:
        self.name = "message" if kind is None else _KINDS[kind]
        self.is_compressed = compressed
        self._is_text = kind == TEXT and not compressed
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    @property
    def ends_inside_character(self) -> bool:
        """Whether the text so far ends with half a character."""
        return self._is_text and bool(self._utf8.getstate()[0])

    def read(self, payload: bytes, *, is_last: bool) -> tuple[str, list[str]]:
        """Give the meaning of a fragment's payload, and the rules that it breaks."""
        if self.is_compressed:
            return f"{counted(len(payload))}, compressed with permessage-deflate.", []
        if not self._is_text:
            return f"{counted(len(payload))} of a {self.name}.", []
        try:
            return f"{quoted(self._utf8.decode(payload, is_last))}.", []
        except UnicodeDecodeError:
            self._is_text = False  # one report for a message is enough
            return f"{quoted(payload.decode('utf-8', 'replace'))}.", [_NOT_UTF8]


class _FrameReader:
    def __init__(self, cursor: Cursor, from_client: bool, compression: Compression) -> None:
        self.closed = False
        self._cursor = cursor
        self._from_client = from_client
        self._compression = compression
        self._message: _Message | None = None

    def read_frame(self) -> None:
        cursor = self._cursor
        (first,) = cursor.peek(1)
        opcode, fin = first & 0x0F, first >= 0x80
        cursor.take(1, _LAYER, "FIN, RSV and opcode", self._read_first_byte(first), _LAYOUT)
        header = self._take_length(opcode, fin)
        if header is None:
            return
        length_bytes, masked = header
        masking_key = cursor.peek(4) if masked else bytes(4)
        text = "Each byte of the payload was XORed with one of these, in turn. The key is no secret."
        if not cursor.take(4 if masked else 0, _LAYER, "masking key", text, "RFC 6455 5.3"):
            return
        payload = cursor.peek(length_bytes)
        if masked:
            payload = apply_mask(payload, masking_key)
        unmasked = "Unmasked: " if masked else ""
        if opcode == CLOSE:
            self._take_close_payload(payload, length_bytes, unmasked)
            return
        rules: list[str] = []
        text, spec = f"{counted(len(payload))}.", _LAYOUT
        if opcode in _CONTROLS:
            text = f"{quoted(payload.decode('utf-8', 'replace'))}. A pong repeats the payload of its ping."
            spec = "RFC 6455 5.5.2"
        elif opcode in (CONTINUATION, TEXT, BINARY) and self._message:
            text, rules = self._message.read(payload, is_last=fin and len(payload) == length_bytes)
            spec = "RFC 7692 6.2" if self._message.is_compressed else "RFC 6455 5.6"
            if fin:
                self._message = None
        cursor.take(length_bytes, _LAYER, "payload", with_rules(unmasked + text, rules), spec)

    def _read_first_byte(self, first: int) -> str:
        opcode, fin = first & 0x0F, first >= 0x80
        rules = ["RSV2 and RSV3 are reserved (RFC 6455 5.2)."] if first & 0x30 else []
        meaning = ""
        if opcode in _CONTROLS:
            meaning = _CONTROLS[opcode]
            if not fin:
                rules.append("A control frame must not be fragmented (RFC 6455 5.5).")
        elif opcode == CONTINUATION:
            if self._message is None:
                rules.append("A continuation frame came, but no message has begun (RFC 6455 5.4).")
                self._message = _Message(None, compressed=False)
            meaning = f"{'The last' if fin else 'A further'} fragment of a {self._message.name}."
        elif opcode in _KINDS:
            if self._message is not None:
                rules.append("A new message began before the last fragment of the one before (RFC 6455 5.4).")
            self._message = _Message(opcode, compressed=first & 0x40 != 0 and self._compression != "not agreed")
            meaning = f"A {_KINDS[opcode]}{'.' if fin else ' begins; more fragments follow.'}"
        else:
            rules.append(f"Opcode {opcode} is reserved (RFC 6455 5.2).")
        if first & 0x40:
            if self._compression == "not agreed":
                rules.append("RSV1 is set, but no extension was agreed on (RFC 6455 5.2).")
            elif opcode not in _KINDS:
                rules.append("RSV1 belongs on the first frame of a message only (RFC 7692 6.1).")
            else:
                condition = ", if permessage-deflate was agreed on" if self._compression == "unknown" else ""
                meaning += f" RSV1: the message is compressed{condition}."
        return with_rules(f"FIN={first >> 7} RSV={first >> 4 & 7:03b} opcode={opcode:x}. {meaning}", rules)

    def _take_length(self, opcode: int, fin: bool) -> tuple[int, bool] | None:
        """Name the bytes of the length; give it, and whether a masking key follows. None if bytes are missing."""
        cursor = self._cursor
        if not cursor.left:
            return None
        (second,) = cursor.peek(1)
        masked, length = second >= 0x80, second & 0x7F
        rules = []
        if masked != self._from_client:
            who = "A client must mask every frame" if self._from_client else "A server must not mask a frame"
            rules.append(f"{who} (RFC 6455 5.1).")
        if opcode in _CONTROLS and length > MAX_CONTROL_PAYLOAD_BYTES:
            rules.append(f"A control frame carries at most {MAX_CONTROL_PAYLOAD_BYTES} bytes (RFC 6455 5.5).")
        if opcode == CONTINUATION and fin and not length and self._message and self._message.ends_inside_character:
            rules.append(_NOT_UTF8)
        extended_bytes = {126: 2, 127: 8}.get(length, 0)
        what = (
            f"the length follows in {extended_bytes} bytes" if extended_bytes else f"{counted(length)} of payload"
        )
        text = f"MASK={second >> 7} length={length}: {'masked' if masked else 'not masked'}, {what}."
        cursor.take(1, _LAYER, "mask bit and length", with_rules(text, rules), _LAYOUT)
        if not extended_bytes:
            return length, masked
        length = int.from_bytes(cursor.peek(extended_bytes))
        text = with_rules(f"{counted(length)} of payload.", _extended_length_rules(length, extended_bytes))
        if cursor.left < extended_bytes:
            text = f"The length in {extended_bytes} bytes."
        is_whole = cursor.take(extended_bytes, _LAYER, "extended length", text, _LAYOUT)
        return (length, masked) if is_whole else None

    def _take_close_payload(self, payload: bytes, length_bytes: int, unmasked: str) -> None:
        code_bytes = min(2, length_bytes)
        code = int.from_bytes(payload[:2])
        meaning = _CLOSE_CODES.get(code, "for applications and libraries" if 3000 <= code < 5000 else "no meaning")
        text = f"{code}: {meaning}." if len(payload) >= 2 else "The reason as a number."
        rules: list[str] = []
        if len(payload) >= code_bytes:
            rules = _close_code_rules(payload[:2])
        self._cursor.take(code_bytes, _LAYER, "close code", with_rules(unmasked + text, rules), "RFC 6455 7.4")
        reason = payload[2:]
        rules = []
        try:
            text, _ = codecs.utf_8_decode(reason, "strict", len(payload) == length_bytes)
        except UnicodeDecodeError:
            text = reason.decode("utf-8", "replace")
            rules = ["The reason must be UTF-8 (RFC 6455 5.5.1)."]
        text = with_rules(f"{unmasked}{quoted(text)}: words for a log.", rules)
        self._cursor.take(length_bytes - code_bytes, _LAYER, "close reason", text, "RFC 6455 5.5.1")
        self.closed = True


def _extended_length_rules(length: int, extended_bytes: int) -> list[str]:
    rules = []
    if length < (126 if extended_bytes == 2 else 65536):
        rules.append("A length must be written in its shortest form (RFC 6455 5.2).")
    if length >> 63:
        rules.append("The top bit of a 64-bit length must be 0 (RFC 6455 5.2).")
    return rules


def _close_code_rules(code: bytes) -> list[str]:
    try:
        parse_close_payload(code)
    except RemoteProtocolError as error:
        return [str(error)]
    return []
