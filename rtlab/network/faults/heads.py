"""Faults of proxies that change the head of a request."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from rtlab.codecs.http1 import Headers, RequestHead, encode_request_head
from rtlab.errors import InputError
from rtlab.network.faults.fault import Effect, Fault, Piece, Start

_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "upgrade"}


def without_hop_by_hop(headers: Headers) -> Headers:
    """Take out the fields that are meant for the next machine only, and those that ``Connection`` lists.

    Transfer-Encoding stays, for it says where the body ends.

    Args:
        headers: The fields as they came.

    Returns:
        Those that a proxy sends on.

    Spec: RFC 9110 7.6.1
    """
    listed = {
        option.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for option in value.split(",")
    }
    dropped = _HOP_BY_HOP | listed
    return tuple((name, value) for name, value in headers if name.lower() not in dropped)


class HeadFault(Fault):
    """A fault that changes the heads of requests."""

    __slots__ = ()
    reads_http: ClassVar[bool] = True

    @abstractmethod
    def changed(self, headers: Headers) -> Headers:
        """Give the header fields that go on instead of those that came."""

    def effect(self, start: Start) -> Effect:
        """Begin on one connection."""
        return _Changing(self.changed, start)


class _Changing(Effect):
    def __init__(self, changed: Callable[[Headers], Headers], start: Start) -> None:
        self._changed = changed
        self._note = start.note

    def take(self, piece: Piece) -> Iterator[Piece]:
        head = piece.head
        if isinstance(head, RequestHead):
            headers = self._changed(head.headers)
            if headers != head.headers:
                self._note(f"changed the head of {head.method} {head.target.partition('?')[0]}")
                head = replace(head, headers=headers)
                piece = replace(piece, data=encode_request_head(head), head=head)
        yield piece


@dataclass(frozen=True, slots=True)
class StripUpgrade(HeadFault):
    """A WebSocket's request arrives without ``Upgrade`` and ``Connection``.

    The real cause is a proxy that was not told of WebSocket. Both fields are meant for the next machine only, and a
    proxy must not send them on (RFC 9110 7.6.1); nginx does not, until ``proxy_set_header Upgrade $http_upgrade``
    and ``proxy_set_header Connection "upgrade"`` say so. The server sees a plain GET and answers 400 or 426; the
    browser says code 1006. The fix is that setting, or TLS, which most proxies pass through. An event stream needs
    nothing of the kind.
    """

    def changed(self, headers: Headers) -> Headers:
        """Take out what is meant for one machine, if an upgrade is asked for."""
        return without_hop_by_hop(headers) if any(name.lower() == "upgrade" for name, _ in headers) else headers


@dataclass(frozen=True, slots=True)
class RewriteAccept(HeadFault):
    """The server is told another ``Accept`` than the client sent.

    The real cause is a gateway or a cache that brings requests to one form. A server that chooses by ``Accept``
    then sends JSON or HTML where an event stream was asked for, and an EventSource fails for good: the type is
    wrong. The fix is a path of its own for the stream.

    Args:
        accept: What the server is told; one line of text.

    Raises:
        InputError: It is no value of a header field.
    """

    accept: str = "*/*"

    def __post_init__(self) -> None:
        if not self.accept.isascii() or not self.accept.isprintable():
            raise InputError(f"accept must be printable ASCII such as */*, not {self.accept!r:.60}.")

    def changed(self, headers: Headers) -> Headers:
        """Replace the value where there is one."""
        return tuple((name, self.accept if name.lower() == "accept" else value) for name, value in headers)


@dataclass(frozen=True, slots=True)
class DropLastEventId(HeadFault):
    """The server does not learn which event the client saw last.

    The real cause is a gateway that passes known header fields only. After each reconnect the stream goes on with
    what is new, and what was missed is lost without a sign. The fix is to let ``Last-Event-ID`` pass, or to name
    the last id in the URL as well.
    """

    def changed(self, headers: Headers) -> Headers:
        """Take the field out."""
        return tuple((name, value) for name, value in headers if name.lower() != "last-event-id")
