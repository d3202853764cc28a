"""A proxy that speaks HTTP/1.0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from rtlab.codecs.http1 import RequestHead, ResponseHead, encode_request_head, encode_response_head
from rtlab.network.faults.fault import Effect, Fault, Piece, Sign, Start
from rtlab.network.faults.heads import without_hop_by_hop

_REPLACED = {"connection", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Http10(Fault):
    """Requests and answers go on as HTTP/1.0.

    The real cause is an old proxy such as Squid before 3.2, on both sides of which HTTP/1.0 is spoken. There are no
    chunks, so an event stream is plain and ends with the connection, and the receiver cannot tell whether it is
    complete; each request needs a connection of its own; and there is no Upgrade, so a WebSocket gets 400 or 426.
    The fix is TLS: the proxy then passes bytes it cannot read.

    A request whose body is chunked goes on as it is; a real proxy would answer 411. An exchange that has begun
    before stays HTTP/1.1.
    """

    reads_http: ClassVar[bool] = True

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Downgrading(start)


class _Downgrading(Effect):
    def __init__(self, start: Start) -> None:
        self._note = start.note
        self._has_asked = False

    def take(self, piece: Piece) -> Iterator[Piece]:
        head = piece.head
        if self._has_asked and piece.direction == "up" and not isinstance(piece.data, Sign):
            return  # a second request; unread bytes would make the server's close a reset, and cost the answer
        if isinstance(head, RequestHead) and head.get("Transfer-Encoding") is None:
            self._note(f"sent {head.method} {head.target.partition('?')[0]} on as HTTP/1.0")
            self.lingers = True
            headers = (*without_hop_by_hop(head.headers), ("Connection", "close"))
            head = replace(head, version="HTTP/1.0", headers=headers)
            yield replace(piece, data=encode_request_head(head), head=head)
        elif not self.lingers or piece.direction == "up" or isinstance(piece.data, Sign):
            yield piece
        elif isinstance(head, ResponseHead):
            if head.status >= 200:  # HTTP/1.0 knows no interim answers
                yield self._downgraded(piece, head)
        elif piece.body is None:
            yield piece
        elif piece.body:
            yield replace(piece, data=piece.body)
        if self.lingers and piece.direction == "up" and piece.ends_message:
            self._has_asked = True
        if self.lingers and piece.direction == "down" and piece.ends_message:
            self.lingers = False
            yield Piece("down", Sign.END, piece.at_ns)
            yield Piece("up", Sign.END, piece.at_ns)

    def _downgraded(self, piece: Piece, head: ResponseHead) -> Piece:
        kept = tuple((name, value) for name, value in head.headers if name.lower() not in _REPLACED)
        head = replace(head, version="HTTP/1.0", headers=(*kept, ("Connection", "close")))
        return replace(piece, data=encode_response_head(head), head=head)
