"""How many bytes does a message cost on the wire, beside its own?

Each carrier takes messages of one size after the other, over a connection that is open already. What its socket
counts for one message, less the message itself, is the overhead: framing, ids, transfer coding; for a POST a whole
request with its answer. What TCP, IP and TLS add is not counted.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence

from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.sse import encode_event
from rtlab.errors import InputError
from rtlab.experiments.reading import served_bytes
from rtlab.findings.messages import MessageCost
from rtlab.servers.lab import Lab

SIZES_BYTES = tuple(4**power for power in range(11))
"""From 1 byte to 1 MiB."""
MAX_SIZE_BYTES = 1_048_576
_TIMEOUT_S = 15.0
_MARK = "."
_ROUNDS = 2
"""A heartbeat of the lab may fall into a count; it comes every 15 s, so not into both."""


def message_costs(
    lab: Lab,
    sizes_bytes: Sequence[int] = SIZES_BYTES,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[MessageCost, ...]:
    """Send one message of each size over each carrier and count bytes on the wire.

    Args:
        lab: The running lab, in this kernel.
        sizes_bytes: The sizes, each from 1 to 1,048,576.
        progress: Called with carriers done, carriers in all and what is on.

    Returns:
        One row a carrier and size, carrier by carrier.

    Raises:
        InputError: A size is out of its range, or the lab is isolated: its requests are limited to 1 MiB.
    """
    if not sizes_bytes or not all(1 <= size <= MAX_SIZE_BYTES for size in sizes_bytes):
        raise InputError(f"sizes_bytes: at least one, each from 1 to {MAX_SIZE_BYTES:,}.")
    if lab.isolated:
        raise InputError("This experiment needs a lab in this kernel; start one without isolated=True.")
    tell = progress or (lambda done, total, text: None)
    costs = []
    for done, (carrier, (kind, count)) in enumerate(_CARRIERS.items()):
        tell(done, len(_CARRIERS), carrier)
        costs += [MessageCost(carrier, kind, size, count(lab, size)) for size in sizes_bytes]
    tell(len(_CARRIERS), len(_CARRIERS), "done")
    return tuple(costs)


def _of_one(counted: Callable[[], int], say: Callable[[str], object], text: str) -> int:
    """Count the bytes of one message.

    The end of a chunk may come after the event that it completes, so a short mark follows the message; what the
    mark costs alone is taken off.
    """

    def bytes_of(*messages: str) -> int:
        before = counted()
        for message in messages:
            say(message)
        return counted() - before

    mark_bytes = min([bytes_of(_MARK) for _ in range(_ROUNDS + 1)])
    return min([bytes_of(text, _MARK) for _ in range(_ROUNDS)]) - mark_bytes


def _channel() -> str:
    return f"cost.{secrets.token_hex(6)}"  # a fresh one has ids of one digit


def _down(lab: Lab, transport: type[EventSource] | type[WebSocket], text: str) -> int:
    channel = _channel()
    url = lab.sse_url(channel) if transport is EventSource else lab.ws_url(channel)
    client: Client = transport(url, ca_pem=lab.ca_pem)

    def say(text: str) -> None:
        lab.publish(text, channel=channel)
        client.receive(_TIMEOUT_S)

    with client:
        return _of_one(lambda: client.traffic.bytes_down, say, text)


def _event(lab: Lab, size: int) -> int:
    return _down(lab, EventSource, "x" * size)


def _event_without_id(lab: Lab, size: int) -> int:
    return served_bytes(encode_event("x" * size)) - served_bytes()


def _server_frame(lab: Lab, size: int) -> int:
    return _down(lab, WebSocket, "x" * size)


def _client_frame(lab: Lab, size: int) -> int:
    with WebSocket(lab.echo_url(), ca_pem=lab.ca_pem) as socket:

        def say(text: str) -> None:
            socket.send(text, _TIMEOUT_S)
            socket.receive(_TIMEOUT_S)

        return _of_one(lambda: socket.traffic.bytes_up, say, "x" * size)


def _post(lab: Lab, size: int) -> int:
    with Publisher(lab.publish_url(_channel()), ca_pem=lab.ca_pem) as publisher:
        traffic = publisher.traffic
        return _of_one(lambda: traffic.bytes_up + traffic.bytes_down, publisher.send, "x" * size)


def _base64_event(lab: Lab, size: int) -> int:
    return _down(lab, EventSource, base64.b64encode(bytes(size)).decode())


def _binary_frame(lab: Lab, size: int) -> int:
    with WebSocket(lab.echo_url(), ca_pem=lab.ca_pem) as socket:

        def say(text: str) -> None:
            socket.send(text.encode(), _TIMEOUT_S)
            socket.receive(_TIMEOUT_S)

        return _of_one(lambda: socket.traffic.bytes_down, say, "\0" * size)


_CARRIERS: dict[str, tuple[str, Callable[[Lab, int], int]]] = {
    "SSE event": ("text", _event),
    "SSE event, no id": ("text", _event_without_id),
    "WebSocket, server": ("text", _server_frame),
    "WebSocket, client": ("text", _client_frame),
    "POST": ("text", _post),
    "SSE event, base64": ("binary", _base64_event),
    "WebSocket, binary": ("binary", _binary_frame),
}
CARRIERS = tuple(_CARRIERS)
