"""A proxy that collects the answer before it sends it on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from rtlab.codecs.http1 import ResponseHead
from rtlab.network.faults.fault import Effect, Fault, Piece, Start, require_range


@dataclass(frozen=True, slots=True)
class BufferingProxy(Fault):
    """An answer goes on in full buffers, or when it ends: small events arrive late, and many at once.

    What does not fill a buffer waits, so the end of a large event is held back, too, and with it the event.

    The real cause is nginx as it is set up by default: ``proxy_buffering on``, with buffers of one memory page,
    4,096 or 8,192 bytes. It keeps the head back, too, so that an EventSource is not even open before the first
    buffer is full. The fix: the server sends ``X-Accel-Buffering: no``, as a lab does, or the proxy is told
    ``proxy_buffering off`` for this path. A WebSocket passes at once: after the 101 nothing is collected.

    Measured with nginx 1.22: so it is where nginx asks the server with HTTP/1.0, its default before version 1.29.7;
    with ``proxy_http_version 1.1`` and a chunked answer it sends each chunk on at once.

    Applied to an answer that has begun, it collects from then on; taken away, what it holds goes on.

    Args:
        buffer_bytes: How much of a body is collected, 1 to 16,777,216 bytes.
        honours_accel: Whether ``X-Accel-Buffering: no`` is obeyed, as nginx does.
        holds_head: Whether the head waits with the first bytes of the body, as in nginx.

    Raises:
        InputError: A setting is out of its range.
    """

    buffer_bytes: int = 4_096
    honours_accel: bool = True
    holds_head: bool = True

    reads_http: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_range("buffer_bytes", self.buffer_bytes, 1, 16_777_216)

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Collecting(self, start)


class _Collecting(Effect):
    def __init__(self, fault: BufferingProxy, start: Start) -> None:
        self._fault = fault
        self._note = start.note
        self._held: list[Piece] = []
        self._held_bytes = 0
        """Of the body alone."""
        self._is_on = start.answer is not None and self._applies(start.answer)

    def take(self, piece: Piece) -> Iterator[Piece]:
        if piece.direction == "up":
            yield piece
        elif isinstance(piece.head, ResponseHead) and not piece.ends_message:
            yield from self._freed(piece.at_ns)
            self._is_on = self._applies(piece.head)
            if self._is_on and self._fault.holds_head:
                self._held.append(piece)
            else:
                yield piece
        elif piece.body is None or not self._is_on:
            yield from self._freed(piece.at_ns)
            yield piece
        else:
            if not self._held_bytes and not piece.ends_message:
                self._note("collects the body of an answer")
            self._held.append(piece)
            self._held_bytes += len(piece.body)
            if piece.ends_message:
                yield from self._freed(piece.at_ns)
            elif self._held_bytes >= self._fault.buffer_bytes:
                yield from self._filled(piece.at_ns)

    def leave(self, at_ns: int) -> Iterator[Piece]:
        yield from self._freed(at_ns)

    def _applies(self, answer: ResponseHead) -> bool:
        is_unwanted = (answer.get("X-Accel-Buffering") or "").lower() == "no"
        return answer.status >= 200 and not (self._fault.honours_accel and is_unwanted)

    def _filled(self, at_ns: int) -> Iterator[Piece]:
        """Pass on what fills buffers; the rest, always a part of the last piece, waits for more."""
        rest_bytes = self._held_bytes % self._fault.buffer_bytes
        full, rest = _split(self._held.pop(), rest_bytes)
        self._held.append(full)
        self._held_bytes -= rest_bytes
        yield from self._freed(at_ns)
        if rest_bytes:
            self._held, self._held_bytes = [rest], rest_bytes

    def _freed(self, at_ns: int) -> Iterator[Piece]:
        held, self._held = self._held, []
        if self._held_bytes:
            self._note(f"passed on {self._held_bytes:,} bytes of a body at once")
        self._held_bytes = 0
        for piece in held:
            yield replace(piece, at_ns=at_ns)


def _split(piece: Piece, rest_bytes: int) -> tuple[Piece, Piece]:
    """Cut a part of a body in two, so that the second has so many bytes of the body."""
    assert isinstance(piece.data, bytes) and piece.body is not None
    at = len(piece.body) - rest_bytes
    # Within one chunk this is exact. With framing in between, a few bytes more go on: any cut is right on the wire.
    inside = piece.data.find(piece.body)
    cut = inside + at if inside >= 0 and rest_bytes else len(piece.data) - rest_bytes
    first = replace(piece, data=piece.data[:cut], body=piece.body[:at])
    return first, replace(piece, data=piece.data[cut:], body=piece.body[at:])
