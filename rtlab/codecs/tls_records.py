"""What TLS leaves readable: where its records end, and the name that a client asks for.

::

    16 03 01 02 00   01 00 01 fc ...      a record with a ClientHello; its extension 0 holds the server's name
    17 03 03 00 1d   4f a2 ...            a record with application data: only its length can be read

Spec: RFC 8446 5.1 (records) and 4.1.2 (ClientHello), RFC 6066 3 (server name)
"""

from __future__ import annotations

from dataclasses import dataclass

HANDSHAKE, APPLICATION_DATA = 22, 23
_CLIENT_HELLO = 1
_SERVER_NAME, _HOST_NAME = 0, 0
_HEADER_BYTES = 5


@dataclass(frozen=True, slots=True)
class Record:
    """One TLS record.

    Attributes:
        content_type: 22 for the handshake, 23 for application data; in TLS 1.3 the end of the handshake is 23, too.
        body: What it holds.
    """

    content_type: int
    body: bytes


def read_records(data: bytes) -> tuple[Record, ...]:
    """Cut the bytes of one direction into records.

    Args:
        data: The bytes, from the start of the connection.

    Returns:
        The whole records; an unfinished one at the end is left out.
    """
    records = []
    at = 0
    while at + _HEADER_BYTES <= len(data):
        end = at + _HEADER_BYTES + int.from_bytes(data[at + 3 : at + 5])
        if end > len(data):
            break
        records.append(Record(data[at], data[at + _HEADER_BYTES : end]))
        at = end
    return tuple(records)


def server_name(data: bytes) -> str:
    """Read the name of the server that a client asks for, which every listener on the line can read.

    Args:
        data: The client's bytes, from the start of the connection.

    Returns:
        The name; empty if the client names none, as with an IP address, or if this is no ClientHello.

    Spec: RFC 6066 3
    """
    hello = _Reader(b"".join(record.body for record in read_records(data) if record.content_type == HANDSHAKE))
    if hello.take(1) != bytes((_CLIENT_HELLO,)):
        return ""
    body = _Reader(hello.take_vector(3))
    body.take(2 + 32)  # version and random
    body.take_vector(1)  # session id
    body.take_vector(2)  # cipher suites
    body.take_vector(1)  # compression methods
    extensions = _Reader(body.take_vector(2))
    while kind := extensions.take(2):
        content = extensions.take_vector(2)
        if int.from_bytes(kind) == _SERVER_NAME:
            names = _Reader(_Reader(content).take_vector(2))
            is_host = names.take(1) == bytes((_HOST_NAME,))
            return names.take_vector(2).decode("ascii", "replace") if is_host else ""
    return ""


class _Reader:
    """Takes bytes off the front; what is missing is as if it were empty."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def take_vector(self, length_bytes: int) -> bytes:
        """Take a length of so many bytes, and then what it counts."""
        return self.take(int.from_bytes(self.take(length_bytes)))
