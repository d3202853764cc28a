"""The event stream, every byte named: what each line does, and what each empty line sends off.

Spec: WHATWG HTML 9.2.5 (parsing) and 9.2.6 (interpreting)
"""

from __future__ import annotations

import codecs
import re

from rtlab.codecs.dissect_cursor import Cursor, quoted, with_rules

_LAYER = "event stream"
_PARSING = "HTML 9.2.5"
_MEANING = "HTML 9.2.6"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_END_NAMES = {b"\r\n": "CR LF", b"\r": "CR", b"\n": "LF"}
_NOT_UTF8 = "An event stream is UTF-8; each wrong part becomes U+FFFD (HTML 9.2.5)."
_FIELDS = {
    b"data": ("data: one line of the event's text.", "The line is empty."),
    b"event": ("event: the type of the event.", "It is empty, so the type is 'message'."),
    b"id": ("id: the last event ID, sent back after a reconnection.", "It is empty: the last ID is forgotten."),
    b"retry": ("retry: the reconnection time in milliseconds.", "It is empty, so it is ignored."),
}
_START = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?::|(?:data|event|id|retry)(?:[:\r\n]|\Z))")


def looks_like_event_stream(data: bytes) -> bool:
    """Tell whether bytes start with a line that an event stream would have."""
    return _START.match(data) is not None


def dissect_event_stream(cursor: Cursor) -> None:
    """Name the bytes of an event stream.

    Args:
        cursor: Stands at the start of the stream, which has no transfer coding and lasts until the bytes end.
    """
    if cursor.peek(3) == _BYTE_ORDER_MARK:
        cursor.take(3, _LAYER, "byte order mark", "U+FEFF at the start of the stream is dropped.", _PARSING)
    reader = _BlockReader(cursor)
    for end in _LINE_END.finditer(cursor.data, cursor.at):
        reader.read_line(cursor.data[cursor.at : end.start()], end[0])
    if cursor.left:
        reader.read_line(cursor.peek(cursor.left), b"")


class _BlockReader:
    """Keeps what an event stream says until an empty line delivers it."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._id = ""
        self._start_block()

    def _start_block(self) -> None:
        self._type = ""
        self._data_lines = 0
        self._shown_data = ""

    def read_line(self, line: bytes, end: bytes) -> None:
        """Name a line and its end, which is empty where the stream ends inside the line."""
        if not line:
            self._take_empty_line(end)
            return
        self._take_line(line, is_whole=end != b"")
        if end:
            text = f"{_LINE_END_NAMES[end]} ends the line."
            self._cursor.take(len(end), _LAYER, "line end", text, _PARSING)
        else:
            self._cursor.mark_unfinished("a stream that ends inside a line loses the block.")

    def _take_empty_line(self, end: bytes) -> None:
        name = _LINE_END_NAMES[end]
        if self._data_lines:
            kind = quoted(self._type or "message")
            last_id = f", last event ID {quoted(self._id)}" if self._id else ""
            text = (
                f"An empty line ({name}) delivers an event: {kind} with data {quoted(self._shown_data)}{last_id}."
            )
            self._cursor.take(len(end), _LAYER, "dispatch", text, _MEANING)
        else:
            text = f"An empty line ({name}); there is no data before it, so no event is delivered."
            self._cursor.take(len(end), _LAYER, "empty line", text, _MEANING)
        self._start_block()

    def _take_line(self, line: bytes, *, is_whole: bool) -> None:
        cursor = self._cursor
        name, colon, rest = line.partition(b":")
        value = rest.removeprefix(b" ")
        decoded, is_utf8 = _decode(value, is_whole)
        rules = [] if is_utf8 else [_NOT_UTF8]
        if not name:
            text = with_rules(f"A comment, which no client delivers; often a heartbeat: {quoted(decoded)}.", rules)
            cursor.take(len(line), _LAYER, "comment", text, _MEANING)
            return
        if name in _FIELDS:
            meaning, if_empty = _FIELDS[name]
            text = meaning if value else f"{meaning} {if_empty}"
        elif colon or is_whole:
            text = f"The standard knows no field {quoted(name.decode('utf-8', 'replace'))}, so the line is ignored."
        else:
            text = "The name of a field."
        cursor.take(len(name), _LAYER, "field name", text, _MEANING)
        cursor.take(len(colon), _LAYER, "colon", "Ends the field's name.", _PARSING)
        cursor.take(len(rest) - len(value), _LAYER, "space", "One space after the colon is dropped.", _PARSING)
        text = with_rules(self._interpret(name, value, decoded), rules)
        cursor.take(len(value), _LAYER, "field value", text, _MEANING)

    def _interpret(self, name: bytes, value: bytes, decoded: str) -> str:
        """Do what the field says; give the value's meaning."""
        text = f"{quoted(decoded)}."
        if name == b"data":
            self._data_lines += 1
            if len(self._shown_data) < 100:  # more than is ever shown
                self._shown_data += ("\n" if self._data_lines > 1 else "") + decoded[:100]
        elif name == b"event":
            self._type = decoded
        elif name == b"id":
            if b"\0" in value:
                text += " It holds NUL, so it is ignored."
            else:
                self._id = decoded
        elif name == b"retry" and not value.isdigit():
            text += " It is ignored, for it is not digits alone."
        return text


def _decode(value: bytes, is_whole: bool) -> tuple[str, bool]:
    """Give the text, and whether it is UTF-8; an unfinished value may end inside a character."""
    try:
        return codecs.utf_8_decode(value, "strict", is_whole)[0], True
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace"), False
