"""What does it take to open a WebSocket, and what makes either side refuse?

The handshake is done by hand: the request is written as text, the accept value is computed step by step, and no
WebSocket library takes part. Then one thing is changed at a time.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from dataclasses import dataclass, replace

from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.http1 import (
    BodyData,
    EndOfMessage,
    Headers,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_request_head,
)
from rtlab.codecs.websocket_handshake import GUID, accept_key, make_key, opening_request
from rtlab.errors import ConnectionFailed, WaitTimeout
from rtlab.experiments.intermediary import Intermediary
from rtlab.findings.protocol import HandshakeTry
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

FORGED = "one character of the accept value"
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Handshake:
    """One opening handshake, step by step.

    Attributes:
        key: What the client sent in ``Sec-WebSocket-Key``.
        sha1: SHA-1 of the key with the fixed text behind it, in hexadecimal.
        accept: The same 20 bytes in base64: what the server must answer.
        request: The client's bytes.
        answer: The server's bytes.
        head: The head of the answer.
    """

    key: str
    sha1: str
    accept: str
    request: bytes
    answer: bytes
    head: ResponseHead

    @property
    def fits(self) -> bool:
        """True if the server switched, and its accept value is the one computed by hand."""
        return self.head.status == 101 and self.head.get("Sec-WebSocket-Accept") == self.accept


def open_by_hand(lab: Lab) -> Handshake:
    """Do one opening handshake with the lab's echo, without any WebSocket library.

    Args:
        lab: The running lab.

    Raises:
        ConnectionFailed: Nobody answers.
    """
    address = Address.parse(lab.echo_url(), ("ws", "wss"))
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    digest = hashlib.sha1((key + GUID).encode(), usedforsecurity=False)
    request = (
        f"GET {address.target} HTTP/1.1\r\nHost: {address.host_header}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()
    answer, head, _ = shared.call(lambda: _ask(lab, request), _TIMEOUT_S + 1)
    return Handshake(key, digest.hexdigest(), base64.b64encode(digest.digest()).decode(), request, answer, head)


def change_one_thing(lab: Lab) -> tuple[HandshakeTry, ...]:
    """Try the opening handshake as it should be, then with one thing changed each time.

    Args:
        lab: The running lab, without TLS.

    Returns:
        One for each change; the last one changes the server's answer on its way to a client.

    Raises:
        ConnectionFailed: Nobody answers.
        InputError: The lab speaks TLS.
    """
    tries = [_try(lab, change, head) for change, head in _requests(lab).items()]
    return (*tries, _forge(lab))


def _requests(lab: Lab) -> dict[str, RequestHead]:
    address = Address.parse(lab.echo_url(), ("ws", "wss"))
    right = opening_request(address.host_header, address.target, make_key(secrets.token_bytes(16)))
    return {
        "nothing": right,
        "no Upgrade": _with(right, "Upgrade", None),
        "no Connection": _with(right, "Connection", None),
        "no key": _with(right, "Sec-WebSocket-Key", None),
        "a key of 15 bytes": _with(right, "Sec-WebSocket-Key", base64.b64encode(bytes(15)).decode()),
        "no version": _with(right, "Sec-WebSocket-Version", None),
        "version 8": _with(right, "Sec-WebSocket-Version", "8"),
        "POST": replace(right, method="POST", headers=(*right.headers, ("Content-Length", "0"))),
        "HTTP/1.0": replace(right, version="HTTP/1.0"),
        "no Host": _with(right, "Host", None),
        "a foreign Origin": replace(right, headers=(*right.headers, ("Origin", "https://elsewhere.example"))),
    }


def _with(head: RequestHead, name: str, value: str | None) -> RequestHead:
    kept = tuple((key, old if key != name else value) for key, old in head.headers)
    return replace(head, headers=tuple((key, value) for key, value in kept if value is not None))


def _try(lab: Lab, change: str, request: RequestHead) -> HandshakeTry:
    _, head, body = shared.call(lambda: _ask(lab, encode_request_head(request)), _TIMEOUT_S + 1)
    right = head.get("Sec-WebSocket-Accept") == accept_key(request.get("Sec-WebSocket-Key") or "")
    opened = head.status == 101 and right
    return HandshakeTry(change, head.status, opened, "" if opened else body.decode(errors="replace").strip())


async def _ask(lab: Lab, request: bytes) -> tuple[bytes, ResponseHead, bytes]:
    """Send bytes; give what came back, its head and its body."""
    address = Address.parse(lab.http_url, ("http", "https"))
    wire = await Wire.open(address, Traffic(), ca_pem=lab.ca_pem, timeout_s=_TIMEOUT_S)
    decoder, answer = ResponseDecoder(), bytearray()
    head, body, over = None, b"", False
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            wire.write(request)
            while not over:
                data, _ = await wire.read()
                answer += data
                items = decoder.feed(data) if data else decoder.end()
                for item in items:
                    head = item if isinstance(item, ResponseHead) else head
                    body += item.data if isinstance(item, BodyData) else b""
                switched = head is not None and head.status == 101
                over = not data or switched or EndOfMessage() in items
    except TimeoutError as error:
        raise WaitTimeout("The server sent only half an answer.") from error
    finally:
        wire.abort()
    if head is None:
        raise ConnectionFailed("The server ended the connection without an answer.")
    return bytes(answer), head, body


def _forge(lab: Lab) -> HandshakeTry:
    """Change one character of the accept value on its way; a client must notice."""
    with Intermediary(lab, edit_answer=_forge_accept) as between:
        try:
            with WebSocket(between.ws_url(Address.parse(lab.echo_url(), ("ws",)).target)):
                return HandshakeTry(FORGED, 101, True, "")
        except ConnectionFailed as error:
            return HandshakeTry(FORGED, error.status or 0, False, str(error))


def _forge_accept(headers: Headers) -> Headers:
    return tuple(
        (name, ("B" if value[0] == "A" else "A") + value[1:] if name == "Sec-WebSocket-Accept" else value)
        for name, value in headers
    )
