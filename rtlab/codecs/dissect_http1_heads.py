"""The head of an HTTP/1.1 message, every byte named: start line, field lines, line ends.

Spec: RFC 9112 2 to 5
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rtlab.codecs.dissect_cursor import Cursor, counted, quoted, with_rules
from rtlab.codecs.dissect_fields import hide_parameters, is_secret_field, method_meaning, status_meaning
from rtlab.codecs.dissect_handshake import FieldNote
from rtlab.codecs.http1_heads import Headers

LAYER = "HTTP/1.1"

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VISIBLE = re.compile(rb"[\x21-\x7e]*")
_VERSION = re.compile(rb"HTTP/1\.[0-9]")
_STATUS = re.compile(rb"[1-9][0-9][0-9]")


class Line(NamedTuple):
    """Where a line is: its first byte, the end of its content, the end of its line end."""

    start: int
    stop: int
    after: int

    @property
    def is_whole(self) -> bool:
        """Whether it has at least a part of a line end."""
        return self.after > self.stop


def find_lines(data: bytes, at: int) -> tuple[list[Line], bool]:
    """Find the lines up to an empty one.

    Args:
        data: The bytes.
        at: Where the first line starts.

    Returns:
        The lines before the empty one, and whether the empty one is there. A lone LF ends a line too.
    """
    lines: list[Line] = []
    while at < len(data):
        newline = data.find(b"\n", at)
        after = newline + 1 or len(data)
        stop = after if newline < 0 else newline
        if stop > at and data[stop - 1] == 0x0D:
            stop -= 1
        if stop == at:
            return lines, newline >= 0
        lines.append(Line(at, stop, after))
        at = after
    return lines, False


def read_fields(data: bytes, lines: Sequence[Line]) -> Headers:
    """Read field lines as far as they can be read; what is no field is left out."""
    parts = [data[line.start : line.stop].decode("latin-1").partition(":") for line in lines]
    return tuple(
        (name.strip(" \t"), value.strip(" \t")) for name, colon, value in parts if colon and name[:1] not in " \t"
    )


def take_request_line(cursor: Cursor, line: Line) -> tuple[str, str, str]:
    """Name a request line; give method, target and version as far as they can be read."""
    content = cursor.data[line.start : line.stop]
    method, space, rest = content.partition(b" ")
    target, second_space, version = rest.rpartition(b" ")
    if not version.startswith(b"HTTP/") and (line.is_whole or not b"HTTP/".startswith(version)):
        target, second_space, version = rest, b"", b""
    meaning, spec = "The method.", "RFC 9110 9.1"
    if space or line.is_whole:
        meaning, spec = method_meaning(method.decode("latin-1"))
    rules = [] if _TOKEN.fullmatch(method) else ["A method is one word (RFC 9110 9.1)."]
    cursor.take(len(method), LAYER, "method", with_rules(meaning, rules), spec)
    cursor.take(len(space), LAYER, "space", "One space separates method and target.", "RFC 9112 3")
    rules = [] if _VISIBLE.fullmatch(target) else ["A target is visible ASCII without spaces (RFC 9112 3.2)."]
    if line.is_whole and not version:
        rules.append("The version is missing (RFC 9112 3).")
    cursor.take(len(target), LAYER, "request target", _explain_target(target, rules), "RFC 9112 3.2")
    cursor.take(len(second_space), LAYER, "space", "One space separates target and version.", "RFC 9112 3")
    _take_version(cursor, version, line)
    _end_line(cursor, line, LAYER)
    return method.decode("latin-1"), target.decode("latin-1"), version.decode("latin-1")


def take_status_line(cursor: Cursor, line: Line) -> tuple[str, int, str]:
    """Name a status line; give version, status code and reason as far as they can be read; 0 for no code."""
    content = cursor.data[line.start : line.stop]
    version, space, rest = content.partition(b" ")
    code, second_space, reason = rest.partition(b" ")
    _take_version(cursor, version, line)
    cursor.take(len(space), LAYER, "space", "One space separates version and status code.", "RFC 9112 4")
    status = int(code) if _STATUS.fullmatch(code) else 0
    meaning, spec = status_meaning(status) if status else ("", "RFC 9110 15")
    rules = []
    if line.is_whole and not status:
        rules.append("A status code is three digits (RFC 9110 15).")
    if line.is_whole and not second_space:
        rules.append("A space must follow, even without a phrase (RFC 9112 4).")
    text = with_rules(f"{code.decode('latin-1')} {meaning}" if status else "The status code.", rules)
    cursor.take(len(code), LAYER, "status code", text, spec)
    cursor.take(len(second_space), LAYER, "space", "One space separates status code and phrase.", "RFC 9112 4")
    phrase = reason.decode("latin-1")
    text = f"{quoted(phrase)}: words for people, which programs ignore."
    cursor.take(len(reason), LAYER, "reason phrase", text, "RFC 9112 4")
    _end_line(cursor, line, LAYER)
    return version.decode("latin-1"), status, phrase


def take_fields(
    cursor: Cursor, lines: Sequence[Line], explain: Callable[[str, bytes], FieldNote], *, kind: str = "field"
) -> None:
    """Name field lines.

    Args:
        cursor: Stands at the first of them.
        lines: Where they are.
        explain: Gives the meaning of a field from its name and value.
        kind: ``"field"`` or ``"trailer"``; stands in the units' names.
    """
    is_secret = False
    for line in lines:
        content = cursor.data[line.start : line.stop]
        name, colon, rest = content.partition(b":")
        layer = LAYER
        if content[:1] in (b" ", b"\t"):
            rules = ["A field must not go on in the next line (RFC 9112 5.2)."]
            text = f"redacted, {counted(len(content))}." if is_secret else with_rules("A folded line.", rules)
            cursor.take(len(content), LAYER, f"folded {kind} value", text, "RFC 9112 5.2")
        elif colon:
            label = name.decode("latin-1").strip(" \t")
            is_secret = is_secret_field(label)
            layer = _take_field(cursor, name, rest, explain, kind)
        else:
            is_secret = False
            rules = ["A field line has a name and a colon (RFC 9112 5)."] if line.is_whole else []
            cursor.take(len(content), LAYER, f"{kind} name", with_rules("A field.", rules), "RFC 9112 5")
        _end_line(cursor, line, layer)


def take_line_end(cursor: Cursor, layer: str, unit: str = "line end", text: str = "Ends the line.") -> None:
    """Name a CR LF, half of one at the end of the bytes, or a lone LF."""
    if cursor.peek(1) == b"\n":
        text = with_rules(text, ["A line ends with CR LF, not LF alone (RFC 9112 2.2)."])
        cursor.take(1, layer, unit, text, "RFC 9112 2.2")
    else:
        cursor.take(2, layer, unit, text, "RFC 9112 2.1")


def _take_field(
    cursor: Cursor, name: bytes, rest: bytes, explain: Callable[[str, bytes], FieldNote], kind: str
) -> str:
    value = rest.strip(b" \t")
    spaces_before = len(rest) - len(rest.lstrip(b" \t")) if value else len(rest)
    label = name.decode("latin-1").strip(" \t")
    note = explain(label, value)
    meaning = note.meaning
    if not _TOKEN.fullmatch(name):
        rules = ["A field name is one word, and the colon follows at once (RFC 9112 5.1)."]
        meaning = with_rules("A field.", rules)
    cursor.take(len(name), note.layer, f"{kind} name", meaning, note.spec)
    cursor.take(1, note.layer, "colon", "Ends the name.", "RFC 9112 5")
    cursor.take(spaces_before, note.layer, "whitespace", "Not part of the value.", "RFC 9112 5.1")
    cursor.take(len(value), note.layer, f"{kind} value", note.value, note.spec)
    spaces_after = len(rest) - spaces_before - len(value)
    cursor.take(spaces_after, note.layer, "whitespace", "Not part of the value.", "RFC 9112 5.1")
    return note.layer


def _take_version(cursor: Cursor, version: bytes, line: Line) -> None:
    is_wrong = line.is_whole and not _VERSION.fullmatch(version)
    rules = ["This is no version of HTTP/1 (RFC 9112 2.3)."] if is_wrong else []
    text = with_rules(f"{quoted(version.decode('latin-1'))}.", rules)
    cursor.take(len(version), LAYER, "version", text, "RFC 9112 2.3")


def _explain_target(target: bytes, rules: list[str]) -> str:
    text = target.decode("latin-1")
    if (shown := hide_parameters(text)) is not None:
        return f"redacted, {counted(len(target))}: {quoted(shown)}."
    return with_rules(f"{quoted(text)}.", rules)


def _end_line(cursor: Cursor, line: Line, layer: str) -> None:
    if line.is_whole:
        take_line_end(cursor, layer)
    else:
        cursor.mark_unfinished()
