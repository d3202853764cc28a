"""Where may a script connect to, and who stops it: the browser, or the server?

Servers on ports of their own are other origins than the page's. They tell whether anybody asked them at all: a
browser that stops a script before its request has left is not the same as a server, or the script, that says no.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from rtlab.codecs.http1 import Headers
from rtlab.errors import ConnectionEnded, InputError, PortUnavailable, WaitTimeout
from rtlab.experiments.page_exhibit import ExhibitLine, PageExhibit, Script
from rtlab.findings.page_origins import Handshake, Reach
from rtlab.pages.connection import PageConnection
from rtlab.pages.desk import exception_of
from rtlab.pages.page import Page
from rtlab.servers.certificates import make_certificates
from rtlab.servers.lab import Lab

BLOCKED_PORTS = (6667, 6668, 6669, 6697, 10080)
"""Ports that the Fetch Standard forbids, and that a program may take without being root."""
POLICY = "default-src 'none'; script-src 'unsafe-inline'; connect-src 'none'"
OPENS = "opens"
_TIMEOUT_S = 6.0
_POLICY_S = 2.0
"""Chromium tells such a script nothing for a long time."""

Seen = tuple[str, bool]
"""What the script saw, and whether the server was asked."""
_BROWSER, _SERVER, _NOBODY = "the browser", "the server", "nobody"
_NO_POLICY = "a WebSocket needs no CORS", "RFC 6455 1.6; WebSockets Standard"
_CORS = "CORS", "Fetch; HTML Living Standard 9.2.2"


def try_origins(page: Page, *, trusted: Lab | None = None) -> tuple[Reach, ...]:
    """Try to connect to servers of other origins, in all the ways that have a rule of their own.

    Args:
        page: The page; it must reach the lab directly, for through the notebook server every address is of the
            notebook server's origin.
        trusted: A lab with TLS that the page's browser trusts (``browser_lab(trusted=...)``), to try that, too.

    Returns:
        One for each attempt.

    Raises:
        InputError: The page reaches the lab through the notebook server.
        WaitTimeout: The page does not answer.
    """
    if page.route != "direct":
        raise InputError(
            "Through the notebook server every address is of one origin; "
            'use browser_lab(browser="chromium"), or open the notebook on the machine of the kernel.'
        )
    scripts: dict[str, Script] = {
        "open": _accept,
        "name": _accept,
        "checked": partial(ExhibitLine.answer, status=403),
        "plain": _stream,
        "shared": partial(_stream, headers=(("Access-Control-Allow-Origin", "*"),)),
        "fetched": _stream,
        "policy": _accept,
    }
    with PageExhibit(scripts) as exhibit:

        def socket(path: str, host: str = "127.0.0.1") -> Seen:
            opened = outcome_of(lambda: page.websocket(url=exhibit.url(path, host=host)))
            return opened, exhibit.line(path) is not None

        def stream(path: str) -> Seen:
            opened = outcome_of(lambda: page.event_source(url=exhibit.url(path, "http")))
            return opened, exhibit.line(path) is not None

        fetched = outcome_of(lambda: page.fetch(url=exhibit.url("fetched", "http")))
        asked = exhibit.line("fetched") is not None
        reaches = [
            _reach("WebSocket to another port", socket("open"), _BROWSER, *_NO_POLICY),
            _reach("WebSocket to localhost, by its name", socket("name", "localhost"), _BROWSER, *_NO_POLICY),
            _reach(
                "WebSocket to a server that checks Origin", socket("checked"), _SERVER, "Origin", "RFC 6455 10.2"
            ),
            _reach("EventSource to another port", stream("plain"), _BROWSER, *_CORS),
            _reach("the same, and the server allows it", stream("shared"), _BROWSER, *_CORS),
            _reach("fetch from another port", (fetched, asked), _BROWSER, *_CORS),
            _under_policy(page, exhibit),
        ]
    return (*reaches, *_blocked_port(page), _stranger(page), *([_trusted(page, trusted)] if trusted else []))


def carry_cookie(page: Page) -> Handshake:
    """Let a server give the page a cookie, and look at the handshake of the next WebSocket to that server.

    Args:
        page: The page of a browser of the kernel's own: the cookie stays in it for a minute.

    Raises:
        WaitTimeout: The page does not answer, or cannot connect.
    """
    name = f"rtlab-{secrets.token_hex(4)}"

    async def give(line: ExhibitLine) -> None:
        await line.open((("Set-Cookie", f"{name}=1; Max-Age=60; Path=/; SameSite=Lax"),))
        await line.wait_closed()

    with PageExhibit({"give": give, "take": _accept}) as exhibit:
        for path in ("give", "take"):
            socket = page.websocket(url=exhibit.url(path))
            socket.wait("open", timeout_s=_TIMEOUT_S)
            socket.close()
        head = exhibit.ended("take").head
    return Handshake(head.get("Origin") or "", name in (head.get("Cookie") or ""))


async def _stream(line: ExhibitLine, headers: Headers = ()) -> None:
    await line.answer(200, (("Content-Type", "text/event-stream"), *headers), b"data: here\n\n")


async def _accept(line: ExhibitLine) -> None:
    await line.open()
    await line.wait_closed()


def _reach(attempt: str, seen: Seen, stopped_by: str, rule: str, spec: str) -> Reach:
    outcome, arrived = seen
    return Reach(attempt, outcome, arrived, _NOBODY if outcome == OPENS else stopped_by, rule, spec)


def outcome_of(connect: Callable[[], PageConnection]) -> str:
    """Connect, and say what the script saw.

    Args:
        connect: Opens a connection in the page.

    Returns:
        :data:`OPENS`, or how it failed.

    Raises:
        ConnectionEnded: The page went away.
    """
    try:
        connection = connect()
    except InputError as error:
        return f"throws {exception_of(error)}"
    try:
        connection.wait("open", timeout_s=_TIMEOUT_S)
    except WaitTimeout:
        return "waits"
    except ConnectionEnded:
        if not connection.events:
            raise  # the page itself has gone
        last = connection.events[-1]
        return f"fails, {last.code or (last.reason or '').partition(':')[0] or last.kind}"
    finally:
        connection.close()
    return OPENS


def _under_policy(page: Page, exhibit: PageExhibit) -> Reach:
    wanted = {"policy": POLICY, "url": exhibit.url("policy", "http"), "wait_ms": _POLICY_S * 1e3}
    found = page.ask("under_policy", wanted, timeout_s=_TIMEOUT_S).result()
    told = f"{found['outcome']}; told: {found['violated']}" if found["violated"] else found["outcome"]
    seen = told, exhibit.line("policy") is not None
    attempt = "WebSocket from a frame whose policy allows nothing"
    return _reach(attempt, seen, _BROWSER, "connect-src", "Content Security Policy 3, 'connect-src'")


def _blocked_port(page: Page) -> tuple[Reach, ...]:
    """Try a port that is forbidden although somebody listens; nothing if all of them are taken."""
    try:
        with PageExhibit({"open": _accept}, ports=BLOCKED_PORTS) as exhibit:
            outcome = outcome_of(lambda: page.websocket(url=exhibit.url("open")))
            seen = outcome, exhibit.accepted > 0
            return (
                _reach(f"WebSocket to port {exhibit.port}", seen, _BROWSER, "bad ports", "Fetch, 'Port blocking'"),
            )
    except PortUnavailable:
        return ()


def _stranger(page: Page) -> Reach:
    with PageExhibit({"open": _accept}, tls=make_certificates().server_context) as exhibit:
        outcome = outcome_of(lambda: page.websocket(url=exhibit.url("open", "wss")))
        seen = outcome, exhibit.line("open") is not None
    return _reach("wss to a server that nobody vouches for", seen, _BROWSER, "certificates", "RFC 6455 4.1")


def _trusted(page: Page, lab: Lab) -> Reach:
    outcome = outcome_of(lambda: page.websocket("echo", lab=lab))
    attempt = f"wss from a page loaded over {page.facts.origin.partition(':')[0]}"
    return _reach(attempt, (outcome, outcome == OPENS), _BROWSER, "wss is always allowed", "Mixed Content 4.3")
