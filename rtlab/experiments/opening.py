"""What crosses the wire until the first message is there?

A relay before the lab keeps every byte; each byte is then given to the layer that it belongs to. With TLS below,
all that a relay can say is "TLS".
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling, Polling
from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Address
from rtlab.codecs.dissect import dissect
from rtlab.errors import InputError
from rtlab.findings.protocol import SetUpPart
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.records import Direction, WireChunk, WireUnit
from rtlab.servers.lab import Lab

WAYS = ("sse", "websocket", "long-polling", "polling")
_TIMEOUT_S = 10.0
_POLLING_INTERVAL_S = 0.2


def until_first_message(lab: Lab, way: str) -> tuple[WireChunk, ...]:
    """Open one client, send it one message of five letters, and give every byte until it had it.

    Args:
        lab: The running lab, with or without TLS.
        way: One of :data:`WAYS`.

    Returns:
        What a relay between the two saw, in order.

    Raises:
        InputError: There is no such way.
    """
    if way not in WAYS:
        raise InputError(f"There is no way {way!r}; there are {', '.join(WAYS)}.")
    channel = f"first.{secrets.token_hex(6)}"
    with tapped(lab) as relay, client_at(lab, relay.port, way, channel) as client:
        lab.publish("Hello", channel=channel)
        arrived_ns = client.receive().received_ns  # a client that asks has asked again by now
        return tuple(chunk for chunk in relay.chunks if chunk.at_ns <= arrived_ns)


def set_up_parts(lab: Lab, way: str) -> tuple[SetUpPart, ...]:
    """Count what :func:`until_first_message` saw, by direction and layer.

    Args:
        lab: The running lab, with or without TLS.
        way: One of :data:`WAYS`.

    Returns:
        One for each direction and layer, in the order of the wire.

    Raises:
        InputError: There is no such way.
    """
    chunks = until_first_message(lab, way)
    dissection = dissect(chunks)
    secure = Address.parse(lab.http_url, ("http", "https")).secure
    sides: tuple[tuple[Direction, tuple[WireUnit, ...], bytes], ...] = (
        ("up", dissection.up, dissection.up_bytes),
        ("down", dissection.down, dissection.down_bytes),
    )
    parts = []
    for direction, units, data in sides:
        counts: Counter[str] = Counter()
        for unit in units:
            counts[unit.layer] += unit.length_bytes
        parts += [SetUpPart(way, secure, direction, layer, size, data[0]) for layer, size in counts.items()]
    return tuple(parts)


@contextmanager
def tapped(lab: Lab) -> Iterator[Relay]:
    """Put a relay before a lab that keeps what crosses it.

    Args:
        lab: The running lab.

    Yields:
        The relay, listening on its port.
    """
    address = Address.parse(lab.http_url, ("http", "https"))
    relay = Relay(address.host, address.port)
    shared.hold()
    try:
        shared.call(relay.start, _TIMEOUT_S)
        yield relay
    finally:
        try:
            shared.call(relay.stop, _TIMEOUT_S)
        finally:
            shared.release()


def client_at(lab: Lab, port: int, way: str, channel: str) -> Client:
    """Make an unopened client that reaches a lab through another port of this machine.

    Args:
        lab: The lab.
        port: The port.
        way: One of :data:`WAYS`.
        channel: The lab's channel.
    """
    place, ca_pem = f"{'s' if lab.ca_pem else ''}://127.0.0.1:{port}", lab.ca_pem
    if way == "sse":
        return EventSource(f"http{place}/sse/{channel}", ca_pem=ca_pem)
    if way == "websocket":
        return WebSocket(f"ws{place}/ws/{channel}", ca_pem=ca_pem)
    if way == "long-polling":
        return LongPolling(f"http{place}/poll/{channel}", ca_pem=ca_pem)
    return Polling(f"http{place}/poll/{channel}", interval_s=_POLLING_INTERVAL_S, ca_pem=ca_pem)
