"""A program that does for a page what a browser would do.

It sends what a browser would send, and lets the script read no more than a browser would: cookies go along by their
``SameSite``, and answers are judged by the CORS check. Tests hold it against a real Chromium.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace

from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.cookies import Cookie
from rtlab.codecs.cors import may_read
from rtlab.codecs.http1 import (
    BodyData,
    EndOfMessage,
    Headers,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_request_head,
)
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.codecs.websocket_session import CloseReceived, TextMessage, WebSocketSession
from rtlab.errors import ConnectionFailed, WaitTimeout
from rtlab.experiments.attacking_page import PROGRAM, Look
from rtlab.loop_thread import shared

_TIMEOUT_S = 20.0


class ProgramPage:
    """A program that plays a page; every name leads it to this machine, so no attack leaves it.

    Args:
        origin: The page's origin, such as ``"http://evil.rtlab.test:8000"``.
        cookies: What the browser keeps for the server under attack.
        third_party_cookies: Whether its user allows third-party cookies.
    """

    by = PROGRAM

    def __init__(self, origin: str, cookies: Sequence[Cookie] = (), *, third_party_cookies: bool = True) -> None:
        self.origin = origin
        self._third_party = third_party_cookies
        self._host = Address.parse(origin, ("http",)).host
        self._cookies = tuple(cookies)

    def fetch(self, url: str, *, with_credentials: bool) -> Look:
        """See :meth:`AttackingPage.fetch`."""
        return self._read("GET", url, with_credentials)

    def event_source(self, url: str, *, with_credentials: bool) -> Look:
        """See :meth:`AttackingPage.event_source`."""
        return self._read("GET", url, with_credentials, headers=(("Accept", "text/event-stream"),))

    def post(self, url: str, text: str) -> Look:
        """Post plain text: a simple request, for which a browser asks nobody first."""
        headers = (("Content-Type", "text/plain"), ("Content-Length", str(len(text.encode()))))
        return self._read("POST", url, False, headers, text.encode())

    def websocket(self, url: str, *, first: str = "", subprotocol: str = "") -> Look:
        """See :meth:`AttackingPage.websocket`."""
        address = Address.parse(url, ("ws",))
        request = opening_request(
            address.host_header,
            address.target,
            make_key(secrets.token_bytes(16)),
            origin=self.origin,
            subprotocols=(subprotocol,) if subprotocol else (),
            headers=self._cookie(address, with_credentials=True),
        )
        sent = encode_request_head(request)
        return shared.call(lambda: _talk(address, sent, first), 2 * _TIMEOUT_S + 1)

    def _read(
        self, method: str, url: str, with_credentials: bool, headers: Headers = (), body: bytes = b""
    ) -> Look:
        address = Address.parse(url, ("http",))
        is_own = self._is_own(address)
        # A browser names the page's origin where it is another one, and in each POST.
        origin = () if is_own and method == "GET" else (("Origin", self.origin),)
        fields = (("Host", address.host_header), *origin, *self._cookie(address, with_credentials), *headers)
        sent = encode_request_head(RequestHead(method, address.target, fields)) + body
        received, head, text = shared.call(lambda: _ask(address, method, sent), 2 * _TIMEOUT_S + 1)
        if not (is_own or may_read(head, self.origin, with_credentials=with_credentials)):
            return Look(False, "", f"an error by CORS, while the server said {head.status}", sent, received)
        return Look(head.status == 200, text, f"status {head.status}", sent, received)

    def _cookie(self, address: Address, with_credentials: bool) -> Headers:
        if not (with_credentials or self._is_own(address)):
            return ()
        going = {"same_site": address.host == self._host, "third_party": self._third_party}
        kept = [f"{each.name}={each.value}" for each in self._cookies if each.goes_along(**going)]
        return (("Cookie", "; ".join(kept)),) if kept else ()

    def _is_own(self, address: Address) -> bool:
        return f"http://{address.host_header}" == self.origin


async def _open(address: Address) -> Wire:
    # As in a browser whose names all lead here; the Host field keeps the name.
    here = replace(address, host="127.0.0.1")
    return await Wire.open(here, Traffic(), ca_pem="", timeout_s=_TIMEOUT_S)


async def _ask(address: Address, method: str, sent: bytes) -> tuple[bytes, ResponseHead, str]:
    """Send a request; give the bytes that came, their head, and the first event or the whole body as text."""
    wire = await _open(address)
    decoder, events = ResponseDecoder(request_method=method), EventStreamDecoder()
    received, body, head, is_over = bytearray(), b"", None, False
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            wire.write(sent)
            while not is_over:
                data, _ = await wire.read()
                received += data
                for item in decoder.feed(data) if data else decoder.end():
                    if isinstance(item, ResponseHead):
                        head = item
                    elif isinstance(item, BodyData):
                        body += item.data
                        if events.feed(item.data):
                            is_over = True
                    is_over |= isinstance(item, EndOfMessage)
                is_over |= not data
    except TimeoutError as error:
        raise WaitTimeout(f"{address.host_header} sent only half an answer.") from error
    finally:
        wire.abort()
    if head is None:
        raise ConnectionFailed(f"{address.host_header} ended the connection without an answer.")
    return bytes(received), head, body.decode(errors="replace")


async def _talk(address: Address, sent: bytes, first: str) -> Look:
    """Open a WebSocket, send a message, and wait for one."""
    wire = await _open(address)
    decoder, session = ResponseDecoder(), WebSocketSession("client")
    received, status = bytearray(), 0
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            wire.write(sent)
            while data := (await wire.read())[0]:
                received += data
                if not status:
                    status = next((item.status for item in decoder.feed(data) if isinstance(item, ResponseHead)), 0)
                    data = decoder.rest if status == 101 else b""
                    if status == 101 and first:
                        wire.write(session.send_text(first))
                if status not in (0, 101):
                    return Look(False, "", f"status {status}", sent, bytes(received))
                for event in session.feed(data):
                    if isinstance(event, TextMessage):
                        return Look(True, event.text, "opens", sent, bytes(received))
                    if isinstance(event, CloseReceived):
                        return Look(True, "", f"opens, closed with {event.code}", sent, bytes(received))
            return Look(status == 101, "", "the line ended", sent, bytes(received))
    except TimeoutError:
        return Look(status == 101, "", "opens, and nothing comes" if status else "no answer", sent, bytes(received))
    finally:
        wire.abort()


def sign_in(url: str) -> tuple[Cookie, ...]:
    """Ask for a login's address, and keep the cookies of its answer.

    Args:
        url: The address.
    """
    address = Address.parse(url, ("http",))
    sent = encode_request_head(RequestHead("GET", address.target, (("Host", address.host_header),)))
    _, head, _ = shared.call(lambda: _ask(address, "GET", sent), 2 * _TIMEOUT_S + 1)
    return tuple(Cookie.parse(value) for value in head.get_all("Set-Cookie"))
