"""The head of an HTTP/1.1 message: start line and header fields, to bytes and back.

A header value is text with one character a byte (Latin-1), as HTTP has it. Two rules follow:

* A value with a character above U+00FF has no such form; it is sent as its UTF-8 bytes (``…`` as E2 80 A6). A
  received value always comes as Latin-1: ``value.encode("latin-1").decode()`` gives UTF-8 text back.
* A field that is UTF-8 by definition, such as ``Last-Event-ID``, needs UTF-8 for every value, and ``é`` alone would
  go out as E9. Give ``text.encode().decode("latin-1")`` and the UTF-8 bytes are sent, here C3 A9.

Spec: RFC 9112 2 to 5 (message syntax), RFC 9110 5 (fields).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.errors import LocalProtocolError, RemoteProtocolError

Headers = tuple[tuple[str, str], ...]
"""Header fields in the order of the wire, repeats included; names keep their case."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_REASON = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_VERSION = re.compile(r"HTTP/1\.[0-9]")
_STATUS = re.compile(r"[1-9][0-9][0-9]")
# RFC 9110 5.5 calls other control characters invalid too, but lets them pass: they do no harm, and an EventSource
# may have to send one in Last-Event-ID.
_FORBIDDEN_IN_VALUE = re.compile(r"[\0\r\n]")


class _Head:
    """Look-up of header fields, the same for requests and responses."""

    __slots__ = ()
    headers: Headers

    def get(self, name: str) -> str | None:
        """Give the value of a header field; repeated fields are joined with a comma.

        Args:
            name: The field's name; case does not matter.

        Returns:
            The value, or None if the field is absent.

        Spec: RFC 9110 5.3
        """
        values = self.get_all(name)
        return ", ".join(values) if values else None

    def get_all(self, name: str) -> list[str]:
        """Give the values of every field line with this name, in the order of the wire.

        Args:
            name: The field's name; case does not matter.
        """
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


@dataclass(frozen=True, slots=True)
class RequestHead(_Head):
    """What a client sends first: a request line and header fields.

    Attributes:
        method: Such as ``"GET"``; case matters.
        target: Path and query, such as ``"/sse/news?x=1"``.
        headers: The header fields.
        version: ``"HTTP/1.1"`` or ``"HTTP/1.0"``.
    """

    method: str
    target: str
    headers: Headers = ()
    version: str = "HTTP/1.1"


@dataclass(frozen=True, slots=True)
class ResponseHead(_Head):
    """What a server sends first: a status line and header fields.

    Attributes:
        status: The status code, 100 to 999.
        reason: The phrase after it, for human readers; may be empty.
        headers: The header fields.
        version: ``"HTTP/1.1"`` or ``"HTTP/1.0"``.
    """

    status: int
    reason: str = ""
    headers: Headers = ()
    version: str = "HTTP/1.1"


def encode_request_head(head: RequestHead) -> bytes:
    """Write a request line and its header fields, with the empty line that ends them.

    Args:
        head: The head to send. Spaces around a value do not survive, for the receiver strips them.

    Returns:
        The bytes for the wire.

    Raises:
        LocalProtocolError: A part holds a character that HTTP forbids there, such as a line end.

    Spec: RFC 9112 3
    """
    _require(_TOKEN, head.method, "The method", "RFC 9110 9.1")
    _require(_VISIBLE, head.target, "The request target", "RFC 9112 3.2")
    _require(_VERSION, head.version, "The version", "RFC 9112 2.3")
    return _encode(f"{head.method} {head.target} {head.version}", head.headers)


def encode_response_head(head: ResponseHead) -> bytes:
    """Write a status line and its header fields, with the empty line that ends them.

    Args:
        head: The head to send. Spaces around a value do not survive, for the receiver strips them.

    Returns:
        The bytes for the wire.

    Raises:
        LocalProtocolError: A part holds a character that HTTP forbids there, such as a line end.

    Spec: RFC 9112 4
    """
    _require(_VERSION, head.version, "The version", "RFC 9112 2.3")
    _require(_STATUS, str(head.status), "The status", "RFC 9110 15")
    _require(_REASON, head.reason, "The reason", "RFC 9112 4")
    return _encode(f"{head.version} {head.status} {head.reason}", head.headers)


