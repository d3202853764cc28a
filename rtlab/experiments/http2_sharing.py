"""What do many event streams need on the wire: over HTTP/1.1 a connection each, over HTTP/2 one for all?

The same lab serves both, over TLS. A relay between clients and lab counts connections and bytes.

Spec: RFC 9113 5; RFC 9112 9.3
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from rtlab.clients.client import Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.http2 import HOST
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.errors import InputError, WaitTimeout
from rtlab.experiments.http2_client import Http2Client
from rtlab.findings.http2 import CarriedStreams
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab

VERSIONS = ("HTTP/1.1", "HTTP/2")
MAX_STREAMS = 100
MAX_MESSAGES = 100
_AT_ONCE = 20
_TIMEOUT_S = 20.0

Delivered = Callable[[], int]
"""Tells how many messages all streams have got together."""


def share_connection(lab: Lab, streams: int = 60, *, messages: int = 5) -> tuple[CarriedStreams, ...]:
    """Hold event streams open over HTTP/1.1 and then over HTTP/2, and send all of them some messages.

    Args:
        lab: A running lab that speaks HTTP/2.
        streams: How many, 1 to 100.
        messages: How many messages each gets, one after the other, 1 to 100.

    Returns:
        What HTTP/1.1 needed, and what HTTP/2 did.

    Raises:
        InputError: A setting is out of its range, or the lab speaks HTTP/1.1 only.
    """
    if not (1 <= streams <= MAX_STREAMS and 1 <= messages <= MAX_MESSAGES):
        raise InputError(f"streams: 1 to {MAX_STREAMS}; messages: 1 to {MAX_MESSAGES}.")
    Http2Client(lab)  # refuses a lab without it before anything is opened
    return tuple(
        shared.call(partial(_carry, lab, version, streams, messages), 4 * _TIMEOUT_S) for version in VERSIONS
    )


async def _carry(lab: Lab, version: str, streams: int, messages: int) -> CarriedStreams:
    relay = Relay(HOST, lab.port)
    channel = f"share.{secrets.token_hex(6)}"
    await relay.start()
    try:
        opened = _over_http1 if version == VERSIONS[0] else _over_http2
        async with opened(lab, relay.port, channel, streams) as delivered:
            opening_bytes = _passed_bytes(relay)
            for number in range(1, messages + 1):
                await lab.publish_soon(f"message {number}", channel)
                await _until(delivered, number * streams)
            all_bytes = _passed_bytes(relay)
            return CarriedStreams(
                version,
                streams,
                relay.accepted,
                opening_bytes,
                messages,
                all_bytes - opening_bytes,
                delivered(),
            )
    finally:
        await relay.stop()


@asynccontextmanager
async def _over_http1(lab: Lab, port: int, channel: str, streams: int) -> AsyncIterator[Delivered]:
    got: list[Received] = []
    url = f"https://{HOST}:{port}/sse/{channel}"
    sources = [EventSource(url, ca_pem=lab.ca_pem, on_received=got.append) for _ in range(streams)]
    try:
        for first in range(0, streams, _AT_ONCE):
            await asyncio.gather(*(source.start(_TIMEOUT_S) for source in sources[first : first + _AT_ONCE]))
        yield lambda: len(got)
    finally:
        await asyncio.gather(*(source.finish(2.0) for source in sources), return_exceptions=True)


@asynccontextmanager
async def _over_http2(lab: Lab, port: int, channel: str, streams: int) -> AsyncIterator[Delivered]:
    async with Http2Client(lab, port) as client:
        end = await client.connect()
        numbers = [await end.ask(f"/sse/{channel}") for _ in range(streams)]
        await end.until(lambda: all(end.data[number] for number in numbers))
        yield lambda: sum(len(EventStreamDecoder().feed(bytes(end.data[number]))) for number in numbers)


def _passed_bytes(relay: Relay) -> int:
    return sum(len(chunk.data) for chunk in relay.chunks)


async def _until(delivered: Delivered, count: int) -> None:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while delivered() < count:
                await asyncio.sleep(0.005)
    except TimeoutError as error:
        raise WaitTimeout(f"Not all messages were there within {_TIMEOUT_S:g} s.") from error
