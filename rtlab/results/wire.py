"""``wire()``: the same messages over an event stream and over a WebSocket, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.dissect import dissect
from rtlab.errors import InputError
from rtlab.results.capture import through
from rtlab.servers.lab import Lab
from rtlab.widgets.wire_view import WireView

CHANNEL = "wire"
MAX_TEXTS = 100


def wire(lab: Lab, texts: Sequence[str] = ("Hello",)) -> WireView:
    """Send the same messages over SSE and over WebSocket, and show every byte that crossed, with its meaning.

    Both clients listen on one channel through a relay that keeps what crosses it; then both say goodbye. With TLS
    the view shows what somebody on the way sees: records, and nothing in them.

    Args:
        lab: The running lab.
        texts: The messages, from 1 to 100.

    Returns:
        The two connections side by side; ``connections`` holds their dissections, SSE first.

    Raises:
        InputError: There is no text, there are too many, or one cannot travel.
        LabNotRunning: The lab was stopped.
    """
    if isinstance(texts, str) or not 1 <= len(texts) <= MAX_TEXTS:
        raise InputError(f'wire() texts are a list of 1 to {MAX_TEXTS} texts, such as ["Hello"].')
    with (
        through(lab) as via,
        EventSource(via.sse_url(CHANNEL), ca_pem=lab.ca_pem) as source,
        WebSocket(via.ws_url(CHANNEL), ca_pem=lab.ca_pem) as socket,
    ):
        for text in texts:
            lab.publish(text, channel=CHANNEL)
            source.receive()
            socket.receive()
    count = f"{len(texts)} message{'s' * (len(texts) != 1)}"
    title = f"The same {count} over SSE and over WebSocket"
    return WireView([dissect(via.connection(number)) for number in range(2)], title=title)
