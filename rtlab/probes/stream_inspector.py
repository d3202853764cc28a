"""Reads an event stream the way a doctor would: what is in it, when it came, and what is wrong with its bytes.

The decoder of :mod:`rtlab.codecs.sse` gives what a browser delivers and passes over all the rest. Here the rest is
what matters.

Spec: WHATWG HTML 9.2.5 and 9.2.6
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from rtlab.probes.finding import shown

MOST_LINE_BYTES = 1_048_576
MOST_BLOCK_LINES = 500
_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_KNOWN = (b"data", b"event", b"id", b"retry")
_MOST_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """One event that a browser would deliver.

    Attributes:
        at_ms: When its last byte came.
        id: The id that its own block set; None if it set none.
    """

    at_ms: float
    id: str | None


@dataclass(slots=True)
class StreamInspector:
    """Takes a stream piece by piece, and keeps what a probe wants to know.

    Attributes:
        events: The events, up to 20,000 of them.
        comments_ms: When comments came.
        retries_ms: The reconnection times that the stream set, in milliseconds.
        faults: For each kind of fault the first evidence, by the id of its rule.
        counts: How often each came.
        offset: Bytes read so far.
    """

    events: list[SeenEvent] = field(default_factory=list)
    comments_ms: list[float] = field(default_factory=list)
    retries_ms: list[int] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    offset: int = 0
    _line: bytearray = field(default_factory=bytearray)
    _line_number: int = 0
    _after_cr: bool = False
    _block_lines: int = 0
    _data: list[bytes] = field(default_factory=list)
    _strange: bytes = b""
    _id: str | None = None

    @property
    def inside(self) -> bool:
        """True in the middle of a block."""
        return bool(self._line) or self._block_lines > 0

    @property
    def pending_data_lines(self) -> int:
        """How many whole data lines wait for the end of their block."""
        return len(self._data)

    @property
    def pending_line_bytes(self) -> int:
        """How many bytes of a line wait for its end."""
        return len(self._line)

    def feed(self, data: bytes, at_ms: float) -> None:
        """Take bytes of the stream.

        Args:
            data: What came, in pieces of any size.
            at_ms: When it came.
        """
        at = 0
        if self._after_cr and data:
            self._after_cr = False
            if data[:1] == b"\n":
                at = 1
            else:
                self._fault("SSE-BARE-CR", f"after byte {self.offset - 1}: {shown(data[:20])}")
        for end in _LINE_END.finditer(data, at):
            self._line += data[at : end.start()]
            start = self.offset + end.start() - len(self._line)
            if end[0] == b"\r" and end.end() == len(data):
                self._after_cr = True
            elif end[0] == b"\r":
                self._fault(
                    "SSE-BARE-CR", f"at byte {self.offset + end.start()}: {shown(bytes(self._line[-40:]))}\\r"
                )
            self._take(bytes(self._line), start, at_ms)
            self._line.clear()
            at = end.end()
        self._line += data[at:]
        self.offset += len(data)
        if len(self._line) > MOST_LINE_BYTES:
            self._fault(
                "SSE-LONG-LINE", f"{len(self._line):,} bytes without a line end: {shown(bytes(self._line[:40]))}"
            )

    def end(self) -> None:
        """Take note that the server ended the stream."""
        if self._data or self._line.startswith(b"data"):
            what = bytes(self._line) or b"data:" + self._data[-1]
            self._fault("SSE-UNFINISHED", f"last bytes, at byte {self.offset}: {shown(what[-80:])}")

    def _fault(self, rule: str, evidence: str) -> None:
        self.faults.setdefault(rule, evidence)
        self.counts[rule] = self.counts.get(rule, 0) + 1

    def _take(self, line: bytes, start: int, at_ms: float) -> None:
        self._line_number += 1
        if line.startswith(_MARK):
            self._fault(
                "SSE-BOM" if self._line_number == 1 else "SSE-BOM-INSIDE", f"at byte {start}: {shown(line[:40])}"
            )
            line = line.removeprefix(_MARK) if self._line_number == 1 else line
        try:
            line.decode()
        except UnicodeDecodeError as error:
            self._fault(
                "SSE-UTF8", f"at byte {start + error.start}: {shown(line[max(0, error.start - 20) :][:40])}"
            )
        if line:
            self._block_lines += 1
            if self._block_lines == MOST_BLOCK_LINES:
                self._fault("SSE-LONG-BLOCK", f"{MOST_BLOCK_LINES} lines without an empty one, at byte {start}")
            self._take_field(line, at_ms)
        else:
            self._end_block(at_ms)

    def _take_field(self, line: bytes, at_ms: float) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not name:
            self.comments_ms.append(at_ms)
        elif name == b"data":
            self._data.append(value)
        elif name == b"id":
            if b"\0" in value:
                self._fault("SSE-ID-NUL", shown(line))
            else:
                self._id = value.decode(errors="replace")
        elif name == b"retry":
            if value.isdigit():
                self.retries_ms.append(int(value[:18]))
            else:
                self._fault("SSE-RETRY-INVALID", shown(line))
        elif name not in _KNOWN and not name.startswith(_MARK):
            self._strange = self._strange or line

    def _end_block(self, at_ms: float) -> None:
        if self._strange:
            is_cut_text = bool(self._data) and self._data[-1][:1] in (b"{", b"[") and not _is_json(self._data)
            rule = "SSE-MULTILINE" if is_cut_text else "SSE-UNKNOWN-FIELD"
            before = b"data: " + self._data[-1][:40] + b"\n" if is_cut_text else b""
            self._fault(rule, shown(before + self._strange))
        if self._data and len(self.events) < _MOST_EVENTS:
            self.events.append(SeenEvent(at_ms, self._id))
        self._data.clear()
        self._block_lines, self._strange, self._id = 0, b"", None


def _is_json(lines: list[bytes]) -> bool:
    try:
        json.loads(b"\n".join(lines))
    except (ValueError, RecursionError):
        return False
    return True
