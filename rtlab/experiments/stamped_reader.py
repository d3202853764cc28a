"""One reader of a stamped stream, over either transport, that knows when each message was due and when it read it.

Each payload starts with the time when it was due, 20 digits. The marks in the bytes are counted as they come; what
those who pause have received is decoded in full afterwards.
"""

from __future__ import annotations

import re

from rtlab import clock
from rtlab.codecs.http1 import BodyData, ResponseDecoder
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_events import TextMessage
from rtlab.codecs.websocket_session import WebSocketSession
from rtlab.errors import LabError
from rtlab.experiments.drained_line import EventMarks, FrameMarks
from rtlab.experiments.plain_opening import open_plain

_STAMP_DIGITS = 20
_STAMP = re.compile(r"\d{20}")
_READ_BYTES = 1_048_576
_SMALL_BUFFER_BYTES = 65_536
"""What the system receives for a slow reader beyond this stays with the server, where it can be seen."""
_OPEN_TIMEOUT_S = 10.0


class Reader:
    """One connection.

    Args:
        url: An http or ws URL.
        slow: It will pause. Its system gets a small buffer, and all that it receives is kept.

    Attributes:
        socket: The socket.
        due_ns: When each of its messages was due.
        read_ns: When each was read.
        ended: True after the server has closed.
    """

    def __init__(self, url: str, *, slow: bool) -> None:
        self.socket, early = open_plain(url, _OPEN_TIMEOUT_S, _SMALL_BUFFER_BYTES if slow else None)
        self.socket.setblocking(False)
        self._is_stream = url.startswith("http")
        self._marks = EventMarks(True) if self._is_stream else FrameMarks(True)
        self._raw: bytearray | None = bytearray() if slow else None
        self.due_ns: list[int] = []
        self.read_ns: list[int] = []
        self.ended = False
        self._take(early if self._is_stream else early.partition(b"\r\n\r\n")[2])

    def read(self) -> None:
        """Read what is there."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        self.ended = not data
        self._take(data)

    def _take(self, data: bytes) -> None:
        _, stamps = self._marks.feed(data)
        self.due_ns += stamps
        self.read_ns += [clock.now_ns()] * len(stamps)
        if self._raw is not None:
            self._raw += data

    def check(self, payload_bytes: int) -> None:
        """Decode what was kept, and hold it against what was counted.

        Raises:
            LabError: A message is damaged, or was miscounted.
        """
        if self._raw is None:
            return
        texts = self._decode(bytes(self._raw))
        whole = all(len(text) == payload_bytes and _STAMP.match(text) for text in texts)
        if not whole or [int(text[:_STAMP_DIGITS]) for text in texts] != self.due_ns[: len(texts)]:
            raise LabError("What a slow reader got is not whole.")
        if len(self.due_ns) > len(texts) + 1:  # of the last one there may be only the start
            raise LabError(f"{len(self.due_ns)} messages were counted, {len(texts)} are there.")

    def _decode(self, raw: bytes) -> list[str]:
        if self._is_stream:
            events = EventStreamDecoder()
            parts = [each.data for each in ResponseDecoder().feed(raw) if isinstance(each, BodyData)]
            return [event.data for part in parts for event in events.feed(part)]
        return [each.text for each in WebSocketSession("client").feed(raw) if isinstance(each, TextMessage)]
