"""The event stream of Server-Sent Events: lines of text to events, and back.

::

    id: 7
    data: hello
                  ◄─ the empty line ends the block and delivers
                     ServerSentEvent(data="hello", type="message", last_event_id="7")

Spec: WHATWG HTML 9.2.5 (parsing) and 9.2.6 (interpreting)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rtlab.errors import LocalProtocolError, RemoteProtocolError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The most digits that Python turns into an int under every setting of sys.set_int_max_str_digits.
_MAX_RETRY_DIGITS = 640
# Cuts whole lines into usual blocks (type, id, data) and runs of other lines. A usual block has its fields in this
# order, one data line, nothing empty and no NUL in its ID. A run is bounded because re remembers each of its lines.
_BLOCKS = re.compile(r"(?:event: (.+)\n)?(?:id: ([^\0\n]+)\n)?data: (.*)\n\n|((?:.+\n){1,99}\n?|\n)")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event as an EventSource delivers it.

    Attributes:
        data: The text; its lines are joined by LF.
        type: The name to listen for.
        last_event_id: The last ID that the stream had set by then; a later event keeps it.
    """

    data: str
    type: str = "message"
    last_event_id: str = ""


def encode_event(
    data: str | None = None, *, event: str = "", id: str | None = None, retry_ms: int | None = None
) -> bytes:
    """Write one event, with the empty line that sends it off.

    Args:
        data: The text. Each of its lines becomes one ``data:`` line, so CR and CR LF arrive as LF. None writes no
            such line: the block then sets the ID or the reconnection time, and no event is delivered.
        event: The event's type; empty for the default, ``message``.
        id: The ID that a client sends when it comes back; an empty one makes it forget the last; None keeps it.
        retry_ms: How long a client waits before it reconnects, in milliseconds from 0; None writes nothing.

    Returns:
        The bytes for the wire.

    Raises:
        LocalProtocolError: ``event`` or ``id`` holds CR, LF or NUL, a text holds half a surrogate pair, or
            ``retry_ms`` is negative.

    Spec: WHATWG HTML 9.2.5
    """
    lines = []
    if event:
        lines.append("event: " + _one_line("event", event))
    if id is not None:
        lines.append("id: " + _one_line("id", id))
    if retry_ms is not None:
        if retry_ms < 0:
            raise LocalProtocolError(f"retry_ms is {retry_ms}; give 0 or more.", spec="WHATWG HTML 9.2.6")
        lines.append(f"retry: {retry_ms}")
    if data is not None:
        lines.append("data: " + _lf_only(data).replace("\n", "\ndata: "))
    lines.append("\n")
    return _utf8("\n".join(lines))


def encode_comment(text: str = "") -> bytes:
    """Write a comment, which no client delivers: a heartbeat that keeps proxies from closing a silent stream.

    Args:
        text: What to say to whoever reads the bytes; may have several lines.

    Returns:
        The bytes for the wire.

    Raises:
        LocalProtocolError: The text holds half a surrogate pair.

    Spec: WHATWG HTML 9.2.5 and 9.2.7
    """
    return _utf8(": " + _lf_only(text).replace("\n", "\n: ") + "\n\n")


def _one_line(field: str, value: str) -> str:
    if "\r" in value or "\n" in value or "\0" in value:
        raise LocalProtocolError(f"{field} holds CR, LF or NUL; take it out.", spec="WHATWG HTML 9.2.5")
    return value


