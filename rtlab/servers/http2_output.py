"""What a server writes on one HTTP/2 connection: frames by h2, in turns, as far as windows and line admit.

What the streams write in one turn of the event loop leaves with one call to the system. Streams that have more to
say than is admitted take turns, a frame each.

Spec: RFC 9113 5.2, 6
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import NoSuchStreamError, StreamIDTooLowError

from rtlab.servers.connection import WRITE_HIGH_BYTES, Connection

if TYPE_CHECKING:
    from rtlab.servers.http2_stream import Http2Stream

_STREAM_IS_GONE = (NoSuchStreamError, StreamIDTooLowError, KeyError)
"""h2 has read on and knows already that the client has reset the stream; its session hears it in a moment."""


class Http2Output:
    """The sending half of a connection; lives on the event loop.

    Args:
        h2: The rules of the connection.
        line: What carries its bytes.

    Attributes:
        is_over: True once nothing more can be sent.
    """

    bytes_taken = 0
    """Nobody writes past the line; this and more makes the output its ``Watcher``."""

    def __init__(self, h2: H2Connection, line: Connection) -> None:
        self.is_over = False
        self._h2 = h2
        self._line = line
        self._bytes = bytearray()
        self._waiting: dict[Http2Stream, None] = {}
        self._flush_is_due = False
        line.watcher = self

    @property
    def unsent_bytes(self) -> int:
        """What the system has not taken yet, in bytes."""
        return len(self._bytes) + self._line.buffered_bytes

    def write_head(self, stream_id: int, fields: list[tuple[str, str]]) -> int:
        """Write the head of an answer, and give its size on the wire in bytes."""
        if not self.is_over:
            with suppress(*_STREAM_IS_GONE):
                self._h2.send_headers(stream_id, fields)
        return self.collect()

    def write(self, stream_id: int, data: bytes) -> int:
        """Write what the windows and the line admit of the data, and tell how much that was, in bytes.

        Spec: RFC 9113 5.2.1
        """
        at = 0
        with suppress(*_STREAM_IS_GONE):
            while at < len(data) and self._has_room():
                window = self._h2.local_flow_control_window(stream_id)
                size = min(window, self._h2.max_outbound_frame_size, len(data) - at)
                if size <= 0:
                    break
                self._h2.send_data(stream_id, data[at : at + size])
                self.collect()
                at += size
        return at

    def wait_for_room(self, stream: Http2Stream) -> None:
        """Let a stream write what waits in it as soon as it can."""
        self._waiting[stream] = None

    def end(self, stream_id: int) -> None:
        """Say that a stream's answer is complete."""
        if not self.is_over:
            with suppress(*_STREAM_IS_GONE):
                self._h2.end_stream(stream_id)
            self.collect()

    def reset(self, stream_id: int, code: ErrorCodes) -> None:
        """Give a stream up."""
        if not self.is_over:
            with suppress(*_STREAM_IS_GONE):
                self._h2.reset_stream(stream_id, code)
            self.collect()

    def open_window(self, more_bytes: int, stream_id: int | None = None) -> None:
        """Let the client send more on a stream, or on the connection."""
        if not self.is_over:
            with suppress(*_STREAM_IS_GONE):
                self._h2.increment_flow_control_window(more_bytes, stream_id)
            self.collect()

    def close(self) -> None:
        """Close the line in good order, after what was written."""
        self.collect()
        self._flush()
        self.is_over = True
        self._line.close()

    def forget(self, stream: Http2Stream) -> None:
        """Take note that a stream is over."""
        self._waiting.pop(stream, None)

    def collect(self) -> int:
        """Take over what h2 has written, and give its size in bytes."""
        data = self._h2.data_to_send()
        self._bytes += data
        self._flush_soon()
        return len(data)

    def pump(self) -> None:
        """Write what waits, a frame of each stream in turn."""
        self._flush()
        moved = True
        while moved and self._waiting and self._has_room():
            moved = False
            for stream in tuple(self._waiting):
                moved |= stream.send_waiting()
                if not stream.buffered_bytes:
                    self._waiting.pop(stream, None)
            if not self._has_room():
                self._flush()

    def fell_behind(self) -> None:
        """See :class:`rtlab.servers.connection.Watcher`: the streams ask before they write."""

    def caught_up(self) -> None:
        """See :class:`rtlab.servers.connection.Watcher`."""
        self.pump()

    def withdraw(self) -> None:
        """See :class:`rtlab.servers.connection.Watcher`: nothing follows a close."""

    def _has_room(self) -> bool:
        return not self.is_over and self.unsent_bytes < WRITE_HIGH_BYTES

    def _flush_soon(self) -> None:
        if self._bytes and not self._flush_is_due:
            self._flush_is_due = True
            asyncio.get_running_loop().call_soon(self.pump)

    def _flush(self) -> None:
        self._flush_is_due = False
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            self._line.send(data)
