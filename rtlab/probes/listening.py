"""Listens to the body of an event stream for a while, within bounds."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

from rtlab import clock
from rtlab.clients.http import HttpConnection
from rtlab.codecs.http1 import ResponseHead
from rtlab.errors import ConnectionFailed
from rtlab.probes.buffering import Piece
from rtlab.probes.stream_inspector import MOST_LINE_BYTES, StreamInspector

MOST_BYTES = 2_097_152
"""More of a stream is not read."""
_PART_BYTES = 65_536
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
OFFERED_CODINGS = "gzip, deflate"


@dataclass(slots=True)
class Heard:
    """What came of a stream.

    Attributes:
        inspector: What was in it.
        pieces: When bytes came.
        end: ``"time"`` or ``"enough"`` if the probe stopped; ``"ended"`` by the server; ``"cut"``; or ``"coding"``
            if the body's coding cannot be undone.
        why: Details of the end.
        listened_ms: How long it lasted.
    """

    inspector: StreamInspector = field(default_factory=StreamInspector)
    pieces: list[Piece] = field(default_factory=list)
    end: str = "time"
    why: str = ""
    listened_ms: float = 0.0

    @property
    def first_ms(self) -> float | None:
        """When the first bytes of the stream came."""
        return self.pieces[0].at_ms if self.pieces else None

    @property
    def silence_ms(self) -> float:
        """For how long nothing had come when it ended."""
        return self.listened_ms - (self.pieces[-1].at_ms if self.pieces else 0.0)


async def listen(
    http: HttpConnection, head: ResponseHead, *, seconds: float, start_ns: int, ids: int | None = None
) -> Heard:
    """Listen to a stream.

    Args:
        http: The connection, after the head.
        head: The head of the answer.
        seconds: For how long.
        start_ns: From when on times are counted.
        ids: After so many events with an id it is enough; None for all.

    Returns:
        What came, with times in milliseconds from ``start_ns``.
    """
    heard = Heard()
    try:
        async with asyncio.timeout(seconds):
            heard.end = await _hear(heard, http, head.get("Content-Encoding") or "", start_ns, ids)
        if heard.end == "ended":
            heard.inspector.end()
    except TimeoutError:
        heard.end = "time"
    except (zlib.error, LookupError) as error:
        heard.end, heard.why = "coding", str(error)
    except ConnectionFailed as error:
        heard.end, heard.why = "cut", str(error)
    heard.listened_ms = (clock.now_ns() - start_ns) / 1e6
    return heard


async def _hear(heard: Heard, http: HttpConnection, coding: str, start_ns: int, ids: int | None) -> str:
    """Read the body; tell why no more of it is read."""
    undo = _Decoder(coding)
    async with aclosing(http.body()) as body:
        async for data, at_ns in body:
            for part in undo.parts(data):
                await asyncio.sleep(0)  # so that the limit holds although there is always more to read
                if _take(heard, part, (at_ns - start_ns) / 1e6, ids):
                    return "enough"
    return "ended"


def _take(heard: Heard, data: bytes, at_ms: float, ids: int | None) -> bool:
    """Read a piece; tell whether it is enough."""
    inspector = heard.inspector
    if data:
        before = len(inspector.events)
        inspector.feed(data, at_ms)
        heard.pieces.append(Piece(at_ms, len(data), len(inspector.events) - before, inspector.inside))
    is_full = inspector.offset > MOST_BYTES or inspector.pending_line_bytes > MOST_LINE_BYTES
    return is_full or (ids is not None and sum(event.id is not None for event in inspector.events) >= ids)


class _Decoder:
    """Undoes a content coding."""

    def __init__(self, coding: str) -> None:
        name = coding.strip().lower()
        self._stream = None
        if name not in ("", "identity"):
            if name not in _WINDOW_BITS:
                raise LookupError(f"Content-Encoding: {coding[:60]}")
            self._stream = zlib.decompressobj(_WINDOW_BITS[name])

    def parts(self, data: bytes) -> Iterator[bytes]:
        """Give what a piece stands for, a little at a time: a small piece may stand for very much."""
        if self._stream is None:
            yield data
            return
        while data:
            yield self._stream.decompress(data, _PART_BYTES)
            data = self._stream.unconsumed_tail
