"""The body of an HTTP/1.1 message, every byte named, and an event stream laid into the pieces that carry it.

Spec: RFC 9112 6 and 7
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import Literal

from rtlab.codecs.dissect_cursor import Cursor, counted, quoted
from rtlab.codecs.dissect_handshake import FieldNotes
from rtlab.codecs.dissect_http1_heads import LAYER, find_lines, take_fields, take_line_end
from rtlab.codecs.dissect_sse import dissect_event_stream
from rtlab.codecs.http1_heads import RequestHead, ResponseHead
from rtlab.records import WireUnit

Framing = int | Literal["chunked", "until close"]
"""Where a body ends: after so many bytes, with the last chunk, or with the connection."""

_CHUNKED = "RFC 9112 7.1"
_LENGTH = re.compile(r"[0-9]{1,18}")
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})([ \t]*(?:;[^\r\n]*)?)(\r?\n|\r?\Z)")
_NEXT_CHUNK = re.compile(rb"\r\n(?=[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\r\n]*)?\r\n)")
_CARRIERS = frozenset({"body data", "unfinished body data", "chunk data", "unfinished chunk data"})
_SHOWN_BYTES = 256


def declared_framing(head: RequestHead | ResponseHead) -> tuple[Framing, list[str]]:
    """Tell from a head's fields where its body ends, as a lax receiver would, and which rules they break.

    Spec: RFC 9112 6.1 to 6.3
    """
    otherwise: Framing = "until close" if isinstance(head, ResponseHead) else 0
    coding = head.get("Transfer-Encoding")
    lengths = head.get("Content-Length")
    rules = []
    if coding is not None:
        if lengths is not None:
            rules.append(
                "Content-Length must not stand beside Transfer-Encoding: so messages are smuggled (RFC 9112 6.3)."
            )
        if head.version == "HTTP/1.0":
            rules.append("HTTP/1.0 has no Transfer-Encoding (RFC 9112 6.1).")
        if coding.rpartition(",")[2].strip(" \t").lower() == "chunked":
            return "chunked", rules
        if isinstance(head, RequestHead):
            rules.append("The last coding of a request must be chunked (RFC 9112 6.3).")
        return otherwise, rules
    if lengths is None:
        return otherwise, rules
    length, *others = [text.strip(" \t") for text in lengths.split(",")]
    if not _LENGTH.fullmatch(length):
        return otherwise, ["Content-Length is not a number (RFC 9112 6.3)."]
    if any(other != length for other in others):
        rules.append("Content-Length has two values (RFC 9112 6.3).")
    return int(length), rules


def take_body(cursor: Cursor, framing: Framing, *, is_event_stream: bool = False) -> None:
    """Name the bytes of a body.

    Args:
        cursor: Stands after the head.
        framing: Where the body ends.
        is_event_stream: Whether the body, without its transfer coding, is an event stream.
    """
    first = len(cursor.units)
    if framing == "chunked":
        _take_chunks(cursor)
    else:
        length_bytes = cursor.left if isinstance(framing, str) else framing
        cursor.take(length_bytes, LAYER, "body data", _describe(cursor, length_bytes), "RFC 9112 6")
    if is_event_stream:
        cursor.units[first:] = _lay_event_stream(cursor.data, cursor.units[first:])


def _take_chunks(cursor: Cursor) -> None:
    while cursor.left:
        line = _SIZE_LINE.match(cursor.data, cursor.at)
        if line is None:
            _skip_to_next_chunk(cursor, "A chunk starts with its size in hexadecimal (RFC 9112 7.1).")
            continue
        size_bytes = int(line[1], 16)
        if size_bytes:
            here_bytes = min(size_bytes, len(cursor.data) - line.end())
            missing = f" Only {here_bytes} of them are here." if here_bytes < size_bytes else ""
            text = f"The chunk has {counted(size_bytes)}; the size is hexadecimal.{missing}"
            cursor.take(len(line[1]), LAYER, "chunk size", text, _CHUNKED)
        else:
            cursor.take(len(line[1]), LAYER, "last chunk", "A chunk of no bytes ends the body.", _CHUNKED)
        text = f"{quoted(line[2].decode('latin-1'))}: an extension, which receivers ignore."
        cursor.take(len(line[2]), LAYER, "chunk extension", text, "RFC 9112 7.1.1")
        if not line[3]:
            cursor.mark_unfinished()
            return
        take_line_end(cursor, LAYER)
        if not size_bytes:
            _take_trailer(cursor)
            return
        if not cursor.take(size_bytes, LAYER, "chunk data", _describe(cursor, size_bytes), _CHUNKED):
            return
        if b"\r\n".startswith(cursor.peek(2)):
            cursor.take(2, LAYER, "end of chunk", "CR LF follows the data; it is not part of it.", _CHUNKED)
        else:
            _skip_to_next_chunk(cursor, "The chunk is longer than its size says (RFC 9112 7.1).")


def _skip_to_next_chunk(cursor: Cursor, rule: str) -> None:
    next_chunk = _NEXT_CHUNK.search(cursor.data, cursor.at)
    stop = next_chunk.end() if next_chunk else len(cursor.data)
    text = f"Broken rule: {rule} A strict receiver closes here; reading goes on at the next line like a chunk size."
    cursor.take(stop - cursor.at, LAYER, "unreadable chunk", text, _CHUNKED)


def _take_trailer(cursor: Cursor) -> None:
    lines, _ = find_lines(cursor.data, cursor.at)
    take_fields(cursor, lines, FieldNotes(ResponseHead(200)).explain, kind="trailer")
    take_line_end(cursor, LAYER, "end of body", "An empty line ends the chunked body.")


def _describe(cursor: Cursor, length_bytes: int) -> str:
    """Give the text for a piece of the body that comes next: its start, if it is text."""
    try:
        start, _ = codecs.utf_8_decode(cursor.peek(min(length_bytes, _SHOWN_BYTES)), "strict", False)
    except UnicodeDecodeError:
        return f"{counted(length_bytes)} of the body, not text."
    return f"{counted(length_bytes)} of the body: {quoted(start)}."


def _lay_event_stream(data: bytes, units: list[WireUnit]) -> list[WireUnit]:
    """Put the units of the event stream in the place of the units that carry it.

    Chunks begin and end anywhere, so one unit of the stream can become several on the wire.
    """
    carriers = [unit for unit in units if unit.unit in _CARRIERS]
    stream = b"".join(data[carrier.offset : carrier.offset + carrier.length_bytes] for carrier in carriers)
    inner = Cursor(stream)
    dissect_event_stream(inner)
    waiting = iter(inner.units)
    laid: list[WireUnit] = []
    unit: WireUnit | None = None
    at = 0  # in the stream
    for carrier in units:
        if carrier.unit not in _CARRIERS:
            laid.append(carrier)
            continue
        shift = carrier.offset - at
        stop = at + carrier.length_bytes
        while at < stop:
            unit = unit or next(waiting)
            end = unit.offset + unit.length_bytes
            piece_end = min(end, stop)
            text = unit.text
            if at > unit.offset:
                text = f"Continued from the chunk before. {text}"
            if piece_end < end:
                inside = ", in the middle of a character" if stream[piece_end] & 0xC0 == 0x80 else ""
                text = f"{text} Continues in the next chunk{inside}."
            laid.append(replace(unit, offset=at + shift, length_bytes=piece_end - at, text=text))
            at = piece_end
            if at == end:
                unit = None
    return laid
