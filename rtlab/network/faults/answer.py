"""A proxy that answers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from rtlab.codecs.http1 import Headers, RequestHead, ResponseHead, encode_response_head
from rtlab.errors import InputError, LocalProtocolError
from rtlab.network.faults.fault import Effect, Fault, Piece, Sign, Start, require_range

_BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Answer(Fault):
    """Requests get a status from the proxy, and the server does not see them.

    The real cause is a proxy whose server is away: 502 (it does not answer), 503 (overloaded, or being replaced),
    504 (too slow); a login page in between: 401. What a client makes of it differs: an EventSource comes back after
    a broken line, and gives up for good at any answer but 200; 204 tells it to. A WebSocket fails, with code 1006
    and without the status. The fix is in the client: open a new EventSource when ``readyState`` is CLOSED, later
    each time.

    Exchanges that have begun go on.

    Args:
        status: The status, 200 to 599.
        after_connections: So many connections are let through first, counted from the relay's start; 1 answers
            reconnects only.
        headers: Further header fields, such as ``(("Retry-After", "5"),)``.

    Raises:
        InputError: A setting is out of its range.
    """

    status: int = 503
    after_connections: int = 0
    headers: Headers = ()

    reads_http: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_range("status", self.status, 200, 599)
        require_range("after_connections", self.after_connections, 0, 1_000_000)
        try:
            self.message("GET")
        except (LocalProtocolError, TypeError, ValueError) as error:
            raise InputError(f"headers must be pairs of text such as ('Retry-After', '5'): {error}") from error

    def message(self, method: str) -> bytes:
        """Give the bytes of the answer.

        Args:
            method: What was asked with; the answer to HEAD has no body.
        """
        try:
            reason = HTTPStatus(self.status).phrase
        except ValueError:
            reason = ""
        body = b"" if self.status in _BODILESS else f"{self.status} {reason}\n".encode()
        headers = [*self.headers, ("Connection", "close")]
        if self.status == HTTPStatus.UNAUTHORIZED and not any(k.lower() == "www-authenticate" for k, _ in headers):
            headers.append(("WWW-Authenticate", 'Basic realm="relay"'))
        if body:
            headers += [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        head = encode_response_head(ResponseHead(self.status, reason, tuple(headers)))
        return head if method == "HEAD" else head + body

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return Effect() if start.number < self.after_connections else _Answering(self, start)


class _Answering(Effect):
    def __init__(self, fault: Answer, start: Start) -> None:
        self._fault = fault
        self._note = start.note
        self._has_answered = False

    def take(self, piece: Piece) -> Iterator[Piece]:
        if piece.direction == "up" and isinstance(piece.head, RequestHead) and not self._has_answered:
            self._has_answered = True
            head = piece.head
            self._note(f"answered {self._fault.status} to {head.method} {head.target.partition('?')[0]}")
            yield Piece("down", self._fault.message(head.method), piece.at_ns)
            yield Piece("down", Sign.END, piece.at_ns)
            if piece.ends_message:
                yield Piece("up", Sign.END, piece.at_ns)
        elif not self._has_answered or isinstance(piece.data, Sign):
            yield piece
        elif piece.ends_message:  # before that, a close would meet unread bytes, and reset the answer
            yield Piece("up", Sign.END, piece.at_ns)
