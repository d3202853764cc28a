"""What must a client know beside the address? Change what the server sends, and see who breaks.

Both clients read the price of an event. The one on the event stream knows the event's name and a field; the one on
the WebSocket finds both in the JSON.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from rtlab.clients.client import Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

CHANGES: dict[str, tuple[str, dict[str, object]]] = {
    "nothing": ("price", {"symbol": "ACME", "price": 12.5}),
    "add a field": ("price", {"symbol": "ACME", "price": 12.5, "currency": "EUR"}),
    "drop a field": ("price", {"symbol": "ACME"}),
    "rename the event": ("quote", {"symbol": "ACME", "price": 12.5}),
}
"""What the server sends after each change: the event's name and its fields."""
_ANSWER_S = 5.0
_TIMEOUT_S = 60.0

Read = Callable[[Received], float | None]


def price_of_event(received: Received) -> float | None:
    """Read an event as a listener for ``price`` does; None if it is not called."""
    return float(json.loads(received.data)["price"]) if received.event == "price" else None


def price_of_message(received: Received) -> float | None:
    """Read a message whose JSON tells its kind; None if it is of another."""
    message = json.loads(received.data)
    return float(message["price"]) if message["kind"] == "price" else None


def try_changes(lab: Lab) -> dict[tuple[str, str], str]:
    """Send each change to a client of each kind.

    Args:
        lab: The running lab.

    Returns:
        By way and change: ``"reads it"``, ``"misses it"`` without a word, or ``"fails"``.
    """
    return shared.call(lambda: _try_changes(lab), _TIMEOUT_S)


async def _try_changes(lab: Lab) -> dict[tuple[str, str], str]:
    found = {}
    for change, (event, fields) in CHANGES.items():
        named, bare = (f"coupling.{secrets.token_hex(6)}" for _ in range(2))
        stream = EventSource(lab.sse_url(named), ca_pem=lab.ca_pem)
        socket = WebSocket(lab.ws_url(bare), ca_pem=lab.ca_pem)
        try:
            await stream.start(_ANSWER_S)
            await socket.start(_ANSWER_S)
            await lab.publish_soon(json.dumps(fields), named, event)
            await lab.publish_soon(json.dumps({"kind": event, **fields}), bare)
            found["sse", change] = _outcome(await stream.receive_soon(_ANSWER_S), price_of_event)
            found["websocket", change] = _outcome(await socket.receive_soon(_ANSWER_S), price_of_message)
        finally:
            await socket.finish(2.0)
            await stream.finish(2.0)
    return found


def _outcome(received: Received, read: Read) -> str:
    try:
        return "misses it" if read(received) is None else "reads it"
    except (KeyError, ValueError):
        return "fails"
