"""One stream of an HTTP/2 connection, as a connection of its own.

What the windows of HTTP/2 do not admit is buffered here. So whoever does not read one stream is behind like whoever
does not read a socket, and the channel's policy rules it. The other streams go on, until nothing is left of the
window that all share.

Spec: RFC 9113 5.1 (states), 5.2 (flow control); RFC 8441 5 for how an end and a reset of TCP look on a stream
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from h2.errors import ErrorCodes

from rtlab.codecs.http1 import ResponseHead
from rtlab.servers.connection import Connection

if TYPE_CHECKING:
    from rtlab.servers.http2_output import Http2Output

WINDOW_BYTES = 65_535
"""How much a client may send on a stream, and on the connection, that was not read yet (RFC 9113 6.9.2)."""
_FRAME_BYTES = 16_384
_HTTP1_FIELDS = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})


class Http2Stream(Connection):
    """A stream that a client has opened.

    Args:
        stream_id: Its number: odd, for the client opened it.
        output: Where it writes.
        on_over: Called with the stream when it is over.

    Attributes:
        on_end: Called when the client has said all.
        peer_ended: True once it has.
    """

    __slots__ = (
        "_consumed_bytes",
        "_held",
        "_is_over",
        "_is_reading",
        "_on_over",
        "_output",
        "_output_ended",
        "_waiting",
        "on_end",
        "peer_ended",
        "stream_id",
    )

    def __init__(self, stream_id: int, output: Http2Output, on_over: Callable[[Http2Stream], None]) -> None:
        super().__init__()
        self.stream_id = stream_id
        self.peer_ended = False
        self.on_end: Callable[[], None] = self.close
        self._output = output
        self._on_over = on_over
        self._waiting = bytearray()
        self._held: list[tuple[bytes, int]] = []
        self._consumed_bytes = 0
        self._is_reading = True
        self._is_over = False
        self._output_ended = False

    def send_head(self, head: ResponseHead) -> None:
        """Begin the answer; fields that belong to a connection of HTTP/1.1 are left out.

        Spec: RFC 9113 8.2.2, 8.3.2
        """
        if not self._is_over:
            lowered = [(name.lower(), value) for name, value in head.headers]
            fields = [field for field in lowered if field[0] not in _HTTP1_FIELDS]
            self._bytes_sent += self._output.write_head(self.stream_id, [(":status", str(head.status)), *fields])

    def send(self, data: bytes) -> None:
        """Write bytes; see :meth:`Connection.send`."""
        if self._is_over or self._closing or not data:
            return
        self._bytes_sent += len(data)
        if self._waiting:
            self._waiting += data
            return
        taken = self._output.write(self.stream_id, data)
        if taken < len(data):
            self._waiting += data[taken:]
            self._output.wait_for_room(self)
            if self.watcher:
                self.watcher.fell_behind()

    def send_waiting(self) -> bool:
        """Write one frame of what waits, and tell whether that was possible."""
        taken = self._output.write(self.stream_id, bytes(self._waiting[:_FRAME_BYTES]))
        if taken:
            del self._waiting[:taken]
            self._shrank()
            if self._closing and not self._waiting:
                self._end_output()
        return taken > 0

    @property
    def buffered_bytes(self) -> int:
        """See :attr:`Connection.buffered_bytes`."""
        return len(self._waiting)

    def pause_reading(self) -> None:
        """See :meth:`Connection.pause_reading`; the stream's window does not open again."""
        self._is_reading = False

    def resume_reading(self) -> None:
        """See :meth:`Connection.resume_reading`."""
        self._is_reading = True
        while self._held and self._is_reading:
            self.take(*self._held.pop(0))
        if self.peer_ended and self._is_reading and not self._is_over:
            self._end_input()

    def release(self) -> None:
        """Hand the stream to another owner: who had it hears nothing more."""
        self._on_data = self._on_closed = None
        self.on_end = self.close

    def answer_ends(self) -> None:
        """End an answer: at leisure if the request is complete, else the client may not go on for long."""
        if not self.peer_ended:
            self.close()
        elif not self._closing:
            self._closing = True
            self._end_output()

    def take(self, data: bytes, size_bytes: int) -> None:
        """Take what came in.

        Args:
            data: The bytes.
            size_bytes: How much of the window they use, their padding included.
        """
        if not self._is_reading:
            self._held.append((data, size_bytes))
            return
        self._received(data)
        self._consumed_bytes += size_bytes
        if self._consumed_bytes >= WINDOW_BYTES // 2 and not (self._is_over or self.peer_ended):
            self._output.open_window(self._consumed_bytes, self.stream_id)
            self._consumed_bytes = 0

    def take_end(self) -> None:
        """Take note that the client has said all; who does not read now hears it later."""
        self.peer_ended = True
        if self._is_reading:
            self._end_input()

    def abort(self) -> None:
        """Reset the stream; what is buffered is lost, and the connection lives on.

        Spec: RFC 9113 5.4.2, 8.1; RFC 8441 5
        """
        if not self._is_over:
            self._output.reset(self.stream_id, ErrorCodes.NO_ERROR if self._output_ended else ErrorCodes.CANCEL)
            self.go_down()

    def go_down(self) -> None:
        """Take note that the stream is over, by whatever way."""
        if not self._is_over:
            self._is_over = True
            self._waiting.clear()
            self._held.clear()
            self._output.forget(self)
            self._on_over(self)
            # In the next turn: whoever writes to many does not expect to be called back in the middle.
            asyncio.get_running_loop().call_soon(self._ended)

    def _end_input(self) -> None:
        if self._output_ended:
            self.go_down()
        else:
            self.on_end()

    def _end_output(self) -> None:
        if self._waiting or self._is_over or self._output_ended:
            return
        self._output_ended = True
        self._output.end(self.stream_id)
        if self.peer_ended:
            self.go_down()
