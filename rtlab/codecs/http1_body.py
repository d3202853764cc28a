"""The body of an HTTP/1.1 message: where it ends, and what is in it.

A body ends in one of three ways: after a declared number of bytes, with the last chunk, or when the connection
closes. Each way is one small reader.

Spec: RFC 9112 6 and 7
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn, Protocol

from rtlab.codecs.http1_heads import RequestHead, ResponseHead, parse_fields
from rtlab.errors import RemoteProtocolError

LAST_CHUNK = b"0\r\n\r\n"
"""Ends a chunked body."""

_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_PLAIN_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})\r\n")
_MAX_LINE_BYTES = 8192
"""Bounds a chunk's size line with its extensions, and the trailer section as a whole."""


@dataclass(frozen=True, slots=True)
class BodyData:
    """A piece of the body; where one piece ends and the next begins means nothing.

    Attributes:
        data: At least one byte.
    """

    data: bytes


@dataclass(frozen=True, slots=True)
class EndOfMessage:
    """The message is complete."""


def encode_chunk(data: bytes) -> bytes:
    """Write one chunk of a chunked body.

    Args:
        data: The chunk's content, any size. For no data nothing is written: an empty chunk would end the body.

    Returns:
        The bytes for the wire.

    Spec: RFC 9112 7.1
    """
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


class BodyReader(Protocol):
    """Tells the bytes of the body from those that follow it."""

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Give the body bytes in ``data``, and what follows the body, or None while it goes on."""

    def end(self) -> None:
        """Accept that the peer has closed, or raise RemoteProtocolError if that cuts the body short."""


class LengthBody:
    """A body of known length.

    Args:
        length_bytes: How many bytes it has, 0 or more.

    Spec: RFC 9112 6.2
    """

    def __init__(self, length_bytes: int) -> None:
        self._left_bytes = length_bytes

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Give the body bytes in ``data``, and what follows the body, or None while it goes on."""
        body = data[: self._left_bytes]
        self._left_bytes -= len(body)
        return body, None if self._left_bytes else data[len(body) :]

    def end(self) -> NoReturn:
        """Raise RemoteProtocolError: bytes were still to come."""
        raise RemoteProtocolError(
            f"The peer closed with {self._left_bytes} bytes of the body still to come.", spec="RFC 9112 8"
        )


class CloseDelimitedBody:
    """A body that lasts until the peer closes the connection.

    Spec: RFC 9112 6.3
    """

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Give all of ``data``; the body goes on."""
        return data, None

    def end(self) -> None:
        """Accept that the peer has closed: so ends such a body."""


class ChunkedBody:
    """A body in chunks, each with its size before it.

    Chunk extensions are ignored; trailer fields are checked and dropped.

    Spec: RFC 9112 7.1
    """

    def __init__(self) -> None:
        self._expected: Literal["size", "data", "line end", "trailer"] = "size"
        self._chunk_left_bytes = 0
        self._trailer_left_bytes = _MAX_LINE_BYTES
        self._held = b""

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Give the body bytes in ``data``, and what follows the body, or None while it goes on."""
        data = self._held + data
        self._held = b""
        pieces: list[bytes] = []
        at = 0
        while at < len(data):
            if self._expected == "size":
                at = _take_whole_chunks(data, at, pieces)
                after = self._read_size(data, at)
            elif self._expected == "data":
                piece = data[at : at + self._chunk_left_bytes]
                pieces.append(piece)
                after = at + len(piece)
                self._chunk_left_bytes -= len(piece)
                if not self._chunk_left_bytes:
                    self._expected = "line end"
            elif self._expected == "line end":
                after = self._read_line_end(data, at)
            else:
                after = self._read_trailer_line(data, at)
                if data[at:after] == b"\r\n":
                    return b"".join(pieces), data[after:]
            if after is None:
                self._held = data[at:]
                break
            at = after
        return b"".join(pieces), None

    def end(self) -> NoReturn:
        """Raise RemoteProtocolError: the last chunk was still to come."""
        raise RemoteProtocolError("The peer closed before the end of the chunked body.", spec="RFC 9112 8")

    # Each of these reads one thing at a place in the data. It gives the place after it, or None if the data ends
    # too early.

    def _read_size(self, data: bytes, at: int) -> int | None:
        after = _after_line(data, at, _MAX_LINE_BYTES)
        if after is None:
            return None
        line = _CHUNK_LINE.fullmatch(data, at, after)
        if line is None:
            raise RemoteProtocolError(
                f"The chunk size line {data[at:after]!r:.60} is malformed.", spec="RFC 9112 7.1"
            )
        self._chunk_left_bytes = int(line[1], 16)
        self._expected = "data" if self._chunk_left_bytes else "trailer"
        return after

    def _read_line_end(self, data: bytes, at: int) -> int | None:
        found = data[at : at + 2]
        if not b"\r\n".startswith(found):
            raise RemoteProtocolError("A chunk is longer than its size says.", spec="RFC 9112 7.1")
        if len(found) < 2:
            return None
        self._expected = "size"
        return at + 2

    def _read_trailer_line(self, data: bytes, at: int) -> int | None:
        after = _after_line(data, at, self._trailer_left_bytes)
        if after is None:
            return None
        self._trailer_left_bytes -= after - at
        line = data[at:after]
        if not line.endswith(b"\r\n"):
            raise RemoteProtocolError("A trailer line does not end with CR LF.", spec="RFC 9112 2.2")
        if line != b"\r\n":
            parse_fields([line[:-2].decode("latin-1")])
        return after


