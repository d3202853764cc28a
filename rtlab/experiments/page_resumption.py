"""What does a browser do when the line of an EventSource is cut, and what does it say when it comes back?

A relay stands before the lab. It cuts the line, and it sees what the browser asks for, byte by byte. Messages are
sent before the cut, while the page is away, and after it.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rtlab import clock
from rtlab.clients.wire import Address
from rtlab.codecs.http1 import RequestDecoder, RequestHead
from rtlab.errors import InputError
from rtlab.findings.page_resumption import PageMoment, PageResumption, StreamRequest
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.pages.connection import PageEventSource
from rtlab.pages.page import Page
from rtlab.records import WireChunk
from rtlab.servers.lab import Lab
from rtlab.servers.server import LabServer

_CALL_S = 5.0
_SECRET = re.compile(rb"(?<=[?&])((?:nonce|tag|token)=)([^&\s]+)")


def resume(page: Page, lab: Lab, *, before: int = 3, away: int = 2, after: int = 2) -> PageResumption:
    """Cut the line of an EventSource in a page, and look at the request with which the browser comes back.

    Through the notebook server the lab ends the stream in good order instead: the proxy passes no reset on, and the
    page would wait for ever.

    Args:
        page: The page.
        lab: The lab, of this kernel and without TLS, or nobody could see the request.
        before: How many messages are sent before the cut, from 1 to 100.
        away: How many while the page is away, from 0 to 100.
        after: How many when it is back, from 0 to 100.

    Returns:
        The requests, what the page saw, and what was sent.

    Raises:
        InputError: A number is out of its range, or the lab speaks TLS.
        WaitTimeout: The page does not come back, or a message does not come.
    """
    if not (1 <= before <= 100 and 0 <= away <= 100 and 0 <= after <= 100):
        raise InputError("before: 1 to 100; away and after: 0 to 100.")
    server = lab.server
    if lab.ca_pem or not isinstance(server, LabServer):
        raise InputError("The request shall be seen, so the lab must not speak TLS; and it must be of this kernel.")
    route = page.route
    channel = f"resume.{secrets.token_hex(6)}"
    address = Address.parse(lab.http_url, ("http",))
    relay = Relay(address.host, address.port)
    limit_s = lab.resumption.retry_ms / 1e3 + 20.0
    sent_ns: dict[str, int] = {}

    def send(count: int) -> None:
        for _ in range(count):
            number = len(sent_ns) + 1
            sent_ns[lab.publish(f"message {number}", channel=channel)] = clock.now_ns()

    async def cut() -> None:
        if route == "direct":
            relay.cut()
            return
        for peer in server.peers():
            if peer.channel == channel:
                peer.goodbye()

    shared.call(relay.start, _CALL_S)
    try:
        path = lab.sse_url(channel).removeprefix(lab.http_url)
        source = page.event_source(url=f"http://127.0.0.1:{relay.port}{path}", lab=lab)
        source.wait("open")
        send(before)
        source.wait("message", before)
        shared.call(cut, _CALL_S)
        send(away)
        source.wait("open", 2, limit_s)
        source.wait("message", before + away)
        send(after)
        source.wait("message", before + away + after)
        source.close()
        source.wait("closed")
    finally:
        shared.call(relay.stop, _CALL_S)
    requests = stream_requests(relay.chunks)
    return PageResumption(tuple(sent_ns), requests, _moments(source, sent_ns, requests), _away_ms(source))


def stream_requests(chunks: Iterable[WireChunk]) -> tuple[StreamRequest, ...]:
    """Find the requests for a stream in what was captured.

    Args:
        chunks: What crossed all connections, in the order of capture.

    Returns:
        One for each connection that carried a request, in the order in which they came; the secrets of the lab are
        taken out of the chunks.
    """
    by_connection: dict[int, list[WireChunk]] = defaultdict(list)
    for chunk in chunks:
        by_connection[chunk.connection_id].append(chunk)
    found: list[StreamRequest] = []
    for kept in by_connection.values():
        up = b"".join(chunk.data for chunk in kept if chunk.direction == "up")
        heads = [item for item in RequestDecoder().feed(up) if isinstance(item, RequestHead)]
        if heads:
            shown = tuple(_without_secrets(kept, up))
            found.append(StreamRequest(len(found) + 1, heads[0].get("Last-Event-ID"), kept[0].at_ns, shown))
    return tuple(found)


def _without_secrets(chunks: Iterable[WireChunk], up: bytes) -> Iterator[WireChunk]:
    """Take the lab's secrets out of the request's target; a piece may end in the middle of one."""
    left = _SECRET.sub(lambda secret: secret[1] + b"*" * len(secret[2]), up)
    for chunk in chunks:
        if chunk.direction == "up":
            chunk, left = replace(chunk, data=left[: len(chunk.data)]), left[len(chunk.data) :]
        yield chunk


def _moments(
    source: PageEventSource, sent_ns: dict[str, int], requests: tuple[StreamRequest, ...]
) -> tuple[PageMoment, ...]:
    moments, request = [], 0
    for event in source.events:
        request += event.kind == "open"
        moment = PageMoment(event.at_ms - source.began_ms, event.kind, event.state or 0, max(1, request))
        if event.id:
            is_late = request > 1 and sent_ns[event.id] < requests[request - 1].at_ns
            moment = replace(moment, id=event.id, sent="away" if is_late else "open")
        moments.append(moment)
    return tuple(moments)


def _away_ms(source: PageEventSource) -> float:
    error = next(event for event in source.events if event.kind == "error")
    again = next(event for event in source.events if event.kind == "open" and event.at_ms >= error.at_ms)
    return again.at_ms - error.at_ms
