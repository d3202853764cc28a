"""What came of attacks across sites and origins."""

from __future__ import annotations

from dataclasses import dataclass, field

OWN = "the server's own origin"
"""Where a page stands that is no attacker's: it may read."""


@dataclass(frozen=True, slots=True)
class HijackTry:
    """One attempt of a page to open a victim's WebSocket, and to read with the victim's cookie.

    Attributes:
        page: Where the attacking page stands, such as ``"another port"``.
        cookie: What the session's cookie says on ``SameSite``.
        policy: What the server checks.
        opened: True if the socket opened.
        cookie_sent: True if the victim's session cookie went with the handshake.
        read: True if the page got the victim's data.
        seen: What the page's script saw.
        by: The browser, or ``"a program"``.
        handshake: The request's head as the server received it.
    """

    page: str
    cookie: str
    policy: str
    opened: bool
    cookie_sent: bool
    read: bool
    seen: str
    by: str
    handshake: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CorsTry:
    """One attempt of a page to read an event stream of another origin.

    Attributes:
        server: What the server answers on CORS.
        client: What the page used: EventSource or fetch, with or without credentials.
        readable: True if the page's script could read the stream.
        cookie_sent: True if the session cookie went with the request.
        arrived: True if the request reached the server, which answered it.
        private: True if what the script read was the data of the cookie's owner.
        anyone: True if the server says the same to whatever page asks, and lets it use cookies.
        by: The browser, or ``"a program"``.
        request: The request's head as the server received it.
        allowed: What the answer said on CORS, as it went over the wire.
    """

    server: str
    client: str
    readable: bool
    cookie_sent: bool
    arrived: bool
    private: bool
    anyone: bool
    by: str
    request: bytes = field(repr=False)
    allowed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RebindingTry:
    """One attempt of a page whose name leads to this machine all of a sudden.

    Attributes:
        server: Which server was attacked.
        transport: ``"sse"`` or ``"websocket"``.
        read: True if the page got the server's data.
        seen: What the page's script saw.
        by: The browser, or ``"a program"``.
        request: The request's head as it went to the server.
    """

    server: str
    transport: str
    read: bool
    seen: str
    by: str
    request: bytes = field(repr=False)