def _take_whole_chunks(data: bytes, at: int, pieces: list[bytes]) -> int:
    # Most chunks of an event stream are small, plain and complete; this spares them the slower steps. Many are as
    # long as the one before.
    line, size = b"", 0
    while True:
        if not line or not data.startswith(line, at):
            found = _PLAIN_CHUNK_LINE.match(data, at)
            if found is None:
                return at
            line, size = found[0], int(found[1], 16)
        start = at + len(line)
        end = start + size
        if not size or not data.startswith(b"\r\n", end):
            return at
        pieces.append(data[start:end])
        at = end + 2


def _after_line(data: bytes, at: int, limit_bytes: int) -> int | None:
    newline = data.find(b"\n", at, at + limit_bytes)
    if newline >= 0:
        return newline + 1
    if len(data) - at >= limit_bytes:
        raise RemoteProtocolError(
            f"A size line or the trailer of the chunked body is longer than {_MAX_LINE_BYTES} bytes.",
            spec="RFC 9112 7.1",
        )
    return None


def declared_body(head: RequestHead | ResponseHead) -> LengthBody | ChunkedBody | None:
    """Tell from the header fields how the body is delimited.

    Args:
        head: A head that allows a body.

    Returns:
        A reader for the body, or None if the fields do not say.

    Raises:
        RemoteProtocolError: The fields contradict one another or make no sense; reading on would be a guess.

    Spec: RFC 9112 6.1 to 6.3
    """
    coding = head.get("Transfer-Encoding")
    lengths = head.get("Content-Length")
    if coding is not None:
        if lengths is not None:
            raise RemoteProtocolError("Both Transfer-Encoding and Content-Length are present.", spec="RFC 9112 6.3")
        if head.version == "HTTP/1.0":
            raise RemoteProtocolError("HTTP/1.0 has no Transfer-Encoding.", spec="RFC 9112 6.1")
        if coding.lower() != "chunked":
            raise RemoteProtocolError(f"The transfer coding {coding!r:.60} is not known here.", spec="RFC 9112 6.1")
        return ChunkedBody()
    if lengths is None:
        return None
    length, *others = [text.strip(" \t") for text in lengths.split(",")]
    if not _LENGTH.fullmatch(length) or any(other != length for other in others):
        raise RemoteProtocolError(f"Content-Length {lengths!r:.60} is not one number.", spec="RFC 9112 6.3")
    return LengthBody(int(length))
