"""The quick way through usual blocks of an event stream, held against reading it one line after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rtlab.codecs.sse import EventStreamDecoder, ServerSentEvent
from rtlab.errors import RemoteProtocolError

# Whole blocks and parts of blocks: usual ones, which are read in a quick way, beside every other kind.
STREAM_BLOCKS = st.lists(
    st.sampled_from(
        [
            b"data: one\n\n",
            b"id: 7\ndata: two\n\n",
            b"event: tick\nid: 8\ndata: three \xc3\xa4\xe2\x82\xac\n\n",
            b"event: tock\ndata: \n\n",
            b"id: 9\n\n",
            b"id: \ndata: forgotten\n\n",
            b"id: n\0l\ndata: kept\n\n",
            b"event: \ndata: plain\n\n",
            b"data: a\ndata: b\n\n",
            b"data\n\n",
            b"data:x\n\n",
            b"data:  two spaces\n\n",
            b"data: crlf\r\n\r\n",
            b"retry: 250\ndata: later\n\n",
            b"data: first\nid: 10\n\n",
            b"data: \xff\xed\xa0\x80\n\n",
            b"data: \x0b\x1c\xc2\x85\xe2\x80\xa8\n\n",
            b": still here\n\n",
            b"data: line\n" * 120 + b"\n",
            b"id: 11\n",
            b"event: half\n",
            b"data: ",
        ]
    )
    | st.sampled_from([b"data", b"event", b"id", b"retry", b":", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"1"])
    | st.sampled_from([b"\xef\xbb\xbf", b"\xe2\x80", b"\xff", b"\0"])
).map(b"".join)


class LineByLineDecoder:
    """Does what :class:`rtlab.codecs.sse.EventStreamDecoder` does, with the same attributes."""

    def __init__(self, *, max_event_bytes: int) -> None:
        self.last_event_id = ""
        self.retry_ms: int | None = None
        self.comments = 0
        self._max_event_bytes = max_event_bytes
        self._line = b""
        self._first_line = True
        self._after_cr = False
        self._id = ""
        self._type = ""
        self._data: list[bytes] = []
        self._data_bytes = 0

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        lines = (self._line + data).splitlines(keepends=True)
        self._line = b""
        self._after_cr = data.endswith(b"\r")
        if lines and not lines[-1].endswith((b"\n", b"\r")):
            self._line = lines.pop()
        if lines and self._first_line:
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
            self._first_line = False
        events = [event for line in lines for event in self._take(line.rstrip(b"\r\n"))]
        self._check_length(len(self._line))
        return events

    def _take(self, line: bytes) -> list[ServerSentEvent]:
        if not line:
            self.last_event_id = self._id
            text = b"\n".join(self._data).decode("utf-8", "replace")
            event = ServerSentEvent(text, self._type or "message", self._id)
            events = [event] if self._data else []
            self._data, self._data_bytes, self._type = [], 0, ""
            return events
        self._check_length(len(line))
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match field:
            case b"":
                self.comments += 1
            case b"data":
                self._data.append(value)
                self._data_bytes += len(line)
            case b"event":
                self._type = value.decode("utf-8", "replace")
            case b"id" if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
            case b"retry" if value.isdigit() and len(value) <= 640:
                self.retry_ms = int(value)
        return []

    def _check_length(self, line_bytes: int) -> None:
        if self._data_bytes + line_bytes > self._max_event_bytes:
            raise RemoteProtocolError(f"An event is longer than {self._max_event_bytes} bytes.")


def pieces(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut data into pieces of the given sizes; the last piece is what remains."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


@example(b"data: open\nid: 5\ndata: inside\n\ndata: after\n\n", [11], 1 << 20)
@example(b"event: open\n" + b"data: one\n\n", [12], 1 << 20)
@example(b"retry: 1\n" * 99 + b"data: one\n\ndata: two\n\n", [], 1 << 20)
@given(STREAM_BLOCKS, st.lists(st.integers(0, 40)), st.sampled_from([1 << 20, 12, 20, 60]))
def test_usual_blocks_are_read_quickly_with_the_outcome_of_reading_line_by_line(
    stream: bytes, sizes: list[int], max_event_bytes: int
) -> None:
    quick = EventStreamDecoder(max_event_bytes=max_event_bytes)
    plain = LineByLineDecoder(max_event_bytes=max_event_bytes)
    for piece in pieces(stream, sizes):
        try:
            expected = plain.feed(piece)
        except RemoteProtocolError as error:
            with pytest.raises(RemoteProtocolError, match=str(error)):
                quick.feed(piece)
            return
        assert quick.feed(piece) == expected
        assert quick.last_event_id == plain.last_event_id
        assert (quick.retry_ms, quick.comments) == (plain.retry_ms, plain.comments)
