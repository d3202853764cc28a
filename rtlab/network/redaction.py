"""Secrets do not stay in a capture: the values of secret header fields and parameters become asterisks.

Offsets and lengths stay true. Bodies are left alone, and so is all that follows a 101. To know where they are, the
decoders of HTTP/1.1 read along:

::

    line, line, empty line ─► body ─► line, line ...      nothing more is looked at after a 101, or with TLS
    └─── values masked ──┘            └ masked ...

What is not correct HTTP/1.1 cannot be read along with. From there on every line that looks like a secret field is
masked, wherever it stands and in both directions: rather too much than too little.
"""

from __future__ import annotations

import re
from collections import deque

from rtlab.codecs.dissect_fields import SECRET_PARAMETERS, is_secret_field
from rtlab.codecs.http1 import EndOfMessage, RequestDecoder, RequestHead, ResponseDecoder, ResponseHead
from rtlab.errors import RemoteProtocolError
from rtlab.records import Direction

_TLS_HANDSHAKE = b"\x16"
# To a lax receiver a CR alone ends a line, too.
_FIELD = re.compile(rb"(?:\A|\r)([^:\s]+)[ \t]*:[ \t]*")
_PARAMETER = re.compile(rb"(?i)[?&](?:%s)=" % "|".join(sorted(SECRET_PARAMETERS)).encode())
_VALUE_ENDS = re.compile(rb"[&#\s]")
_NAME_BYTES = 32
"""More than the longest name of a secret parameter, with its signs."""
_LINE_START_BYTES = 256
"""How much of a line is kept to find its name; no name of a secret field comes near."""
_ASTERISKS = bytes(byte if byte in b"\r\n" else ord("*") for byte in range(256))


class Redactor:
    """Takes the secrets out of the bytes of one connection, as they come."""

    def __init__(self) -> None:
        self._up = _Flow()
        self._down = _Flow()
        self._methods: deque[str] = deque()
        """Of the requests that have no answer yet."""
        self._is_opaque = False
        self._is_lost = False

    def redact(self, direction: Direction, data: bytes) -> bytes:
        """Take the secrets out of the next bytes of a direction.

        Args:
            direction: Which way they go.
            data: The bytes; a request is given before its answer.

        Returns:
            As many bytes.
        """
        flow = self._up if direction == "up" else self._down
        if not flow.has_begun:
            flow.has_begun = True
            self._is_opaque |= data[:1] == _TLS_HANDSHAKE
        done: list[bytes] = []
        at = 0
        while at < len(data) and not self._is_opaque:
            if flow.is_in_body and not self._is_lost:
                rest = self._read(flow, data[at:])
                if rest is None:
                    continue
                stop = len(data) - len(rest)
                done.append(data[at:stop])
            else:
                stop = data.find(b"\n", at) + 1 or len(data)
                done.append(flow.fields.mask(data[at:stop]))
                if not self._is_lost:
                    self._read(flow, done[-1])
            at = stop
        return b"".join((*done, data[at:]))

    def _read(self, flow: _Flow, data: bytes) -> bytes | None:
        """Read along; give what comes after the end of a message, or None if it is not HTTP/1.1."""
        if flow.decoder is None:
            flow.decoder = self._decoder(flow)
        try:
            events = flow.decoder.feed(data)
        except RemoteProtocolError:
            self._is_lost = True
            return None
        for event in events:
            if isinstance(event, RequestHead):
                self._methods.append(event.method)
                flow.is_in_body = True
            elif isinstance(event, ResponseHead):
                self._is_opaque = event.status == 101
                flow.is_in_body = event.status >= 200
            elif isinstance(event, EndOfMessage):
                rest = flow.decoder.rest
                flow.decoder, flow.is_in_body = None, False
                return rest
        return b""

    def _decoder(self, flow: _Flow) -> RequestDecoder | ResponseDecoder:
        if flow is self._up:
            return RequestDecoder()
        return ResponseDecoder(request_method=self._methods.popleft() if self._methods else "GET")


class _Flow:
    """How far one direction has been read."""

    def __init__(self) -> None:
        self.has_begun = False
        self.is_in_body = False
        self.decoder: RequestDecoder | ResponseDecoder | None = None
        self.fields = _FieldMask()


class _FieldMask:
    """Masks the values of secret fields in lines that come in pieces."""

    def __init__(self) -> None:
        self._start = b""
        self._is_secret = False
        """Whether the line before is; a folded line goes on with its value."""
        self._tail = b""
        self._in_parameter = False

    def mask(self, piece: bytes) -> bytes:
        """Mask a line, or a part of one; a line feed stands nowhere but at the end."""
        piece = self._without_parameters(piece)
        before = len(self._start)
        self._start = (self._start + piece)[:_LINE_START_BYTES]
        value_at = self._value_at()
        if value_at is not None:
            shown = max(0, value_at - before)
            piece = piece[:shown] + piece[shown:].translate(_ASTERISKS)
        if piece.endswith(b"\n"):
            self._start, self._is_secret = b"", value_at is not None
        return piece

    def _without_parameters(self, piece: bytes) -> bytes:
        """Mask the values of secret parameters, such as ``?token=...`` of a target or a ``Referer``."""
        text, shown, at = self._tail + piece, bytearray(piece), len(self._tail)
        first = at
        while at < len(text):
            if self._in_parameter:
                end = _VALUE_ENDS.search(text, at)
                stop = end.start() if end else len(text)
                shown[at - first : stop - first] = b"*" * (stop - at)
                at, self._in_parameter = stop, end is None
            else:
                names = _PARAMETER.finditer(text, max(0, at - _NAME_BYTES))
                ends = [name.end() for name in names if name.end() > at]
                at, self._in_parameter = (ends[0], True) if ends else (len(text), False)
        self._tail = b"" if piece.endswith(b"\n") else text[-_NAME_BYTES:]
        self._in_parameter &= not piece.endswith(b"\n")
        return bytes(shown)

    def _value_at(self) -> int | None:
        """Where in the line the secret starts, or None if there is none as far as one can see."""
        if self._start[:1] in (b" ", b"\t"):
            return len(self._start) - len(self._start.lstrip(b" \t")) if self._is_secret else None
        fields = _FIELD.finditer(self._start)
        return next((field.end() for field in fields if is_secret_field(field[1].decode("latin-1"))), None)
