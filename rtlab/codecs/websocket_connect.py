"""Opening a WebSocket in whichever version of HTTP: by ``Upgrade`` on HTTP/1.1, by extended CONNECT on HTTP/2.

::

    client                                              server
      │  :method CONNECT                                  │
      │  :protocol websocket                              │
      │  :scheme https, :authority, :path                 │
      │  sec-websocket-version: 13                    ──► │  check_opening
      │                                                   │
      │ ◄── :status 200                                   │  answer_opening
      │                                                   │
      │  from here on DATA frames carry WebSocket frames  │

On HTTP/2 the connection lives on for other streams, so nothing is upgraded: there is no ``Upgrade``, no key and no
accept value. The rest is as on HTTP/1.1.

Spec: RFC 8441 4, 5
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.codecs.websocket_extensions import Extension
from rtlab.codecs.websocket_handshake import VERSION, Opening, check_opening_request, opening_response
from rtlab.errors import RemoteProtocolError

HTTP2 = "HTTP/2"
"""The version of a head that came over HTTP/2."""
_NO_KEY = "AAAAAAAAAAAAAAAAAAAAAA=="
_ONLY_HTTP1 = frozenset({"upgrade", "connection", "sec-websocket-accept"})
_SPEC = "RFC 8441 5"


def check_opening(head: RequestHead) -> Opening:
    """Judge a request to open a connection, as a server.

    Args:
        head: The head of the request; over HTTP/2 that of an extended CONNECT for the protocol ``websocket``.

    Returns:
        What the client asks for; its key is empty over HTTP/2.

    Raises:
        RemoteProtocolError: The request is wrong; it carries the status and headers of the refusal.

    Spec: RFC 6455 4.2.1; RFC 8441 5
    """
    if head.version != HTTP2:
        return check_opening_request(head)
    if head.method != "CONNECT":
        text = f"Over HTTP/2 a connection is opened with CONNECT, not {head.method}."
        raise RemoteProtocolError(text, status=405, headers=(("Allow", "CONNECT"),), spec=_SPEC)
    if head.get_all("Sec-WebSocket-Version") != [VERSION]:
        text, versions = f"Only version {VERSION} is spoken here.", (("Sec-WebSocket-Version", VERSION),)
        raise RemoteProtocolError(text, status=400, headers=versions, spec=_SPEC)
    named = tuple(field for field in head.headers if field[0].lower() != "sec-websocket-key")
    stood_for = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", _NO_KEY))
    return replace(check_opening_request(RequestHead("GET", head.target, (*named, *stood_for))), key="")


def answer_opening(
    opening: Opening, *, subprotocol: str | None = None, extensions: Sequence[Extension] = ()
) -> ResponseHead:
    """Make the answer with which a server accepts a connection.

    Args:
        opening: From :func:`check_opening`.
        subprotocol: The sub-protocol chosen among those offered, or None.
        extensions: The extensions accepted among those offered, with the parameters agreed on.

    Returns:
        The head of the answer: status 101, or 200 over HTTP/2.

    Raises:
        LocalProtocolError: The client did not offer this sub-protocol.

    Spec: RFC 6455 4.2.2; RFC 8441 5
    """
    head = opening_response(opening, subprotocol=subprotocol, extensions=extensions)
    if opening.key:
        return head
    fields = tuple(field for field in head.headers if field[0].lower() not in _ONLY_HTTP1)
    return ResponseHead(200, "OK", fields, HTTP2)
