"""The conversations, held through the relay: each outcome in words can come up."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rtlab.errors import WaitTimeout
from rtlab.experiments import proxy_conversations
from rtlab.experiments.proxy_conversations import (
    Place,
    broken_off,
    large_event,
    silence,
    silent_websocket,
    slow_events,
    small_events,
    small_events_for_gzip,
    speaking_client,
    status_only,
    websocket,
)
from rtlab.loop_thread import shared
from rtlab.network.faults import (
    Answer,
    BufferingProxy,
    Fault,
    GzipProxy,
    IdleCut,
    Latency,
    Reset,
    StripUpgrade,
)
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab

HOLDS = BufferingProxy(honours_accel=False)


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_conversations, "_PATIENCE_S", 1.5)


@contextmanager
def place(lab: Lab, *faults: Fault) -> Iterator[Place]:
    relay = Relay("127.0.0.1", lab.port, faults=faults)
    shared.call(relay.start, 30)
    try:
        yield Place(relay.port, lab)
    finally:
        shared.call(relay.stop, 30)


@pytest.mark.parametrize(
    ("talk", "faults", "outcome"),
    [
        (small_events, (), "at once"),
        (small_events, (Latency(150, direction="down"),), "each 0.2 s late"),
        (small_events, (HOLDS,), "held, 4 kB at a time"),
        (small_events, (BufferingProxy(65_536, honours_accel=False),), "held, 10 kB and more"),
        (small_events_for_gzip, (GzipProxy(),), "held, 10 kB and more"),
        (silence, (), "stays open"),
        (silence, (IdleCut(0.6),), "FIN, the body is cut short"),
        (silence, (HOLDS, IdleCut(0.6)), "the event is lost; FIN, the body is cut short"),
        (silence, (Reset(after_s=0.6),), "RST, the body is cut short"),
        (large_event, (), "at once"),
        (large_event, (HOLDS,), "its end is held"),
        (large_event, (BufferingProxy(65_536, honours_accel=False),), "held"),
        (broken_off, (), "FIN, the body is cut short"),
        (slow_events, (IdleCut(0.2),), "FIN, the body is cut short"),
        (websocket, (), "opens, a message passes"),
        (websocket, (StripUpgrade(),), "refused with 400"),
        (silent_websocket, (), "stays open"),
        (silent_websocket, (IdleCut(0.4),), "FIN, no close frame"),
        (speaking_client, (IdleCut(0.2),), "FIN"),
        (status_only, (Answer(status=503),), "answers 503"),
        (status_only, (), "answers 200"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_each_outcome_has_its_words(
    lab: Lab, talk: Callable[[Place], str], faults: tuple[Fault, ...], outcome: str
) -> None:
    with place(lab, *faults) as there:
        assert talk(there) == outcome


def test_a_conversation_that_cannot_begin_closes_its_connection(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_conversations, "_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        with pytest.raises(WaitTimeout, match="Nobody subscribed"):
            silence(Place(deaf.getsockname()[1], lab))
        accepted, _ = deaf.accept()
        with accepted:
            accepted.settimeout(2.0)
            while accepted.recv(4_096):  # the request, and then the end
                pass
