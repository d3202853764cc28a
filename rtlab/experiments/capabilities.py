"""What does this browser have? A script asks for the interfaces, and a server looks at what it offers."""

from __future__ import annotations

import secrets
from contextlib import suppress

from rtlab.errors import ConnectionEnded, WaitTimeout
from rtlab.experiments.page_exhibit import ExhibitLine, PageExhibit
from rtlab.findings.page_origins import Capability
from rtlab.loop_thread import shared
from rtlab.pages.page import Page
from rtlab.servers.lab import Lab
from rtlab.servers.server import LabServer
from rtlab.servers.stream_connection import StreamConnection

_TIMEOUT_S = 3.0


def look_for_capabilities(page: Page, *, trusted: Lab | None = None) -> tuple[Capability, ...]:
    """Look for what published data lists of browsers.

    Args:
        page: The page.
        trusted: A lab with HTTP/2 that the page's browser trusts, to see whether a WebSocket uses it.

    Returns:
        One for each feature, named as in ``data/browsers/support.json``.

    Raises:
        WaitTimeout: The page does not answer.
    """
    told = page.ask("facts").result()
    has, in_worker = told["has"], told["has_in_worker"]
    return (
        Capability("EventSource", "EventSource" in has),
        Capability("EventSource in workers", None if in_worker is None else "EventSource" in in_worker),
        Capability("WebSocket", "WebSocket" in has),
        Capability("WebSocketStream", "WebSocketStream" in has),
        Capability("WebTransport", "WebTransport" in has),
        Capability("fetch with a stream reader", _reads_pieces(page)),
        Capability("WebSocket over HTTP/2", _uses_http2(page, trusted) if trusted else None),
        Capability("permessage-deflate", _offers_compression(page)),
    )


def _reads_pieces(page: Page) -> bool | None:
    """Whether a piece comes while the answer goes on; nobody can tell through a proxy that collects."""
    channel = f"pieces.{secrets.token_hex(6)}"
    fetch = page.fetch(channel)
    try:
        with suppress(WaitTimeout, ConnectionEnded):
            fetch.wait("open", timeout_s=_TIMEOUT_S)
            page.lab.publish("a piece", channel=channel)
            fetch.wait("chunk", timeout_s=_TIMEOUT_S)
            return True
    finally:
        fetch.close()
    return None if page.route == "proxy" else False


def _uses_http2(page: Page, lab: Lab) -> bool | None:
    """Whether a WebSocket comes as a stream; only beside another request does a browser know that it may."""
    server = lab.server
    if not isinstance(server, LabServer):
        return None
    channel = f"version.{secrets.token_hex(6)}"
    beside, socket = page.event_source(channel, lab=lab), None
    try:
        beside.wait("open", timeout_s=_TIMEOUT_S)
        socket = page.websocket(channel, lab=lab)
        socket.wait("open", timeout_s=_TIMEOUT_S)

        async def look() -> list[bool]:
            own = (peer for peer in server.peers() if peer.channel == channel and peer.transport == "websocket")
            return [isinstance(peer.connection, StreamConnection) for peer in own]

        return all(shared.call(look, _TIMEOUT_S))
    finally:
        beside.close()
        if socket:
            socket.close()


def _offers_compression(page: Page) -> bool | None:
    """Whether the opening handshake offers it; through a proxy it is the proxy's handshake."""
    if page.route == "proxy":
        return None

    async def look(line: ExhibitLine) -> None:
        await line.answer(403)

    with PageExhibit({"look": look}) as exhibit:
        page.websocket(url=exhibit.url("look"))
        head = exhibit.ended("look", _TIMEOUT_S).head
    return "permessage-deflate" in (head.get("Sec-WebSocket-Extensions") or "")
