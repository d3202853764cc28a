"""TLS records, named from outside: what they hold is encrypted, so it has no names here.

Spec: RFC 8446 5.1
"""

from __future__ import annotations

from rtlab.codecs.dissect_cursor import Cursor, counted

_LAYER = "TLS"
_SPEC = "RFC 8446 5.1"
_TYPES = {
    0x14: "Change cipher spec: left over from older versions.",
    0x15: "An alert: the end of the connection, or an error.",
    0x16: "A handshake message.",
    0x17: "Application data: here travels everything that TLS protects.",
}


def looks_like_tls(data: bytes) -> bool:
    """Tell whether bytes start like a TLS record: a known content type, then major version 3."""
    return data[:1] != b"" and data[0] in _TYPES and data[1:2] in (b"", b"\x03")


def dissect_tls(cursor: Cursor) -> None:
    """Name the bytes of one direction of a TLS connection."""
    while cursor.left:
        record = cursor.peek(5)
        if not looks_like_tls(record):
            cursor.take_rest(_LAYER, "not TLS", "Not a TLS record: the type or the version is unknown.", _SPEC)
            return
        length_bytes = int.from_bytes(record[3:])
        cursor.take(1, _LAYER, "content type", _TYPES[record[0]], _SPEC)
        cursor.take(2, _LAYER, "version", "A frozen number that says little: TLS 1.3 writes 03 03 too.", _SPEC)
        cursor.take(2, _LAYER, "length", f"The record has {counted(length_bytes)}.", _SPEC)
        if len(record) == 5:
            cursor.take(length_bytes, _LAYER, "record body", f"{counted(length_bytes)}, opaque here.", _SPEC)
