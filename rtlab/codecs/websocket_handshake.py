"""The opening handshake: an HTTP request that asks to speak WebSocket from now on, and its answer.

::

    client                                              server
      │  GET /chat HTTP/1.1                               │
      │  Host: example.com                                │
      │  Upgrade: websocket, Connection: Upgrade          │
      │  Sec-WebSocket-Version: 13                        │
      │  Sec-WebSocket-Key: 16 random bytes in base64 ──► │  check_opening_request
      │                                                   │
      │                HTTP/1.1 101 Switching Protocols   │
      │         Upgrade: websocket, Connection: Upgrade   │
      │ ◄── Sec-WebSocket-Accept: base64(SHA-1(key+GUID)) │  opening_response
      │  check_opening_response                           │

The accept value proves that the answer comes from a server that speaks WebSocket and read this very request, not
from one that repeats what it gets or from a cache. It is no secret and proves nothing about who the peer is.
``Origin`` is handed on and not judged here: which origins are welcome is the server's decision.

Spec: RFC 6455 1.3, 4
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rtlab.codecs.http1 import Headers, RequestHead, ResponseHead
from rtlab.codecs.websocket_extensions import Extension, parse_extensions
from rtlab.errors import InputError, LocalProtocolError, RemoteProtocolError

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""The fixed text that every WebSocket server knows and appends to the key."""

VERSION = "13"
"""The protocol version of RFC 6455, the only one in use."""

KEY_BYTES = 16
"""How many random bytes a key stands for."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CLIENT_CHECKS = "RFC 6455 4.1"
_SERVER_CHECKS = "RFC 6455 4.2.1"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a client asked for in a correct opening request.

    Attributes:
        key: The value of ``Sec-WebSocket-Key``.
        subprotocols: The sub-protocols offered, the client's favourite first.
        origin: Which page opened the connection, as a browser tells; None from most other clients.
        extensions: The extensions offered, the client's favourite first.
    """

    key: str
    subprotocols: tuple[str, ...] = ()
    origin: str | None = None
    extensions: tuple[Extension, ...] = ()


def make_key(random_bytes: bytes) -> str:
    """Make the value of ``Sec-WebSocket-Key`` for one connection.

    Args:
        random_bytes: 16 fresh random bytes.

    Raises:
        InputError: There are not 16 of them.

    Spec: RFC 6455 4.1
    """
    if len(random_bytes) != KEY_BYTES:
        raise InputError(f"A key is made of {KEY_BYTES} bytes, not {len(random_bytes)}.")
    return base64.b64encode(random_bytes).decode()


def accept_key(key: str) -> str:
    """Compute the value of ``Sec-WebSocket-Accept`` that answers a key.

    Args:
        key: The value of ``Sec-WebSocket-Key`` as it came, still in base64.

    Spec: RFC 6455 4.2.2
    """
    digest = hashlib.sha1((key + GUID).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def opening_request(
    host: str,
    target: str,
    key: str,
    *,
    origin: str | None = None,
    subprotocols: Sequence[str] = (),
    extensions: Sequence[Extension] = (),
    headers: Headers = (),
) -> RequestHead:
    """Make the request with which a client opens a connection.

    Args:
        host: Host, and port where it is not the default one, such as ``"127.0.0.1:8888"``.
        target: Path and query, such as ``"/ws/news"``.
        key: From :func:`make_key`.
        origin: What a browser would say here; None to leave it out.
        subprotocols: The sub-protocols to offer, the favourite first.
        extensions: The extensions to offer, the favourite first.
        headers: Further header fields, such as a cookie.

    Returns:
        The head of the request; it has no body.

    Raises:
        LocalProtocolError: A sub-protocol is not a token, or is given twice.

    Spec: RFC 6455 4.1
    """
    if not _are_subprotocols(subprotocols):
        raise LocalProtocolError(
            f"Sub-protocols must be different tokens without spaces or commas, not {list(subprotocols)}.",
            spec=_CLIENT_CHECKS,
        )
    fields = [
        ("Host", host),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", key),
        ("Sec-WebSocket-Version", VERSION),
    ]
    if origin is not None:
        fields.append(("Origin", origin))
    if subprotocols:
        fields.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    if extensions:
        fields.append(("Sec-WebSocket-Extensions", ", ".join(map(str, extensions))))
    return RequestHead("GET", target, (*fields, *headers))


def check_opening_request(head: RequestHead) -> Opening:
    """Judge a request to open a connection, as a server.

    Args:
        head: The head of the request.

    Returns:
        What the client asks for.

    Raises:
        RemoteProtocolError: The request is wrong; it carries the status and headers of the refusal: 405 for a
            method that is not GET, 426 for another version, 400 for everything else.

    Spec: RFC 6455 4.2.1, 4.4
    """
    if head.method != "GET":
        raise _refused(f"A connection is opened with GET, not {head.method}.", 405, ("Allow", "GET"))
    if head.version == "HTTP/1.0":
        raise _refused("A connection is opened over HTTP/1.1, not HTTP/1.0.")
    if len(head.get_all("Host")) != 1:
        raise _refused("The request needs one Host header.")
    if "websocket" not in _tokens(head, "Upgrade"):
        raise _refused("The request needs the header Upgrade: websocket.")
    if "upgrade" not in _tokens(head, "Connection"):
        raise _refused("The request needs the header Connection: Upgrade.")
    keys = head.get_all("Sec-WebSocket-Key")
    if len(keys) != 1 or not _is_key(keys[0]):
        raise _refused(f"The request needs one Sec-WebSocket-Key: {KEY_BYTES} bytes in base64.")
    if head.get_all("Sec-WebSocket-Version") != [VERSION]:
        raise _refused(
            f"Only version {VERSION} is spoken here.",
            426,
            ("Sec-WebSocket-Version", VERSION),
            # HTTP wants these two with every 426 (RFC 9110 15.5.22, 7.8).
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
        )
    offered = head.get("Sec-WebSocket-Protocol")
    subprotocols = () if offered is None else tuple(name.strip(" \t") for name in offered.split(","))
    if not _are_subprotocols(subprotocols):
        raise _refused("Sec-WebSocket-Protocol must list different tokens.")
    return Opening(
        key=keys[0],
        subprotocols=subprotocols,
        origin=head.get("Origin"),
        extensions=parse_extensions(head.get_all("Sec-WebSocket-Extensions")),
    )


def opening_response(
    opening: Opening,
    *,
    subprotocol: str | None = None,
    extensions: Sequence[Extension] = (),
    headers: Headers = (),
) -> ResponseHead:
    """Make the answer with which a server accepts a connection.

    Args:
        opening: From :func:`check_opening_request`.
        subprotocol: The sub-protocol chosen among those offered, or None.
        extensions: The extensions accepted among those offered, with the parameters agreed on.
        headers: Further header fields.

    Returns:
        The head of the answer, status 101; WebSocket frames follow it.

    Raises:
        LocalProtocolError: The client did not offer this sub-protocol.

    Spec: RFC 6455 4.2.2
    """
    fields = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", accept_key(opening.key)),
    ]
    if subprotocol is not None:
        if subprotocol not in opening.subprotocols:
            raise LocalProtocolError(
                f"The client did not offer the sub-protocol {subprotocol!r}; choose one of"
                f" {list(opening.subprotocols)} or None.",
                spec="RFC 6455 4.2.2",
            )
        fields.append(("Sec-WebSocket-Protocol", subprotocol))
    if extensions:
        fields.append(("Sec-WebSocket-Extensions", ", ".join(map(str, extensions))))
    return ResponseHead(101, "Switching Protocols", (*fields, *headers))


