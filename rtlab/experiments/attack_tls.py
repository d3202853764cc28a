"""What does TLS keep from a listener, and what does a client do when the certificate is wrong?

A listener keeps all bytes between a client and a lab, without TLS and with it. The client shows a token in the URL
and gets two messages of different lengths, a moment apart.

Then a false server takes the lab's place. It has a certificate, but not one that the client may trust. Nothing but
the client's check protects the token.

Spec: RFC 8446 (TLS 1.3), RFC 6066 3 (server name), RFC 9110 4.3.4 (https certificates), RFC 6455 4.1 and 10.6
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial

import websocket

from rtlab.clients.client import Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.http1 import RequestHead, encode_request_head, encode_response_head
from rtlab.codecs.tls_records import server_name
from rtlab.codecs.websocket_handshake import check_opening_request, opening_response
from rtlab.errors import RtlabError
from rtlab.experiments.attacked_server import TIMEOUT_S, AttackedServer, time_limit
from rtlab.experiments.bad_certificates import (
    ADDRESS,
    CERTIFICATES,
    SELF_SIGNED,
    WRONG_NAME,
    Exhibits,
    make_exhibits,
)
from rtlab.experiments.line_tap import LineTap
from rtlab.findings.attacks import Attempt
from rtlab.findings.tls import CertificateTrial, Overheard
from rtlab.loop_thread import shared
from rtlab.records import Transport
from rtlab.servers.lab import Lab, start_lab

MESSAGES = ("yes", "no, and not another word")
SCHEMES: dict[Transport, tuple[str, str]] = {"sse": ("http", "https"), "websocket": ("ws", "wss")}
TOKEN = "a-token-that-opens-an-account"
Connect = Callable[[int, str, bool], None]
"""Connects to a port, trusting an authority, with checks of certificates or without; waits for the first answer."""
_CLIENT_OF: dict[Transport, type[EventSource | WebSocket]] = {"sse": EventSource, "websocket": WebSocket}
_GAP_S = 0.05
_CHANNEL = "overheard"
NAME = "localhost"
"""By this name the lab is asked for, because a client does not name an address in the TLS handshake."""


def attempts() -> tuple[Attempt, ...]:
    """Listen on lines, and stand in the middle of them."""
    return attempts_of(overhear(), try_certificates())


def attempts_of(overheard: Sequence[Overheard], trials: Sequence[CertificateTrial]) -> tuple[Attempt, ...]:
    """Tell what a listener and a false server got.

    Args:
        overheard: What :func:`overhear` gives.
        trials: What :func:`try_certificates` gives.
    """
    return tuple(_listening(each) for each in overheard) + tuple(
        _in_the_middle(trial)
        for trial in trials
        if trial.client in _SWITCHABLE and trial.certificate in (SELF_SIGNED, WRONG_NAME)
    )


def overhear() -> tuple[Overheard, ...]:
    """Keep all bytes of the same conversation over each scheme.

    Returns:
        One for each of http, https, ws and wss.
    """
    return tuple(
        _overhear(transport, scheme, tls=bool(place))
        for transport, schemes in SCHEMES.items()
        for place, scheme in enumerate(schemes)
    )


def try_certificates() -> tuple[CertificateTrial, ...]:
    """Let each client meet a false server with each certificate, and an honest one with a good one.

    Returns:
        One for each client, with its checks on and off where they can be switched, and certificate.
    """
    exhibits = make_exhibits()
    shared.hold()
    try:
        return tuple(
            shared.call(partial(_try_certificate, *client, kind, exhibits), 2 * TIMEOUT_S)
            for client in _CLIENTS
            for kind in CERTIFICATES
        )
    finally:
        shared.release()


def _overhear(transport: Transport, scheme: str, *, tls: bool) -> Overheard:
    token = secrets.token_urlsafe(16)
    with start_lab(f"overheard-{secrets.token_hex(4)}", tls=tls) as lab:
        return shared.call(lambda: _listen(lab, transport, scheme, token), 2 * TIMEOUT_S)


async def _listen(lab: Lab, transport: Transport, scheme: str, token: str) -> Overheard:
    got = asyncio.Queue[Received]()
    sizes, times_ns = [], []
    async with LineTap(lab.port) as tap:
        path = "sse" if transport == "sse" else "ws"
        client = _CLIENT_OF[transport](
            f"{scheme}://{NAME}:{tap.port}/{path}/{_CHANNEL}?token={token}",
            ca_pem=lab.ca_pem,
            on_received=got.put_nowait,
        )
        try:
            async with time_limit("the messages"):
                await client.start(TIMEOUT_S)
                for text in MESSAGES:
                    before = len(tap.bytes("down"))
                    await lab.publish_soon(text, _CHANNEL)
                    await got.get()
                    sizes.append(len(tap.bytes("down")) - before)
                    times_ns.append(tap.heard[-1].at_ns)
                    await asyncio.sleep(_GAP_S)
        finally:
            await client.finish(TIMEOUT_S)
    up, down = tap.bytes("up"), tap.bytes("down")
    return Overheard(
        transport,
        scheme,
        token.encode() in up,
        all(text.encode() in down for text in MESSAGES),
        server_name(up) or (NAME if f"Host: {NAME}".encode() in up else ""),
        len(up),
        len(down),
        (sizes[0], sizes[1]),
        (times_ns[1] - times_ns[0]) / 1e6,
        up,
        down,
    )


async def _try_certificate(
    transport: Transport, name: str, checks: bool, connect: Connect, kind: str, exhibits: Exhibits
) -> CertificateTrial:
    requests: list[bytes] = []

    async def answer(
        head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        requests.append(encode_request_head(head))
        writer.write(_false_answer(head))

    said = ""
    async with AttackedServer(answer, tls=exhibits.contexts[kind]) as server:
        try:
            # A thread of its own, for most clients block.
            await asyncio.to_thread(connect, server.port, exhibits.ca_pem, checks)
        except (RtlabError, OSError, websocket.WebSocketException) as error:
            said = _said(error)
    return CertificateTrial(transport, name, checks, kind, not said, said, exhibits.pems[kind], b"".join(requests))


def _false_answer(head: RequestHead) -> bytes:
    if head.get("Sec-WebSocket-Key"):
        return encode_response_head(opening_response(check_opening_request(head)))
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: false\n\n"


def _said(error: BaseException) -> str:
    """Find the words of the TLS library in an error that a client has wrapped up."""
    cause: object = error
    while isinstance(cause, BaseException):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return str(cause.verify_message).rstrip(".")
        cause = cause.__cause__ or getattr(cause, "reason", None)
    return str(error) or type(error).__name__


def _context(ca_pem: str, checks: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca_pem)
    if not checks:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _by_event_source(port: int, ca_pem: str, checks: bool) -> None:
    with EventSource(f"https://{ADDRESS}:{port}/?token={TOKEN}", ca_pem=ca_pem):
        pass


def _by_websocket(port: int, ca_pem: str, checks: bool) -> None:
    with WebSocket(f"wss://{ADDRESS}:{port}/?token={TOKEN}", ca_pem=ca_pem):
        pass


def _by_urllib(port: int, ca_pem: str, checks: bool) -> None:
    direct = urllib.request.ProxyHandler({})
    opener = urllib.request.build_opener(direct, urllib.request.HTTPSHandler(context=_context(ca_pem, checks)))
    with opener.open(f"https://{ADDRESS}:{port}/?token={TOKEN}", timeout=TIMEOUT_S) as answer:
        answer.read()


def _by_websocket_client(port: int, ca_pem: str, checks: bool) -> None:
    url = f"wss://{ADDRESS}:{port}/?token={TOKEN}"
    options = {"context": _context(ca_pem, checks)}
    connection = websocket.create_connection(url, timeout=TIMEOUT_S, sslopt=options)
    connection.shutdown()  # type: ignore[no-untyped-call]  # the library types only a part of itself


def _listening(each: Overheard) -> Attempt:
    plain, secure = SCHEMES[each.transport]
    read = [what for what, readable in (("the token", each.token), ("the messages", each.text)) if readable]
    if read:
        seen = f"The listener reads {' and '.join(read)}."
    else:
        seen = f"The listener reads the server's name, {each.server_name!r}, sizes and times, and nothing else."
    return Attempt(
        "listening on the line",
        "tls",
        each.transport,
        "fixed" if each.scheme == secure else "naive",
        bool(read),
        seen,
        each.sent,
        each.received,
        f"{secure} in place of {plain}.",
        "RFC 9110 17.1, RFC 6455 10.6",
    )


def _in_the_middle(trial: CertificateTrial) -> Attempt:
    succeeded = TOKEN.encode() in trial.request
    if succeeded:
        seen = f"{trial.client} does not check; the false server gets the request with its token."
    else:
        seen = f"{trial.client} checks, and says: {trial.said}. The false server gets no request."
    return Attempt(
        f"a false server, its certificate {trial.certificate}",
        "tls",
        trial.transport,
        "fixed" if trial.checks else "naive",
        succeeded,
        seen,
        trial.certificate_pem,
        trial.request,
        "The client checks the certificate, and trusts one authority more instead of switching its checks off.",
        "RFC 9110 4.3.4, RFC 6455 4.1",
    )


_SWITCHABLE = {"urllib", "websocket-client"}
_CLIENTS: tuple[tuple[Transport, str, bool, Connect], ...] = (
    ("sse", "EventSource", True, _by_event_source),
    ("sse", "urllib", False, _by_urllib),
    ("sse", "urllib", True, _by_urllib),
    ("websocket", "WebSocket", True, _by_websocket),
    ("websocket", "websocket-client", False, _by_websocket_client),
    ("websocket", "websocket-client", True, _by_websocket_client),
)
