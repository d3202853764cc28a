"""The ways in which a workload can travel: a transport, and the client library at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rtlab.clients.client import Client, Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.peers import SseclientPeer, WebSocketClientPeer
from rtlab.clients.polling import LongPolling, Polling
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError
from rtlab.servers.lab import Lab

OnReceived = Callable[[Received], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """One line of a comparison.

    Attributes:
        name: The transport, and after a slash the client if it is not rtlab's own.
        make: Makes an unopened client for a lab's channel; the last argument is the polling interval in seconds.
    """

    name: str
    make: Callable[[Lab, str, OnReceived, float], Client]


_SUBJECTS = (
    Subject(
        "sse", lambda lab, channel, got, _: EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem, on_received=got)
    ),
    Subject(
        "websocket", lambda lab, channel, got, _: WebSocket(lab.ws_url(channel), ca_pem=lab.ca_pem, on_received=got)
    ),
    Subject(
        "long-polling",
        lambda lab, channel, got, _: LongPolling(lab.poll_url(channel), ca_pem=lab.ca_pem, on_received=got),
    ),
    Subject(
        "polling",
        lambda lab, channel, got, interval_s: Polling(
            lab.poll_url(channel), interval_s=interval_s, ca_pem=lab.ca_pem, on_received=got
        ),
    ),
    Subject(
        "sse/sseclient-py",
        lambda lab, channel, got, _: SseclientPeer(lab.sse_url(channel), ca_pem=lab.ca_pem, on_received=got),
    ),
    Subject(
        "websocket/websocket-client",
        lambda lab, channel, got, _: WebSocketClientPeer(lab.ws_url(channel), ca_pem=lab.ca_pem, on_received=got),
    ),
)
SUBJECTS = {subject.name: subject for subject in _SUBJECTS}


def find_subjects(names: tuple[str, ...]) -> tuple[Subject, ...]:
    """Look the subjects of a comparison up.

    Args:
        names: Such as ``("sse", "websocket", "sse/sseclient-py")``.

    Raises:
        InputError: None are named, one twice, or one that does not exist.
    """
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown or not names or len(set(names)) != len(names):
        wrong = f"{', '.join(unknown)} is unknown" if unknown else "name at least one, each once"
        raise InputError(f"Transports: {wrong}. There are: {', '.join(SUBJECTS)}.")
    return tuple(SUBJECTS[name] for name in names)
