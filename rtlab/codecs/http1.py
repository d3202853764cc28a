"""HTTP/1.1 messages: bytes to heads and bodies, and back.

::

    bytes ─► ResponseDecoder.feed ─► ResponseHead, BodyData, BodyData ..., EndOfMessage

The decoders are strict: where RFC 9112 lets a recipient choose between guessing and refusing, they refuse. A
request is smuggled past a proxy when the proxy and the server guess differently. After an error a decoder is of no
more use: close the connection.

Heads live in ``http1_heads``, bodies in ``http1_body``; everything is found here.

Spec: RFC 9112
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from rtlab.codecs.http1_body import (
    LAST_CHUNK,
    BodyData,
    BodyReader,
    CloseDelimitedBody,
    EndOfMessage,
    LengthBody,
    declared_body,
    encode_chunk,
)
from rtlab.codecs.http1_heads import (
    Headers,
    RequestHead,
    ResponseHead,
    encode_request_head,
    encode_response_head,
    parse_request_head,
    parse_response_head,
)
from rtlab.errors import RemoteProtocolError

__all__ = [
    "LAST_CHUNK",
    "BodyData",
    "EndOfMessage",
    "Headers",
    "RequestDecoder",
    "RequestHead",
    "ResponseDecoder",
    "ResponseHead",
    "encode_chunk",
    "encode_request_head",
    "encode_response_head",
]

_END_OR_BARE = re.compile(rb"\r\n\r\n|(?<!\r)\n|\r[^\n]")
"""The end of a head, or half a line end; whichever comes first."""
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(?::[0-9]*)?")

_Head = TypeVar("_Head", RequestHead, ResponseHead)


class _MessageDecoder(ABC, Generic[_Head]):
    """Reads one message: heads until one starts a body, then the body, then keeps the rest."""

    _passes_over_empty_lines = False

    def __init__(self, max_head_bytes: int) -> None:
        self._max_head_bytes = max_head_bytes
        self._head = bytearray()
        self._body: BodyReader | None = None
        self._over = False
        self._rest = bytearray()

    @property
    def rest(self) -> bytes:
        """The bytes after the message: the start of the next one, or of another protocol after a 101."""
        return bytes(self._rest)

    def feed(self, data: bytes) -> list[_Head | BodyData | EndOfMessage]:
        """Take bytes from the connection.

        Args:
            data: What came, in pieces of any size.

        Returns:
            What it completes, in order; often nothing.

        Raises:
            RemoteProtocolError: The peer broke a rule of HTTP; the error names the clause.
        """
        events: list[_Head | BodyData | EndOfMessage] = []
        while not self._over:
            if self._body is None:
                block_and_rest = self._take_head(data)
                if block_and_rest is None:
                    return events
                block, data = block_and_rest
                head = self._parse(block)
                self._begin(head)
                events.append(head)
                continue
            piece, rest = self._body.feed(data)
            if piece:
                events.append(BodyData(piece))
            if rest is None:
                return events
            events.append(EndOfMessage())
            self._over = True
            data = rest
        self._rest += data
        return events

    def _take_head(self, data: bytes) -> tuple[bytes, bytes] | None:
        searched = max(0, len(self._head) - 3)
        self._head += data
        while self._passes_over_empty_lines and self._head.startswith(b"\r\n"):
            del self._head[:2]
        found = _END_OR_BARE.search(self._head, searched)
        if (found.end() if found else len(self._head)) > self._max_head_bytes:
            raise RemoteProtocolError(f"The head is longer than {self._max_head_bytes} bytes.", spec="RFC 9110 5.4")
        if found is None:
            return None
        if found[0] != b"\r\n\r\n":
            raise RemoteProtocolError("The head holds a CR or an LF without the other.", spec="RFC 9112 2.2")
        block, rest = bytes(self._head[: found.start()]), bytes(self._head[found.end() :])
        self._head.clear()
        return block, rest

    @abstractmethod
    def _parse(self, block: bytes) -> _Head:
        """Read a head."""

    @abstractmethod
    def _begin(self, head: _Head) -> None:
        """Choose what follows the head: a body, another head, or no more of this message."""


class ResponseDecoder(_MessageDecoder[ResponseHead]):
    """Reads one response, interim ones (100, 103) before it included.

    ``feed`` gives each head, then the body in pieces, then ``EndOfMessage``. After a 101 comes nothing more: the
    bytes that follow belong to the new protocol and are found in ``rest``. For the next response of the connection,
    make a new decoder and feed it ``rest``.

    Args:
        request_method: The method that was asked with; the answer to HEAD has no body.
        max_head_bytes: The longest head to accept.

    Spec: RFC 9112 6.3
    """

    def __init__(self, *, request_method: str = "GET", max_head_bytes: int = 65536) -> None:
        super().__init__(max_head_bytes)
        self._request_method = request_method

    def end(self) -> list[ResponseHead | BodyData | EndOfMessage]:
        """Take note that the peer has closed the connection.

        Returns:
            ``EndOfMessage`` if that is how this body ends, nothing if the message was over already.

        Raises:
            RemoteProtocolError: The response is cut short, or none came.

        Spec: RFC 9112 8
        """
        if self._over:
            return []
        if self._body is None:
            raise RemoteProtocolError("The peer closed before it had sent a whole head.", spec="RFC 9112 8")
        self._body.end()
        self._over = True
        return [EndOfMessage()]

    def _parse(self, block: bytes) -> ResponseHead:
        return parse_response_head(block)

    def _begin(self, head: ResponseHead) -> None:
        tunnel = self._request_method == "CONNECT" and 200 <= head.status < 300
        if head.status == 101 or tunnel:
            self._over = True
        elif head.status >= 200:
            bodiless = self._request_method == "HEAD" or head.status in (204, 304)
            self._body = LengthBody(0) if bodiless else declared_body(head) or CloseDelimitedBody()


class RequestDecoder(_MessageDecoder[RequestHead]):
    """Reads one request; its errors carry the status 400 to answer with.

    ``feed`` gives the head, then the body in pieces, then ``EndOfMessage``. For the next request of the connection,
    make a new decoder and feed it ``rest``.

    Args:
        max_head_bytes: The longest head to accept.

    Spec: RFC 9112 3 and 6.3
    """

    # Old clients sent an empty line after a request (RFC 9112 2.2).
    _passes_over_empty_lines = True

    def __init__(self, *, max_head_bytes: int = 65536) -> None:
        super().__init__(max_head_bytes)

    def feed(self, data: bytes) -> list[RequestHead | BodyData | EndOfMessage]:
        """Take bytes from the connection.

        Args:
            data: What came, in pieces of any size.

        Returns:
            What it completes, in order; often nothing.

        Raises:
            RemoteProtocolError: The client broke a rule of HTTP; the error names the clause and the status.
        """
        try:
            return super().feed(data)
        except RemoteProtocolError as error:
            error.status = 400
            raise

    def _parse(self, block: bytes) -> RequestHead:
        return parse_request_head(block)

    def _begin(self, head: RequestHead) -> None:
        hosts = head.get_all("Host")
        if len(hosts) > 1 or not (hosts or head.version == "HTTP/1.0"):
            raise RemoteProtocolError(f"One Host field is needed; {len(hosts)} came.", spec="RFC 9112 3.2")
        if hosts and not _HOST.fullmatch(hosts[0]):
            raise RemoteProtocolError(f"The Host {hosts[0]!r:.60} is malformed.", spec="RFC 9112 3.2")
        self._body = declared_body(head) or LengthBody(0)
