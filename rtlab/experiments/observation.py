"""Listens to channels of a lab over both transports while an application publishes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

from rtlab import clock
from rtlab.clients.client import Client, Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, WaitTimeout
from rtlab.findings.documents import Sighting, StreamKind
from rtlab.servers.lab import Lab
from rtlab.servers.server import LabServer

Application = Callable[[Lab], object]
"""What a lab is used for: publishes some messages and comes back, and can be called again."""

_LOOK_S = 0.005


def served_in_this_process(lab: Lab) -> LabServer:
    """Give the server of a lab that runs in this process.

    Raises:
        InputError: It runs in a process of its own.
    """
    if not isinstance(lab.server, LabServer):
        raise InputError("This needs a lab in this kernel: start it without isolated=True.")
    return lab.server


def publish_prices(lab: Lab, channel: str = "news") -> None:
    """Publish what a small application would: two prices and a notice, each as JSON."""
    lab.publish('{"symbol": "ABC", "eur": 12.5, "volume": 3}', channel=channel, event="price")
    lab.publish('{"symbol": "DEF", "eur": 7.25, "volume": 10}', channel=channel, event="price")
    lab.publish('{"text": "The market is open."}', channel=channel, event="notice")


def observe(
    lab: Lab,
    channels: Sequence[str] = ("news",),
    application: Application = publish_prices,
    *,
    transports: Sequence[StreamKind] = ("sse", "websocket"),
    timeout_s: float = 10.0,
) -> tuple[Sighting, ...]:
    """Open an event stream and a WebSocket for each channel, let the application publish, and take what comes.

    Args:
        lab: A running lab in this process.
        channels: Which channels, at least one.
        application: Called once, on this thread.
        transports: Which ways to listen.
        timeout_s: How long the messages may take after the application is done.

    Returns:
        Every message that a client got, in its order on each connection.

    Raises:
        InputError: No channel, or an isolated lab.
        WaitTimeout: A message that was published did not arrive.
    """
    if not channels:
        raise InputError("Name at least one channel to listen to.")
    server = served_in_this_process(lab)
    sightings: list[Sighting] = []  # written on the loop's thread only
    topics = [server.channel(name) for name in channels]

    def note(transport: StreamKind, channel: str, message: Received) -> None:
        text = message.data if isinstance(message.data, str) else ""
        sightings.append(Sighting(transport, channel, message.event, message.id, text))

    with ExitStack() as clients:
        for transport in transports:
            for channel in channels:
                keep = partial(note, transport, channel)
                clients.enter_context(_client(lab, transport, channel, keep))
        before = sum(topic.last_number for topic in topics)
        application(lab)
        due = (sum(topic.last_number for topic in topics) - before) * len(transports)
        deadline_ns = clock.now_ns() + round(timeout_s * 1e9)
        while len(sightings) < due:
            if clock.now_ns() > deadline_ns:
                raise WaitTimeout(f"Of {due} messages {len(sightings)} arrived within {timeout_s} s.")
            threading.Event().wait(_LOOK_S)
    return tuple(sightings)


def _client(lab: Lab, transport: StreamKind, channel: str, keep: Callable[[Received], None]) -> Client:
    if transport == "sse":
        return EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem, on_received=keep)
    return WebSocket(lab.ws_url(channel), ca_pem=lab.ca_pem, on_received=keep)