def _require(pattern: re.Pattern[str], text: str, what: str, spec: str) -> None:
    if not pattern.fullmatch(text):
        raise LocalProtocolError(f"{what} {text!r:.60} cannot be sent; correct it.", spec=spec)


def _encode(start_line: str, headers: Headers) -> bytes:
    lines = [start_line.encode("latin-1")]
    for name, value in headers:
        _require(_TOKEN, name, "The header name", "RFC 9110 5.1")
        if _FORBIDDEN_IN_VALUE.search(value):
            raise LocalProtocolError(f"The value of {name} holds CR, LF or NUL; take it out.", spec="RFC 9110 5.5")
        lines.append(name.encode("ascii") + b": " + _encode_value(name, value))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _encode_value(name: str, value: str) -> bytes:
    coding = "latin-1" if max(value, default="") <= "\xff" else "utf-8"
    try:
        return value.encode(coding)
    except UnicodeEncodeError:
        raise LocalProtocolError(
            f"The value of {name} holds half a surrogate pair; take it out.", spec="RFC 9110 5.5"
        ) from None


def parse_request_head(block: bytes) -> RequestHead:
    """Read a request head.

    Args:
        block: Request line and field lines, without the empty line; every line end in it is CR LF.

    Returns:
        The head.

    Raises:
        RemoteProtocolError: The head breaks the grammar.

    Spec: RFC 9112 3
    """
    start_line, *lines = block.decode("latin-1").split("\r\n")
    parts = start_line.split(" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not _VISIBLE.fullmatch(parts[1]):
        raise RemoteProtocolError(f"The request line {start_line!r:.60} is malformed.", spec="RFC 9112 3")
    method, target, version = parts
    return RequestHead(method, target, parse_fields(lines), _checked_version(version))


def parse_response_head(block: bytes) -> ResponseHead:
    """Read a response head.

    Args:
        block: Status line and field lines, without the empty line; every line end in it is CR LF.

    Returns:
        The head.

    Raises:
        RemoteProtocolError: The head breaks the grammar.

    Spec: RFC 9112 4
    """
    start_line, *lines = block.decode("latin-1").split("\r\n")
    parts = start_line.split(" ", 2)
    if len(parts) != 3 or not _STATUS.fullmatch(parts[1]) or not _REASON.fullmatch(parts[2]):
        raise RemoteProtocolError(f"The status line {start_line!r:.60} is malformed.", spec="RFC 9112 4")
    version, status, reason = parts
    return ResponseHead(int(status), reason, parse_fields(lines), _checked_version(version))


def parse_fields(lines: Sequence[str]) -> Headers:
    """Read header or trailer fields.

    Args:
        lines: One field a line, Latin-1, without line ends.

    Returns:
        Names as received and values without the spaces around them.

    Raises:
        RemoteProtocolError: A line is folded, lacks its name, or has a space before the colon or a NUL.

    Spec: RFC 9112 5
    """
    return tuple(_parse_field(line) for line in lines)


def _parse_field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if line[:1] in (" ", "\t"):
        raise RemoteProtocolError("A field line is folded.", spec="RFC 9112 5.2")
    if not colon or not _TOKEN.fullmatch(name):
        raise RemoteProtocolError(
            f"A field line does not start with a name and a colon, but with {name!r:.60}.", spec="RFC 9112 5.1"
        )
    if _FORBIDDEN_IN_VALUE.search(value):
        raise RemoteProtocolError(f"The value of {name} holds CR, LF or NUL.", spec="RFC 9110 5.5")
    return name, value.strip(" \t")


def _checked_version(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise RemoteProtocolError(f"The version {version!r:.60} is not HTTP/1.", spec="RFC 9112 2.3")
    return version
