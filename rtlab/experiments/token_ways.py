"""The ways in which a client can show a secret to a server, and what a page tells others of its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from rtlab.codecs.http1 import Headers, RequestHead, encode_request_head
from rtlab.codecs.websocket_frames import TEXT
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.experiments.raw_websocket import client_frame
from rtlab.experiments.token_server import SUBPROTOCOL
from rtlab.records import Transport

Policy = Literal["strict-origin-when-cross-origin", "no-referrer-when-downgrade"]

PAGE, URL, TICKET = "in the page's URL", "in the URL", "as a ticket in the URL"
HEADER, COOKIE = "in Authorization", "in a cookie"
PROTOCOL, MESSAGE = "as a sub-protocol", "in the first message"
WAYS: dict[Transport, tuple[str, ...]] = {
    "sse": (PAGE, URL, TICKET, HEADER, COOKIE),
    "websocket": (URL, TICKET, PROTOCOL, HEADER, COOKIE, MESSAGE),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a client shows a secret.

    Attributes:
        query: The query of the URL, with its question mark.
        headers: Header fields.
        subprotocols: Sub-protocols to offer.
        message: A WebSocket's first message.
    """

    query: str = ""
    headers: Headers = ()
    subprotocols: tuple[str, ...] = ()
    message: str = ""


def shown(way: str, secret: str) -> Shown:
    """Tell what a client does to show a secret in one way."""
    ways = {
        PAGE: Shown(query=f"?token={secret}"),
        URL: Shown(query=f"?token={secret}"),
        TICKET: Shown(query=f"?ticket={secret}"),
        HEADER: Shown(headers=(("Authorization", f"Bearer {secret}"),)),
        COOKIE: Shown(headers=(("Cookie", f"session={secret}"),)),
        PROTOCOL: Shown(subprotocols=(SUBPROTOCOL, f"bearer.{secret}")),
        MESSAGE: Shown(message=secret),
    }
    return ways[way]


def referer(page_url: str, to_url: str, policy: Policy) -> str:
    """Tell what a browser sends as ``Referer``.

    Args:
        page_url: The page that asks.
        to_url: What it asks for; both are http, or both https.
        policy: The page's policy.

    Returns:
        The field's value; a fragment never stands in it.

    Spec: W3C Referrer Policy 8.3
    """
    page, to = urlsplit(page_url), urlsplit(to_url)
    if policy == "no-referrer-when-downgrade" or (page.scheme, page.netloc) == (to.scheme, to.netloc):
        return urlunsplit(page._replace(fragment=""))
    return f"{page.scheme}://{page.netloc}/"


def request_with(transport: Transport, port: int, path: str, how: Shown, *, name: str = "127.0.0.1") -> bytes:
    """Write a request that shows a secret, with a WebSocket's first message behind it.

    Args:
        transport: ``"sse"`` or ``"websocket"``.
        port: The server's port.
        path: What is asked for.
        how: How the secret is shown.
        name: The server's name.
    """
    host, target = f"{name}:{port}", f"{path}{how.query}"
    if transport == "sse":
        return encode_request_head(
            RequestHead("GET", target, (("Host", host), ("Connection", "close"), *how.headers))
        )
    head = opening_request(host, target, make_key(bytes(16)), subprotocols=how.subprotocols, headers=how.headers)
    return encode_request_head(head) + (client_frame(TEXT, how.message.encode()) if how.message else b"")
