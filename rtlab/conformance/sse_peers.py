"""Parsers of event streams behind one interface: each function feeds chunks to one library and notes the outcome.

Each library is fed through the class that its users use. What it does not tell publicly is said at the place.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.conformance.outcomes import SseOutcome
from rtlab.loop_thread import shared

_LIMIT_S = 30.0
_HEADERS = {"content-type": "text/event-stream"}
_UNTOUCHED_S = 86_400.0


def feed_rtlab(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
    """Feed :class:`rtlab.codecs.sse.EventStreamDecoder`."""
    decoder = EventStreamDecoder()
    for chunk in chunks:
        for event in decoder.feed(chunk):
            outcome.deliver(event.type, event.data, event.last_event_id)
    outcome.last_event_id, outcome.retry_ms = decoder.last_event_id, decoder.retry_ms


def feed_sseclient_py(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
    """Feed sseclient-py; it knows no last event ID, so a caller keeps that of the newest event that has one."""
    for event in importlib.import_module("sseclient").SSEClient(iter(chunks)).events():
        outcome.deliver(event.event, event.data, event.id)
        if event.id is not None:
            outcome.last_event_id = event.id
        if event.retry is not None:  # a text; one of digits is as good as the number
            is_number = event.retry.isascii() and event.retry.isdigit()
            outcome.retry_ms = int(event.retry) if is_number else event.retry


def feed_httpx_sse(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
    """Feed httpx-sse by a response of httpx whose body is the stream."""
    response = importlib.import_module("httpx").Response(200, headers=_HEADERS, content=iter(chunks))
    for event in importlib.import_module("httpx_sse").EventSource(response).iter_sse():
        outcome.deliver(event.event, event.data, event.id)
        outcome.last_event_id = event.id
        if event.retry is not None:
            outcome.retry_ms = event.retry


def feed_launchdarkly(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
    """Feed launchdarkly-eventsource by a connection of our own; its next delay tells what it made of ``retry``."""
    library = importlib.import_module("ld_eventsource")
    config = importlib.import_module("ld_eventsource.config")
    stream = config.ConnectionResult(iter(chunks), None)
    connection = type("Connection", (config.ConnectionClient,), {"connect": lambda self, last_event_id: stream})
    strategy = type("Strategy", (config.ConnectStrategy,), {"create_client": lambda self, logger: connection()})
    plain_delay = config.RetryDelayStrategy.from_lambda(lambda base_s: (base_s, None))
    client = library.SSEClient(strategy(), initial_retry_delay=_UNTOUCHED_S, retry_delay_strategy=plain_delay)
    try:
        for event in client.events:
            outcome.deliver(event.event, event.data, event.last_event_id)
    finally:
        outcome.last_event_id = client.last_event_id or ""
        if client.next_retry_delay != _UNTOUCHED_S:
            outcome.retry_ms = round(client.next_retry_delay * 1000)
        client.close()


@contextmanager
def aiohttp_sse_client2() -> Iterator[Any]:
    """Hold an event loop for aiohttp-sse-client2, which cannot be fed without HTTP, and give what feeds it."""
    shared.hold()
    try:
        yield lambda chunks, outcome: shared.call(lambda: _serve_aiohttp_sse_client2(chunks, outcome), _LIMIT_S)
    finally:
        shared.release()


class _StreamEnded(Exception):
    """The stream is over; without this the library would wait and connect again."""


async def _serve_aiohttp_sse_client2(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionError):  # a reader that raised an exception has left
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    def end() -> None:
        raise _StreamEnded

    client = importlib.import_module("aiohttp_sse_client2.client")
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        source = client.EventSource(f"http://127.0.0.1:{port}/", on_error=end)
        before = source._reconnection_time  # it tells neither this nor the last event ID publicly
        try:
            with suppress(_StreamEnded):
                async with source:
                    async for event in source:
                        outcome.deliver(event.type or "message", event.data, event.last_event_id)
        finally:
            outcome.last_event_id = source._last_event_id
            if source._reconnection_time != before:
                outcome.retry_ms = round(source._reconnection_time.total_seconds() * 1000)
