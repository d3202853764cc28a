"""A proxy that compresses the answer, and does not flush."""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from rtlab.codecs.http1 import LAST_CHUNK, RequestHead, ResponseHead, encode_chunk, encode_response_head
from rtlab.network.faults.fault import Effect, Fault, Piece, Start

_GZIP_WINDOW_BITS = 31
_NONE = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
_REPLACED = {"content-length", "transfer-encoding", "accept-ranges"}


@dataclass(frozen=True, slots=True)
class GzipProxy(Fault):
    """An event stream is compressed, and the events stay in the compressor.

    The real cause is a compressing proxy, or a middleware such as Express ``compression``, that treats an event
    stream like a page: the compressor gives bytes when its block is full, after tens of kilobytes of text, and
    nobody asks it to flush after an event. The head comes at once, so the stream looks open. The fix is to flush
    after each event, or to leave ``text/event-stream`` out of what is compressed (``Cache-Control: no-transform``
    asks for it). nginx flushes where ``proxy_buffering`` is off. A WebSocket passes untouched.

    As real ones do, it compresses only for a client that sends ``Accept-Encoding: gzip`` over HTTP/1.1, which
    browsers do, and nothing that is compressed already. An answer that has begun is left alone; taken away, it
    flushes, and goes on flushing until that answer ends.
    """

    reads_http: ClassVar[bool] = True

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Compressing(start)


class _Compressing(Effect):
    def __init__(self, start: Start) -> None:
        self._note = start.note
        self._offers: deque[bool] = deque()
        """For each request without an answer, whether its client takes gzip."""
        self._compressor: zlib._Compress | None = None
        self._flushes = False

    def take(self, piece: Piece) -> Iterator[Piece]:
        head = piece.head
        if isinstance(head, RequestHead):
            self._offers.append(head.version == "HTTP/1.1" and _takes_gzip(head))
        elif isinstance(head, ResponseHead) and head.status >= 200:
            offered = bool(self._offers) and self._offers.popleft()
            if offered and not piece.ends_message and not _is_fixed(head):
                piece = self._begin(piece, head)
        elif self._compressor and piece.direction == "down":
            is_body = piece.body is not None
            yield from self._squeezed(piece.body or b"", piece.at_ns, is_last=piece.ends_message or not is_body)
            if is_body:
                return  # else the body has ended with its connection, and that goes on
        yield piece

    def leave(self, at_ns: int) -> Iterator[Piece]:
        self._flushes = True
        if self._compressor:
            self._note("flushed")
            yield from self._squeezed(b"", at_ns)

    def _begin(self, piece: Piece, head: ResponseHead) -> Piece:
        self._note("compresses an answer")
        self._compressor = zlib.compressobj(wbits=_GZIP_WINDOW_BITS)
        self.lingers = True
        kept = tuple((name, value) for name, value in head.headers if name.lower() not in _REPLACED)
        coded = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"), ("Transfer-Encoding", "chunked"))
        head = replace(head, headers=kept + coded)
        return replace(piece, data=encode_response_head(head), head=head)

    def _squeezed(self, body: bytes, at_ns: int, *, is_last: bool = False) -> Iterator[Piece]:
        """Give what the compressor gives, as a chunk."""
        assert self._compressor
        coded = self._compressor.compress(body)
        if is_last:
            coded += self._compressor.flush()
            self._compressor, self.lingers = None, False
        elif self._flushes:
            coded += self._compressor.flush(zlib.Z_SYNC_FLUSH)
        data = (encode_chunk(coded) if coded else b"") + (LAST_CHUNK if is_last else b"")
        if data:
            yield Piece("down", data, at_ns, body=coded, ends_message=is_last)


def _takes_gzip(head: RequestHead) -> bool:
    """Tell whether the client names gzip, and not with a weight of 0."""
    codings = (part.partition(";") for part in (head.get("Accept-Encoding") or "").lower().split(","))
    return any(name.strip() == "gzip" and not _NONE.fullmatch(weight) for name, _, weight in codings)


def _is_fixed(head: ResponseHead) -> bool:
    """Tell whether an answer must stay as it is; a part of a file (206) is counted in bytes that are not coded."""
    no_transform = "no-transform" in (head.get("Cache-Control") or "").lower()
    return head.status == 206 or bool(head.get("Content-Encoding")) or no_transform