def check_opening_response(
    head: ResponseHead,
    key: str,
    *,
    offered_subprotocols: Sequence[str] = (),
    offered_extensions: Sequence[Extension] = (),
) -> str | None:
    """Judge a server's answer with status 101, as a client; other statuses are the caller's business.

    Args:
        head: The head of the answer.
        key: The key that went out with the request.
        offered_subprotocols: The sub-protocols that went out with the request.
        offered_extensions: The extensions that went out with the request. Whether the parameters in the answer fit
            is the extension's business.

    Returns:
        The sub-protocol agreed on, or None.

    Raises:
        RemoteProtocolError: The answer does not fit the request; close TCP.

    Spec: RFC 6455 4.1
    """
    if _tokens(head, "Upgrade") != ["websocket"]:
        raise RemoteProtocolError("The answer needs the header Upgrade: websocket.", spec=_CLIENT_CHECKS)
    if "upgrade" not in _tokens(head, "Connection"):
        raise RemoteProtocolError("The answer needs the header Connection: Upgrade.", spec=_CLIENT_CHECKS)
    if head.get_all("Sec-WebSocket-Accept") != [accept_key(key)]:
        raise RemoteProtocolError("Sec-WebSocket-Accept does not answer the key.", spec=_CLIENT_CHECKS)
    offered_names = {extension.name for extension in offered_extensions}
    accepted = parse_extensions(head.get_all("Sec-WebSocket-Extensions"))
    if any(extension.name not in offered_names for extension in accepted):
        raise RemoteProtocolError("The answer has an extension that was not offered.", spec=_CLIENT_CHECKS)
    subprotocol = head.get("Sec-WebSocket-Protocol")
    if subprotocol is not None and subprotocol not in offered_subprotocols:
        raise RemoteProtocolError(
            f"The answer has a sub-protocol that was not offered: {subprotocol!r}.", spec=_CLIENT_CHECKS
        )
    return subprotocol


def _tokens(head: RequestHead | ResponseHead, name: str) -> list[str]:
    return [token.strip(" \t").lower() for token in (head.get(name) or "").split(",")]


def _is_key(text: str) -> bool:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    # The last character before the padding holds unused bits; only one of its spellings is canonical.
    return len(decoded) == KEY_BYTES and base64.b64encode(decoded).decode() == text


def _are_subprotocols(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names) and all(_TOKEN.fullmatch(name) for name in names)


def _refused(message: str, status: int = 400, *headers: tuple[str, str]) -> RemoteProtocolError:
    return RemoteProtocolError(message, status=status, headers=headers, spec=_SERVER_CHECKS)
