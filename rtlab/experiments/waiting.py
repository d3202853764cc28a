"""Two ways in which a request waits: for a free connection, and behind another answer.

* A pool may open six connections to a host, as browsers do. Six event streams hold them all; a seventh request
  waits until any one of them ends.
* On one HTTP/1.1 connection answers come in the order of their requests. A quick answer waits behind a slow one,
  however many connections there may be.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace

from rtlab import clock
from rtlab.clients.client import end_task
from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.http1 import EndOfMessage, RequestHead, ResponseDecoder, ResponseHead, encode_request_head
from rtlab.errors import ConnectionFailed, InputError
from rtlab.findings.protocol import RequestSpan
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

POOL_CONNECTIONS = 6
"""How many HTTP/1.1 connections to one host browsers open; their own choice, no rule of HTTP."""
POOL, PIPELINE = "pool of 6 connections", "one HTTP/1.1 connection"
_TIMEOUT_S = 10.0


def wait_for_pool(lab: Lab, *, streams: int = POOL_CONNECTIONS, held_s: float = 0.5) -> tuple[RequestSpan, ...]:
    """Hold event streams in a pool of six connections, ask for a page, then end the stream that came last.

    Args:
        lab: The running lab.
        streams: How many streams are held, 0 to 6.
        held_s: How long all of them are held, 0.05 to 10.

    Returns:
        One for each stream, then one for the page.

    Raises:
        InputError: A setting is out of its range.
    """
    if not (0 <= streams <= POOL_CONNECTIONS and 0.05 <= held_s <= 10):
        raise InputError(f"streams: 0 to {POOL_CONNECTIONS}; held_s: 0.05 to 10.")
    return shared.call(lambda: _wait_for_pool(lab, streams, held_s), held_s + 3 * _TIMEOUT_S)


def wait_in_line(lab: Lab, *, held_s: float = 0.5) -> tuple[RequestSpan, ...]:
    """Ask for something slow and for a page on one connection at once; and for the same page on another.

    Args:
        lab: The running lab.
        held_s: How long the slow answer takes, 0.05 to 10.

    Returns:
        The slow request, the page behind it, and the page on a connection of its own.

    Raises:
        InputError: The time is out of its range.
    """
    if not 0.05 <= held_s <= 10:
        raise InputError("held_s: 0.05 to 10.")
    return shared.call(lambda: _wait_in_line(lab, held_s), held_s + 3 * _TIMEOUT_S)


class _Pool:
    """A client that opens at most six connections; each request keeps one until it is closed."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._free, self.start_ns = lab, asyncio.Semaphore(POOL_CONNECTIONS), clock.now_ns()
        self.open: list[HttpConnection] = []

    async def ask(self, name: str, target: str) -> RequestSpan:
        """Wait for a free connection, then for the answer's head."""
        wanted_ns = clock.now_ns()
        await self._free.acquire()
        sent_ns = clock.now_ns()
        address = Address.parse(self._lab.http_url, ("http", "https"))
        http = HttpConnection(address, Traffic(), ca_pem=self._lab.ca_pem)
        self.open.append(http)
        await http.request(RequestHead("GET", target), timeout_s=_TIMEOUT_S)
        return span(POOL, name, self.start_ns, wanted_ns, sent_ns, clock.now_ns())

    def now_ms(self) -> float:
        """Tell the time since the pool was made."""
        return (clock.now_ns() - self.start_ns) / 1e6

    def end(self, http: HttpConnection) -> None:
        """End a request and free its connection."""
        self.open.remove(http)
        http.close()
        self._free.release()


async def _wait_for_pool(lab: Lab, streams: int, held_s: float) -> tuple[RequestSpan, ...]:
    pool, page = _Pool(lab), None
    channel = f"pool.{secrets.token_hex(6)}"
    try:
        held = [await pool.ask(f"event stream {number}", f"/sse/{channel}") for number in range(1, streams + 1)]
        newest = pool.open[-1] if pool.open else None
        page = asyncio.create_task(pool.ask("page", "/"))
        await asyncio.sleep(held_s)
        if newest:
            held[-1] = replace(held[-1], ended_ms=pool.now_ms())
            pool.end(newest)  # not the first one: which one ends makes no difference
        answered = await asyncio.wait_for(page, _TIMEOUT_S)
        return (*(replace(span, ended_ms=pool.now_ms()) for span in held[:-1]), *held[-1:], answered)
    finally:
        await end_task(page)
        for http in pool.open:
            http.close()


async def _wait_in_line(lab: Lab, held_s: float) -> tuple[RequestSpan, ...]:
    address = Address.parse(lab.http_url, ("http", "https"))
    channel = f"line.{secrets.token_hex(6)}"
    host = (("Host", address.host_header),)
    slow = encode_request_head(RequestHead("GET", f"/poll/{channel}?after=0&wait_s={held_s}", host))
    page = encode_request_head(RequestHead("GET", "/", host))
    start_ns = clock.now_ns()
    wires: list[Wire] = []
    try:
        async with asyncio.timeout(held_s + _TIMEOUT_S):
            for _ in range(2):
                wires.append(await Wire.open(address, Traffic(), ca_pem=lab.ca_pem, timeout_s=_TIMEOUT_S))
            sent_ns = clock.now_ns()
            wires[0].write(slow + page)
            wires[1].write(page)
            answered = [*await _answers(wires[1], 1), *await _answers(wires[0], 2)]
    finally:
        for wire in wires:
            wire.abort()
    names = ("page, other connection", "slow request", "page behind it")
    alone, first, second = (
        span(PIPELINE, name, start_ns, sent_ns, sent_ns, at_ns) for name, at_ns in zip(names, answered, strict=True)
    )
    return first, second, alone


async def _answers(wire: Wire, count: int) -> list[int]:
    """Read answers one behind the other; tell when the head of each was there."""
    times_ns: list[int] = []
    decoder, data = ResponseDecoder(), b""
    while len(times_ns) < count:
        more, at_ns = await wire.read()
        if not more:
            raise ConnectionFailed("The connection ended before all answers were there.")
        data = more
        while data:
            items = decoder.feed(data)
            data = b""
            times_ns += [at_ns for item in items if isinstance(item, ResponseHead)]
            if EndOfMessage() in items:
                data, decoder = decoder.rest, ResponseDecoder()
    return times_ns


def page_waited(spans: Sequence[RequestSpan]) -> bool:
    """Tell whether the page went out only after the stream before it had ended.

    Args:
        spans: One for each stream held, at least one, then one for the page.
    """
    return spans[-1].sent_ms >= spans[-2].ended_ms


def page_wait_ms(spans: Sequence[RequestSpan]) -> float:
    """Tell how long the page, the last of some requests, was wanted before it went out."""
    return spans[-1].sent_ms - spans[-1].wanted_ms


def span(situation: str, name: str, start_ns: int, wanted_ns: int, sent_ns: int, answered_ns: int) -> RequestSpan:
    """Tell a request's times from the start of its situation; its answer ends as soon as it begins.

    Args:
        situation: What the requests share.
        name: Which request.
        start_ns: When the situation began.
        wanted_ns: When the request was wanted.
        sent_ns: When it was sent.
        answered_ns: When its answer began.
    """
    wanted_ms, sent_ms, answered_ms = ((at_ns - start_ns) / 1e6 for at_ns in (wanted_ns, sent_ns, answered_ns))
    return RequestSpan(situation, name, wanted_ms, sent_ms, answered_ms, answered_ms)
