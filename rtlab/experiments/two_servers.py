"""Where does a note go that is posted beside an event stream, when there are two servers?

The stream comes from server A. A load balancer may send the POST to B, which does not know the stream. The cures:
a client goes to the same server each time, or the servers share what they get.
"""

from __future__ import annotations

import asyncio
import secrets

from rtlab.clients.client import Received, end_task
from rtlab.clients.event_source import EventSource
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

ROUTES = ("one server", "two servers", "two servers that share", "websocket")
_SILENCE_S = 1.0
_TIMEOUT_S = 60.0


def notes_back(stream_from: Lab, post_to: Lab, route: str, count: int = 5) -> int:
    """Send notes to one server while an event stream comes from another, and count which appear in the stream.

    Args:
        stream_from: The server of the event stream, A.
        post_to: Another server, B.
        route: One of :data:`ROUTES`; the last takes a WebSocket to A for both ways, which needs no second request.
        count: How many notes, 1 to 100.

    Returns:
        How many came back in the stream.

    Raises:
        InputError: A setting is out of its range.
    """
    if route not in ROUTES or not 1 <= count <= 100:
        raise InputError(f"route: {', '.join(ROUTES)}; count: 1 to 100.")
    return shared.call(lambda: _notes_back(stream_from, post_to, route, count), _TIMEOUT_S)


async def _notes_back(a: Lab, b: Lab, route: str, count: int) -> int:
    channel = f"notes.{secrets.token_hex(6)}"
    if route == "websocket":
        return await _over_websocket(a, channel, count)
    target = a if route == "one server" else b
    stream = EventSource(a.sse_url(channel), ca_pem=a.ca_pem)
    shared_notes = EventSource(b.sse_url(channel), ca_pem=b.ca_pem)
    publisher = Publisher(target.publish_url(channel), ca_pem=target.ca_pem)
    sharing = None
    try:
        await stream.start(5.0)
        if route == "two servers that share":
            await shared_notes.start(5.0)
            sharing = asyncio.create_task(_share(shared_notes, a, channel))
        for number in range(count):
            await publisher.send_soon(f"note {number}")
        return await _count(stream, count)
    finally:
        await end_task(sharing)
        await publisher.finish()
        await shared_notes.finish(2.0)
        await stream.finish(2.0)


async def _over_websocket(a: Lab, channel: str, count: int) -> int:
    socket = WebSocket(a.ws_url(channel), ca_pem=a.ca_pem)
    try:
        await socket.start(5.0)
        for number in range(count):
            await socket.send_soon(f"note {number}")
        return await _count(socket, count)
    finally:
        await socket.finish(2.0)


async def _share(notes: EventSource, to: Lab, channel: str) -> None:
    """Stand for what the servers have in common, such as a message broker."""
    while True:
        try:
            note: Received = await notes.receive_soon(_SILENCE_S)
        except WaitTimeout:
            continue
        await to.publish_soon(str(note.data), channel)


async def _count(client: EventSource | WebSocket, most: int) -> int:
    for got in range(most):
        try:
            await client.receive_soon(_SILENCE_S)
        except WaitTimeout:
            return got
    return most
