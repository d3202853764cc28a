"""Where does a secret turn up that a client has shown to a server?

The client shows it in each of the ways that there are; a server and a proxy before it write access logs, a page
loads something from another site, and the server redirects. Then the secret's bytes are looked for in all that was
really written or received, and whoever finds them shows them to the server once more.

What a page tells another site of its own address follows the Referrer Policy, which browsers apply; here it is
computed, then sent. The history of a browser keeps the address of each page, with what stands in it, but no address
of an event stream or a WebSocket.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rtlab.clients.event_source import EventSource
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.errors import ConnectionFailed
from rtlab.experiments.attacked_server import TIMEOUT_S, AttackedServer, ask
from rtlab.experiments.token_server import WELCOME, AccessLog, TokenServer, forward
from rtlab.experiments.token_ways import (
    HEADER,
    PAGE,
    TICKET,
    URL,
    WAYS,
    Policy,
    Shown,
    referer,
    request_with,
    shown,
)
from rtlab.findings.attacks import Attempt, Target
from rtlab.findings.tokens import Leak
from rtlab.loop_thread import shared
from rtlab.records import Transport
from rtlab.servers.lab import Lab, start_lab

SERVER_LOG = "the server's log"
REDACTED_LOG = "the server's redacted log"
LAB_LOG = "a lab's log"
PROXY_LOG = "a proxy's log"
REFERER = "the Referer that another site gets"
OLD_REFERER = "the Referer that it got before 2020"
REDIRECT = "what the target of a redirect gets"

_POLICIES: dict[str, Policy] = {
    OLD_REFERER: "no-referrer-when-downgrade",
    REFERER: "strict-origin-when-cross-origin",
}


def attempts() -> tuple[Attempt, ...]:
    """Read secrets where they turn up, and use them again."""
    return attempts_of(look_for_leaks())


def attempts_of(leaks: Sequence[Leak]) -> tuple[Attempt, ...]:
    """Tell what an attacker has of leaks, and what he has after a fix.

    Args:
        leaks: What :func:`look_for_leaks` gives.
    """
    found = {(leak.transport, leak.way, leak.place): leak for leak in leaks}
    return tuple(
        _attempt(attack, target, found[transport, way, place], fix)
        for attack, transport, fix, of in _ATTACKS
        for target, (way, place) in of.items()
    )


def look_for_leaks() -> tuple[Leak, ...]:
    """Show a secret in every way, and look for it in every place.

    Returns:
        One for each way and each place that it could have come to.
    """
    with start_lab(f"attacked-{secrets.token_hex(4)}") as lab:
        return shared.call(lambda: _look(lab), 6 * TIMEOUT_S)


async def _look(lab: Lab) -> tuple[Leak, ...]:
    found: list[Leak] = []
    for transport, ways in WAYS.items():
        for way in ways:
            async with _stage() as stage:
                found += await _in_logs(stage, transport, way)
                if way == PAGE:
                    found += await _at_another_site(stage)
                elif transport == "sse":  # no browser follows a redirect of an opening handshake
                    found.append(await _after_redirect(stage, way))
        found.append(await _in_lab_log(lab, transport))
    return tuple(found)


class _Stage:
    """The servers that a secret may pass: one that takes it, a proxy before that, and another site."""

    def __init__(self) -> None:
        self.server = TokenServer(secrets.token_urlsafe(16))
        self.proxy_log = AccessLog()
        self.heads: list[RequestHead] = []
        """What the other site was asked."""
        self.origin = AttackedServer(self.server.handle)
        self.proxy = AttackedServer(self._forward)
        self.other = AttackedServer(self._note)

    @property
    def other_url(self) -> str:
        """An address at the other site; its host has another name, so that it is another site in every respect."""
        return f"http://localhost:{self.other.port}/news"

    def secret(self, way: str) -> str:
        """Give a secret for a way to show it."""
        return self.server.make_ticket() if way == TICKET else self.server.token

    async def is_taken(self, secret: str) -> bool:
        """Show a secret to the server once more, as somebody who has found it."""
        request = request_with("sse", self.origin.port, "/stream", Shown(f"?token={secret}"))
        return (await ask(self.origin.port, request)).startswith(b"HTTP/1.1 200 ")

    async def leak(
        self, transport: Transport, way: str, place: str, sent: bytes, written: bytes, secret: str
    ) -> Leak:
        """Look for a secret in what was written."""
        leaked = secret.encode() in written
        return Leak(transport, way, place, sent, written, leaked, leaked and await self.is_taken(secret))

    async def _forward(
        self, head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await forward(self.proxy_log, self.origin.port, head, body, reader, writer)

    async def _note(
        self, head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.heads.append(head)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")


@asynccontextmanager
async def _stage() -> AsyncIterator[_Stage]:
    stage = _Stage()
    async with stage.origin, stage.proxy, stage.other:
        yield stage


async def _in_logs(stage: _Stage, transport: Transport, way: str) -> list[Leak]:
    """Show the secret through the proxy, and look into the access logs."""
    secret, port = stage.secret(way), stage.proxy.port
    if way == PAGE:  # the page's own requests name the page, to its own server in full
        sent = request_with("sse", port, "/page", shown(way, secret))
        await ask(port, sent)
        fields = (("Cookie", f"session={secret}"), ("Referer", _page_url(stage)))
        await _until_welcome(port, request_with("sse", port, "/stream", Shown(headers=fields)))
    else:
        sent = request_with(transport, port, "/stream" if transport == "sse" else "/socket", shown(way, secret))
        await _until_welcome(port, sent)
    places = {
        SERVER_LOG: stage.server.log.written,
        PROXY_LOG: stage.proxy_log.written,
        REDACTED_LOG: stage.server.redacted_log.written,
    }
    return [await stage.leak(transport, way, place, sent, places[place], secret) for place in places]


async def _at_another_site(stage: _Stage) -> list[Leak]:
    """Let the page load something from another site, under the default policy of today and of former days."""
    found = []
    for place, policy in _POLICIES.items():
        told = referer(_page_url(stage), stage.other_url, policy)
        sent = request_with("sse", stage.other.port, "/news", Shown(headers=(("Referer", told),)), name="localhost")
        await ask(stage.other.port, sent)
        got = encode_request_head(stage.heads[-1])
        found.append(await stage.leak("sse", PAGE, place, sent, got, stage.server.token))
    return found


async def _after_redirect(stage: _Stage, way: str) -> Leak:
    """Let a client follow a redirect to another site that keeps the query, as redirects to a new host do."""
    secret, stage.server.moved_to = stage.secret(way), stage.other_url
    how = shown(way, secret)
    url = f"http://127.0.0.1:{stage.origin.port}/moved{how.query}"
    source = EventSource(url, headers=how.headers)
    try:
        await source.start(TIMEOUT_S)
    finally:
        await source.finish(TIMEOUT_S)
    sent = encode_request_head(stage.server.asked[-1])
    return await stage.leak("sse", way, REDIRECT, sent, encode_request_head(stage.heads[-1]), secret)


async def _in_lab_log(lab: Lab, transport: Transport) -> Leak:
    """Show a lab its own secret in the URL, look into its log, and use what is found from a foreign page."""
    path, how = "/sse/leak" if transport == "sse" else "/ws/leak", Shown(f"?nonce={lab.nonce}")
    sent = request_with(transport, lab.port, path, how)
    await ask(lab.port, sent, until=b"\r\n\r\n")
    await ask(lab.port, request_with("sse", lab.port, "/poll/leak", how))  # of this one the log has the target
    written = "\n".join(line.text for line in (await lab.server.state())[1]).encode()
    leaked = lab.nonce.encode() in written
    foreign = Shown(how.query, (("Origin", "http://attacker.example"),))
    answer = await ask(lab.port, request_with("sse", lab.port, "/poll/leak", foreign)) if leaked else b""
    return Leak(transport, URL, LAB_LOG, sent, written, leaked, answer.startswith(b"HTTP/1.1 200 "))


async def _until_welcome(port: int, request: bytes) -> None:
    if WELCOME.encode() not in await ask(port, request, until=WELCOME.encode()):
        raise ConnectionFailed("The server did not take its own secret.")


def _page_url(stage: _Stage) -> str:
    return f"http://127.0.0.1:{stage.proxy.port}/page{shown(PAGE, stage.server.token).query}"


def _attempt(attack: str, target: Target, leak: Leak, fix: str) -> Attempt:
    if leak.usable:
        seen = f"The secret, shown {leak.way}, stands in {leak.place}, and it is taken once more."
    elif leak.leaked:
        seen = f"The secret, shown {leak.way}, stands in {leak.place}, but it is not taken once more."
    else:
        seen = f"The secret, shown {leak.way}, does not stand in {leak.place}."
    spec = "RFC 9110 17.9"
    return Attempt(attack, "tokens", leak.transport, target, leak.usable, seen, leak.sent, leak.written, fix, spec)


_IN_LOG = "The log takes out the values of parameters that hold secrets."
_SPENT = "A ticket in the URL is taken once; the token itself goes in a header or a cookie."
_POLICY = "No token in a page's URL; Referrer-Policy: strict-origin-when-cross-origin, today's default."
_DROPPED = "The token goes in Authorization, which clients drop when a redirect leads to another host."
_LOGS: dict[Target, tuple[str, str]] = {
    "naive": (URL, SERVER_LOG),
    "fixed": (URL, REDACTED_LOG),
    "default lab": (URL, LAB_LOG),
}
_PROXY_LOGS: dict[Target, tuple[str, str]] = {"naive": (URL, PROXY_LOG), "fixed": (TICKET, PROXY_LOG)}
_SITES: dict[Target, tuple[str, str]] = {"naive": (PAGE, OLD_REFERER), "fixed": (PAGE, REFERER)}
_TARGETS: dict[Target, tuple[str, str]] = {"naive": (URL, REDIRECT), "fixed": (HEADER, REDIRECT)}
_ATTACKS: tuple[tuple[str, Transport, str, dict[Target, tuple[str, str]]], ...] = (
    ("a token, read in the server's log", "sse", _IN_LOG, _LOGS),
    ("a token, read in the server's log", "websocket", _IN_LOG, _LOGS),
    ("a token, read in a proxy's log", "sse", _SPENT, _PROXY_LOGS),
    ("a token, read in a proxy's log", "websocket", _SPENT, _PROXY_LOGS),
    ("a token, told to another site", "sse", _POLICY, _SITES),
    ("a token, carried on by a redirect", "sse", _DROPPED, _TARGETS),
)
"""For each attack the way and the place that stand for each server."""
