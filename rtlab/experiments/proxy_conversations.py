"""Conversations with a lab through whatever stands between, and what became of them, in words.

The client is a plain socket: it sees when a piece came, and how the connection ended.
"""

from __future__ import annotations

import secrets
import socket
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rtlab import clock
from rtlab.codecs.http1 import (
    BodyData,
    EndOfMessage,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_request_head,
)
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_frames import CLOSE, PONG, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import RemoteProtocolError, WaitTimeout
from rtlab.servers.lab import Lab

GAP_S = 0.4
LATE_S = 0.1
IDLE_S = 1.0
"""The idle limit that the conversations with silences are made for."""
_MOST_FILLERS = 100
_LARGE_BYTES = 6_000
_SLOW_EVENTS = 6
_FILLER = "x" * 100
_TIMEOUT_S = 10.0
_PATIENCE_S = 4.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is held.

    Attributes:
        port: Where the client connects.
        lab: The lab at the other end.
    """

    port: int
    lab: Lab


def small_events(place: Place) -> str:
    """Publish some small events with pauses, and see when they arrive; if they do not, publish until some do."""
    return _small_events(place)


def small_events_for_gzip(place: Place) -> str:
    """Do the same as a client that takes gzip, as every browser does."""
    return _small_events(place, ("Accept-Encoding", "gzip"))


def silence(place: Place) -> str:
    """Publish one event, say nothing more, and see how the stream ends."""
    with _Line.stream(place) as line:
        line.publish("one")
        line.read(lambda: bool(line.end), _PATIENCE_S)
        return f"{'' if line.events else 'the event is lost; '}{line.how_it_ended()}"


def large_event(place: Place) -> str:
    """Publish one event that is larger than a buffer of 4 kB, and not a multiple of it."""
    with _Line.stream(place) as line:
        line.publish("x" * _LARGE_BYTES)
        line.read(lambda: bool(line.events), 2 * GAP_S)
        if line.events:
            return "at once"
        return "its end is held" if line.body_bytes else "held"


def broken_off(place: Place) -> str:
    """Publish one event, let the lab break the line, and see how the stream ends."""
    with _Line.stream(place) as line:
        line.publish("one")
        line.read(lambda: bool(line.events), GAP_S)
        line.break_off()
        line.read(lambda: bool(line.end or line.complete), _PATIENCE_S)
        return line.how_it_ended()


def slow_events(place: Place) -> str:
    """Publish an event every 0.4 s for longer than the idle limit."""
    with _Line.stream(place) as line:
        for number in range(_SLOW_EVENTS):
            line.publish(str(number))
            line.read(lambda: bool(line.end), GAP_S)
        return line.how_it_ended()


def websocket(place: Place) -> str:
    """Open a WebSocket, and get one message over it."""
    with _Line.websocket(place) as line:
        if line.status != 101:
            return f"refused with {line.status}"
        line.publish("hello")
        came = line.read(lambda: b"hello" in line.after, _TIMEOUT_S)
        return "opens, a message passes" if came else "opens, no message passes"


def silent_websocket(place: Place) -> str:
    """Open a WebSocket, say nothing, and see how it ends."""
    with _Line.websocket(place) as line:
        line.read(lambda: bool(line.end), _PATIENCE_S)
        closes = any(frame.opcode == CLOSE for frame in FrameDecoder().feed(line.after))
        frame = "a close frame" if closes else "no close frame"
        return f"{line.end}, {frame}" if line.end else "stays open"


def speaking_client(place: Place) -> str:
    """Open a WebSocket, and let only the client speak, for longer than the idle limit."""
    with _Line.websocket(place) as line:
        for _ in range(_SLOW_EVENTS):
            line.send(encode_frame(PONG, b"", masking_key=secrets.token_bytes(4)))  # nobody answers a pong
            if line.read(lambda: bool(line.end), GAP_S):
                break
        return line.end or "stays open"


def status_only(place: Place) -> str:
    """Ask once, and look at the status."""
    with _Line(place, RequestHead("GET", "/", (("Host", f"127.0.0.1:{place.port}"),))) as line:
        return f"answers {line.status}"


def _small_events(place: Place, *fields: tuple[str, str]) -> str:
    with _Line.stream(place, *fields) as line:
        there, late_s = [], []
        for number in range(3):
            at_ns = line.publish(str(number))
            if line.read(lambda number=number: len(line.events) > number, GAP_S):  # type: ignore[misc]
                late_s.append((line.read_ns - at_ns) / 1e9)
            line.read(lambda: False, GAP_S - (clock.now_ns() - at_ns) / 1e9)
            there.append(len(line.events))
        if there == [1, 2, 3]:
            return "at once" if min(late_s) < LATE_S else f"each {min(late_s):.1f} s late"
        if there == [0, 1, 2]:
            return "each when the next one comes"
        return _amount_held(line) if there == [0, 0, 0] else f"after each event there were {there}"


def _amount_held(line: _Line) -> str:
    before, sent = line.body_bytes, 0
    while sent < _MOST_FILLERS and line.body_bytes == before:
        line.publish(_FILLER)
        sent += 1
        line.read(lambda: line.body_bytes > before, _LOOK_S)
    if line.body_bytes == before:
        return f"held, {sent * len(_FILLER) // 1_000} kB and more"
    line.read(lambda: False, LATE_S)  # it may come in several pieces
    return f"held, {round(line.body_bytes / 1_024)} kB at a time"


class _Line:
    """A client's connection.

    Args:
        place: Where to connect, and the lab at the other end.
        head: What to ask.

    Attributes:
        status: The answer's status; 0 before there is one.
        events: The data of each event so far.
        body_bytes: Size of the body so far, without gzip.
        after: What came after a 101.
        end: ``"FIN"`` or ``"RST"``; empty while it is open.
        complete: Whether the message has ended as HTTP ends messages.
        read_ns: When the last piece came.
    """

    def __init__(self, place: Place, head: RequestHead, channel: str = "") -> None:
        self._place = place
        self._channel = channel
        self._decoder = ResponseDecoder()
        self._inflater: zlib._Decompress | None = None
        self._stream = EventStreamDecoder()
        self.status = 0
        self.events: list[str] = []
        self.body_bytes = 0
        self.after = b""
        self.end = ""
        self.complete = False
        self.read_ns = 0
        self._socket = socket.create_connection(("127.0.0.1", place.port), _TIMEOUT_S)
        try:
            self._socket.sendall(encode_request_head(head))
            if channel:
                self._wait_for_subscription()
            else:
                self.read(lambda: bool(self.status or self.end), _TIMEOUT_S)
        except BaseException:
            self._socket.close()
            raise

    @classmethod
    def stream(cls, place: Place, *fields: tuple[str, str]) -> Self:
        """Open an event stream; its head may be held back."""
        channel = f"proxy.{secrets.token_hex(6)}"
        host = ("Host", f"127.0.0.1:{place.port}")
        accept = ("Accept", "text/event-stream")
        return cls(place, RequestHead("GET", f"/sse/{channel}", (host, accept, *fields)), channel)

    @classmethod
    def websocket(cls, place: Place) -> Self:
        """Try the opening handshake of a WebSocket."""
        channel = f"proxy.{secrets.token_hex(6)}"
        key = make_key(secrets.token_bytes(16))
        line = cls(place, opening_request(f"127.0.0.1:{place.port}", f"/ws/{channel}", key))
        line._channel = channel
        return line

    def publish(self, text: str) -> int:
        """Let the lab publish something; gives the time."""
        at_ns = clock.now_ns()
        self._place.lab.publish(text, channel=self._channel)
        return at_ns

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def break_off(self) -> None:
        """Let the lab break the line without an end of the stream."""
        self._place.lab.cut(self._channel)

    def read(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Read until a condition holds, the connection has ended or the time is over; tells whether it holds."""
        deadline_ns = clock.now_ns() + timeout_s * 1e9
        while not holds() and not self.end and (left_s := (deadline_ns - clock.now_ns()) / 1e9) > 0:
            self._socket.settimeout(left_s)
            try:
                data = self._socket.recv(65_536)
            except TimeoutError:
                break
            except ConnectionError:
                self.end = "RST"
                break
            self._take(data)
        return holds()

    def how_it_ended(self) -> str:
        """Say how the answer ended, in words."""
        if not self.end:
            return "the body ends in order, the line stays" if self.complete else "stays open"
        return f"{self.end}, the body {'ends in order' if self.complete else 'is cut short'}"

    def _take(self, data: bytes) -> None:
        self.read_ns = clock.now_ns()
        if self.status == 101:
            self.after += data
            self.end = "" if data else "FIN"
            return
        try:
            items = self._decoder.feed(data) if data else self._decoder.end()
        except RemoteProtocolError:  # cut short
            items = []
        for item in items:
            if isinstance(item, ResponseHead):
                self.status = item.status
                if item.get("Content-Encoding") == "gzip":
                    self._inflater = zlib.decompressobj(31)
            elif isinstance(item, BodyData):
                body = self._inflater.decompress(item.data) if self._inflater else item.data
                self.body_bytes += len(body)
                self.events += [event.data for event in self._stream.feed(body)]
            elif isinstance(item, EndOfMessage):
                self.complete = True
        if self.status == 101:
            self.after += self._decoder.rest
        if not data:
            self.end = "FIN"

    def _wait_for_subscription(self) -> None:
        deadline_ns = clock.now_ns() + _TIMEOUT_S * 1e9
        while self._channel not in {line.channel for line in self._place.lab.connections}:
            if clock.now_ns() > deadline_ns:
                raise WaitTimeout(f"Nobody subscribed to the lab's channel within {_TIMEOUT_S:g} s.")
            threading.Event().wait(_LOOK_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