def _lf_only(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError(
            "The text holds half a surrogate pair; it has no UTF-8 form.", spec="WHATWG HTML 9.2.5"
        ) from None


class EventStreamDecoder:
    """Reads an event stream exactly as a browser's EventSource does.

    Args:
        last_event_id: The ID known from before a reconnection. Events of the new stream carry it until the stream
            sets another. (The standard lets each stream begin with none; Chromium keeps it, and so does this.)
        max_event_bytes: The longest event to accept; its data lines and the line being read are counted.

    Attributes:
        last_event_id: What a reconnection would send as ``Last-Event-ID``; set when a block ends.
        retry_ms: The last reconnection time that the stream gave, in milliseconds, or None.
        comments: How many comment lines came: heartbeats, mostly.

    Spec: WHATWG HTML 9.2.5 and 9.2.6
    """

    def __init__(self, *, last_event_id: str = "", max_event_bytes: int = 16 * 1024 * 1024) -> None:
        self.last_event_id = last_event_id
        self.retry_ms: int | None = None
        self.comments = 0
        self._max_event_bytes = max_event_bytes
        self._line = bytearray()
        self._first_line = True
        self._after_cr = False
        self._id = last_event_id
        self._type = ""
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take bytes of the stream.

        Args:
            data: What came, in pieces of any size.

        Returns:
            The events that it completes. A block without an end is never delivered, so there is nothing to do when
            the stream ends.

        Raises:
            RemoteProtocolError: An event is longer than ``max_event_bytes``; close the connection.
        """
        return [ServerSentEvent(*event) for event in self.read(data)]

    def read(self, data: bytes) -> list[tuple[str, str, str]]:
        """Take bytes of the stream; the same as :meth:`feed`, with events that cost less.

        Args:
            data: What came, in pieces of any size.

        Returns:
            The events that it completes, each as data, type and last event ID.

        Raises:
            RemoteProtocolError: An event is longer than ``max_event_bytes``; close the connection.
        """
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        stop = data.rfind(b"\n") + 1
        if not stop:
            self._line += data
            self._check_length(len(self._line))
            return []
        lines = b"".join((self._line, memoryview(data)[:stop]))
        self._line[:] = data[stop:]
        if self._first_line:
            lines = lines.removeprefix(_BYTE_ORDER_MARK)
            self._first_line = False
        events = self._take_blocks(lines)
        self._check_length(len(self._line))
        return events

    def _take_blocks(self, lines: bytes) -> list[tuple[str, str, str]]:
        """Read whole lines, usual blocks at once: several times faster than line by line, with the same outcome."""
        if self._data_bytes + len(lines) > self._max_event_bytes:
            return self._take_lines(lines)
        try:
            text = lines.decode()
        except UnicodeDecodeError:
            return self._take_lines(lines)
        events: list[tuple[str, str, str]] = []
        is_inside = bool(self._data or self._type)  # a block; an ID alone is no hindrance
        for kind, id, data, others in _BLOCKS.findall(text):
            if others or is_inside:
                others = others or f"event: {kind}\n" * bool(kind) + f"id: {id}\n" * bool(id) + f"data: {data}\n\n"
                events += self._take_lines(others.encode())
                is_inside = bool(self._data or self._type)
                continue
            if id:
                self._id = id
            self.last_event_id = self._id
            events.append((data, kind or "message", self._id))
        return events

    def _take_lines(self, lines: bytes) -> list[tuple[str, str, str]]:
        events = []
        for line in lines.split(b"\n")[:-1]:
            if not line:
                self.last_event_id = self._id
                if self._data:
                    text = b"\n".join(self._data).decode("utf-8", "replace")
                    events.append((text, self._type or "message", self._id))
                    self._data.clear()
                    self._data_bytes = 0
                self._type = ""
                continue
            self._check_length(len(line))
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                self._data.append(value)
                self._data_bytes += len(line)
            elif not field:
                self.comments += 1
            elif field == b"event":
                self._type = value.decode("utf-8", "replace")
            elif field == b"id":
                if b"\0" not in value:
                    self._id = value.decode("utf-8", "replace")
            elif field == b"retry" and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
                self.retry_ms = int(value)
        return events

    def _check_length(self, line_bytes: int) -> None:
        if self._data_bytes + line_bytes > self._max_event_bytes:
            raise RemoteProtocolError(f"An event is longer than {self._max_event_bytes} bytes.")
