"""Reads HTTP/1.1 along with the bytes of a connection, so that faults know what is a head and what is a body.

::

    bytes ─► HttpReader.read ─► pieces: one for a head, one for each part of a body      as they came after a 101

The bytes of all pieces together are the bytes that came. A head that has not come whole is kept back while faults
ask for whole heads. TLS, and what is not correct HTTP/1.1, passes unread.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from rtlab.codecs.http1 import BodyData, EndOfMessage, RequestDecoder, RequestHead, ResponseDecoder, ResponseHead
from rtlab.errors import RemoteProtocolError
from rtlab.network.faults.fault import Piece, Sign
from rtlab.records import Direction

_TLS_HANDSHAKE = b"\x16"
_MOST_KEPT_BYTES = 131_072


class HttpReader:
    """Reads both directions of one connection.

    Attributes:
        wants_heads: True to keep heads back until they are whole.
        is_opaque: True once nothing more can be read.
        answer: The head of the answer whose body is on its way, or None.
    """

    def __init__(self) -> None:
        self._flows: dict[Direction, _Flow] = {"up": _Flow(), "down": _Flow()}
        self._methods: deque[str] = deque()
        """Of the requests that have no answer yet."""
        self.is_opaque = False
        self.wants_heads = False
        self.answer: ResponseHead | None = None

    def read(self, piece: Piece) -> list[Piece]:
        """Take what came, and tell its parts apart.

        Args:
            piece: What came; a request is given before its answer.

        Returns:
            The same bytes, in pieces.
        """
        flow = self._flows[piece.direction]
        if isinstance(piece.data, Sign):
            return [*self._released(flow, piece), piece]
        if not flow.has_begun:
            flow.has_begun = True
            self.is_opaque |= piece.data[:1] == _TLS_HANDSHAKE
        parts: list[Piece] = []
        data, at = piece.data, 0
        while at < len(data) and not self.is_opaque:
            step = self._body if flow.is_in_body else self._line
            try:
                part, at = step(flow, piece, data, at)
            except RemoteProtocolError:
                self.is_opaque = True
                break
            if part:
                parts.append(part)
        if self.is_opaque:
            parts += self.release(piece.at_ns)  # of both directions: nothing will complete a head
        elif not self.wants_heads:
            parts += self._released(flow, piece)
        if at < len(data):
            parts.append(replace(piece, data=data[at:]))
        return parts if self.wants_heads else [piece]

    def release(self, at_ns: int) -> list[Piece]:
        """Give what is kept back, because nobody asks for whole heads any more."""
        return [part for way, flow in self._flows.items() for part in self._released(flow, Piece(way, b"", at_ns))]

    def _released(self, flow: _Flow, piece: Piece) -> list[Piece]:
        data, flow.kept = flow.kept, b""
        flow.is_partly_gone |= bool(data)
        return [Piece(piece.direction, data, piece.at_ns)] if data else []

    def _line(self, flow: _Flow, piece: Piece, data: bytes, at: int) -> tuple[Piece | None, int]:
        """Read one line of a head, or as much of it as has come; tell where the next one starts."""
        stop = data.find(b"\n", at) + 1 or len(data)
        if flow.decoder is None:
            flow.decoder = self._decoder(piece.direction)
        if len(flow.kept) > _MOST_KEPT_BYTES:  # such as empty lines without end, which a server passes over
            raise RemoteProtocolError("No request comes.")
        events = flow.decoder.feed(data[at:stop])
        flow.kept += data[at:stop]
        if not events:
            return None, stop
        head = events[0]
        assert isinstance(head, RequestHead | ResponseHead)
        is_over = len(events) > 1
        self._begin(flow, head, is_over)
        whole, flow.kept = flow.kept, b""
        was_cut, flow.is_partly_gone = flow.is_partly_gone, False
        known = None if was_cut else head
        return replace(piece, data=whole, head=known, ends_message=is_over), stop

    def _begin(self, flow: _Flow, head: RequestHead | ResponseHead, is_over: bool) -> None:
        flow.is_in_body = not is_over
        if isinstance(head, RequestHead):
            self._methods.append(head.method)
        elif head.status == 101:
            self.is_opaque = True
        elif head.status < 200:
            flow.is_in_body = False
            return  # the same decoder reads the final head
        else:
            self.answer = None if is_over else head
        if is_over:
            flow.decoder = None

    def _body(self, flow: _Flow, piece: Piece, data: bytes, at: int) -> tuple[Piece, int]:
        """Read what has come of a body; tell where it stops."""
        assert flow.decoder
        events = flow.decoder.feed(data[at:])
        body = b"".join(event.data for event in events if isinstance(event, BodyData))
        is_over = any(isinstance(event, EndOfMessage) for event in events)
        stop = len(data)
        if is_over:
            stop -= len(flow.decoder.rest)
            flow.decoder, flow.is_in_body = None, False
            if piece.direction == "down":
                self.answer = None
        return replace(piece, data=data[at:stop], body=body, ends_message=is_over), stop

    def _decoder(self, direction: Direction) -> RequestDecoder | ResponseDecoder:
        if direction == "up":
            return RequestDecoder()
        return ResponseDecoder(request_method=self._methods.popleft() if self._methods else "GET")


class _Flow:
    """How far one direction has been read."""

    def __init__(self) -> None:
        self.has_begun = False
        self.is_in_body = False
        self.decoder: RequestDecoder | ResponseDecoder | None = None
        self.kept = b""
        """The beginning of a head."""
        self.is_partly_gone = False
        """Whether some of this head was passed on before it was whole."""
