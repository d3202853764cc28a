"""What do the streams of one HTTP/2 connection share: the connection, its limit of streams, its window, its line?

Both ends are driven from here, so nothing depends on who is quicker: a ping that is back proves that whatever was
sent before it has arrived, or never will while things stand still.

Spec: RFC 9113 5; RFC 8441
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from rtlab import clock
from rtlab.clients.client import end_task
from rtlab.clients.http2 import TIMEOUT_S, Http2End
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.errors import InputError
from rtlab.experiments.http2_server import (
    MAX_STREAMS,
    Http2Server,
    deliver,
    open_event_stream,
    open_websocket,
)
from rtlab.experiments.raw_websocket import client_frame
from rtlab.experiments.waiting import span
from rtlab.findings.protocol import ConnectionCount, RequestSpan, Standstill
from rtlab.loop_thread import shared

WAYS = ("sse", "websocket")
ONE_CONNECTION, STREAMS = "one HTTP/2 connection", "one HTTP/2 connection of 100 streams"
READER, READER_WIDE, LINE = "one reader", "one reader, wider window", "the line"
WINDOW_BYTES = 65_535
"""How much may be on its way, unread: on each stream, and on the connection (RFC 9113 6.9.2)."""
MAX_CLIENTS = 300
_OTHERS = 10
"""So many streams are sent a message while something stands still."""
_HELLO = encode_event("Hello")

_T = TypeVar("_T")


def count_multiplexed(way: str, clients: int) -> ConnectionCount:
    """Open event streams or WebSockets, one after the other on one client's HTTP/2 connection, and use each.

    Args:
        way: ``"sse"`` or ``"websocket"``.
        clients: How many, 1 to 300.

    Returns:
        The TCP connections that the server accepted, and the requests that it got.

    Raises:
        InputError: A setting is out of its range.
    """
    if way not in WAYS or not 1 <= clients <= MAX_CLIENTS:
        raise InputError(f"way: sse or websocket; clients: 1 to {MAX_CLIENTS}.")
    return _run(lambda: _count(way, clients))


def wait_beside(*, held_s: float = 0.5) -> tuple[RequestSpan, ...]:
    """Ask for something slow, and then for a page, on one HTTP/2 connection.

    Args:
        held_s: How long the slow answer takes, 0.05 to 10.

    Returns:
        The slow request, and the page on a stream beside it.

    Raises:
        InputError: The time is out of its range.
    """
    _require_time(held_s)
    return _run(lambda: _wait_beside(held_s))


def wait_for_stream(streams: int = MAX_STREAMS, *, held_s: float = 0.5) -> tuple[RequestSpan, ...]:
    """Hold event streams on a connection that allows 100, ask for a page, then end the stream that came last.

    Args:
        streams: How many are held, 0 to 100.
        held_s: How long all of them are held, 0.05 to 10.

    Returns:
        One for each stream, then one for the page.

    Raises:
        InputError: A setting is out of its range.
    """
    _require_time(held_s)
    if not 0 <= streams <= MAX_STREAMS:
        raise InputError(f"streams: 0 to {MAX_STREAMS}.")
    return _run(lambda: _wait_for_stream(streams, held_s))


def stand_still(*, held_s: float = 0.3) -> tuple[Standstill, ...]:
    """Let one reader stop, then one line, and see which streams get their messages meanwhile.

    Args:
        held_s: How long a line is watched that does not move, 0.05 to 10.

    Returns:
        For each, streams on one connection and on two; for the reader also with a wider window.

    Raises:
        InputError: The time is out of its range.
    """
    _require_time(held_s)
    return (
        _run(lambda: _stop_reader(1)),
        _run(lambda: _stop_reader(1, more_bytes=WINDOW_BYTES)),
        _run(lambda: _stop_reader(2)),
        _run(lambda: _hold_line(1, held_s)),
        _run(lambda: _hold_line(2, held_s)),
    )


async def _count(way: str, clients: int) -> ConnectionCount:
    async with Http2Server(clients) as listening:
        client, server = await listening.connect()
        for _ in range(clients):
            if way == "sse":
                await deliver(server, client, await open_event_stream(client, server), _HELLO)
            else:
                stream = await open_websocket(client, server)
                await deliver(client, server, stream, client_frame(TEXT, b"Hello"))
                await deliver(server, client, stream, encode_frame(TEXT, b"Hello"))
        return ConnectionCount(f"{way}, HTTP/2", clients, 0, len(listening.accepted), len(server.heads))


async def _wait_beside(held_s: float) -> tuple[RequestSpan, ...]:
    async with Http2Server() as listening:
        client, server = await listening.connect()
        sent_ns = clock.now_ns()
        slow, page = await client.ask("/slow"), await client.ask("/")
        await server.until(lambda: page in server.heads)
        server.answer(page)
        await asyncio.sleep(held_s)
        server.answer(slow)
        await client.until(lambda: {slow, page} <= client.heads.keys())
        slow_ns, page_ns = (client.head_times_ns[stream] for stream in (slow, page))
        return (
            span(ONE_CONNECTION, "slow request", sent_ns, sent_ns, sent_ns, slow_ns),
            span(ONE_CONNECTION, "page beside it", sent_ns, sent_ns, sent_ns, page_ns),
        )


async def _wait_for_stream(streams: int, held_s: float) -> tuple[RequestSpan, ...]:
    async with Http2Server(MAX_STREAMS) as listening:
        client, server = await listening.connect()
        start_ns = clock.now_ns()

        async def ask(name: str) -> tuple[int, RequestSpan]:
            wanted_ns = clock.now_ns()
            stream = await client.ask("/")
            sent_ns = clock.now_ns()
            await server.until(lambda: stream in server.heads)
            server.answer(stream)
            await client.until(lambda: stream in client.heads)
            return stream, span(STREAMS, name, start_ns, wanted_ns, sent_ns, client.head_times_ns[stream])

        def now_ms() -> float:
            return (clock.now_ns() - start_ns) / 1e6

        held = [await ask(f"event stream {number}") for number in range(1, streams + 1)]
        page = asyncio.create_task(ask("page"))
        try:
            await asyncio.sleep(held_s)
            if held:
                newest, last = held.pop()
                held.append((newest, replace(last, ended_ms=now_ms())))
                server.end(newest)
            async with asyncio.timeout(TIMEOUT_S):
                _, answered = await page
        finally:
            await end_task(page)
        spans = [last for _, last in held]
        return (*(replace(each, ended_ms=now_ms()) for each in spans[:-1]), *spans[-1:], answered)


async def _stop_reader(connections: int, *, more_bytes: int = 0) -> Standstill:
    """Fill the window of a stream that nobody reads, and send to others behind it."""
    async with Http2Server() as listening:
        client, server = await listening.connect()
        other_client, other_server = (client, server) if connections == 1 else await listening.connect()
        if more_bytes:
            client.widen(more_bytes)
        unread = await open_event_stream(client, server)
        client.unread.add(unread)
        others = [await open_event_stream(other_client, other_server) for _ in range(_OTHERS)]
        server.send(unread, bytes(WINDOW_BYTES))
        await client.until(lambda: len(client.data[unread]) == WINDOW_BYTES)
        for stream in others:
            other_server.send(stream, _HELLO)
        await other_client.round_trip()
        meanwhile = _with_hello(other_client, others)
        client.take(unread)
        await other_client.until(lambda: _with_hello(other_client, others) == len(others))
        what = READER_WIDE if more_bytes else READER
        return Standstill(what, connections, len(others), meanwhile, _with_hello(other_client, others))


async def _hold_line(connections: int, held_s: float) -> Standstill:
    """Hold one connection, as a lost packet does until it is sent again, and send on all."""
    async with Http2Server() as listening:
        lines = [await listening.connect() for _ in range(connections)]
        opened = [
            (client, server, [await open_event_stream(client, server) for _ in range(_OTHERS // connections)])
            for client, server in lines
        ]

        def arrived() -> int:
            return sum(_with_hello(client, streams) for client, _, streams in opened)

        held, *free = (client for client, _ in lines)
        held.pause()
        for _, server, streams in opened:
            for stream in streams:
                server.send(stream, _HELLO)
        for client in free:
            await client.round_trip()
        with suppress(TimeoutError):  # as it should: then all that can come has come
            async with asyncio.timeout(held_s):
                await held.round_trip()
        meanwhile = arrived()
        held.resume()
        await held.until(lambda: arrived() == _OTHERS)
        return Standstill(LINE, connections, _OTHERS, meanwhile, arrived())


def _with_hello(client: Http2End, streams: list[int]) -> int:
    return sum(client.data[stream] == _HELLO for stream in streams)


def _require_time(held_s: float) -> None:
    if not 0.05 <= held_s <= 10:
        raise InputError("held_s: 0.05 to 10.")


def _run(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run on the loop, which need not run yet: no lab takes part."""
    shared.hold()
    try:
        return shared.call(work, 4 * TIMEOUT_S)
    finally:
        shared.release()
