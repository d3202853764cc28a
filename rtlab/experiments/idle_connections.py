"""What does a connection cost on which nothing happens?

A server in a process of its own gets more and more idle connections. The slope of its memory is the cost of one.
What the operating system keeps for the socket is not in it. The first connections live in memory that the start of
the program has left free, and seem to cost little: so half of them are open before the server is weighed at all.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from functools import partial

import numpy as np
import psutil

from rtlab.codecs.http1 import ResponseDecoder, ResponseHead, encode_request_head
from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer, make_offer
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.codecs.websocket_session import WebSocketSession
from rtlab.errors import InputError, LabError
from rtlab.experiments.herd import most_connections
from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.saturated import process
from rtlab.findings.idle_connections import IdleCost
from rtlab.loop_thread import shared

WAYS = ("sse", "websocket")
COMPRESSED = "websocket, compressed"
"""With permessage-deflate, after one message each way: the server then keeps a window for each direction."""
STEPS = 5
FILLING = 1_000
"""So many connections, before the first weighing, take what a server had left free since its start."""
_AT_ONCE = 50
_SETTLE_S = 0.3
_OPEN_TIMEOUT_S = 10.0
_TIMEOUT_S = 60.0
_HELLO = "A first message, so that there is a window to keep."


def idle_cost(way: str, most: int = 2 * FILLING, library: str = "rtlab") -> IdleCost:
    """Open idle connections to a server in a process of its own, and weigh it.

    Args:
        way: One of :data:`WAYS`, or :data:`COMPRESSED`.
        most: How many at the end, from 100; fewer where the system allows fewer. Less than twice :data:`FILLING`
            gives too small a figure, but for compressed ones.
        library: A key of :data:`rtlab.experiments.peer_servers.LIBRARIES`; it must be installed and have the way.

    Returns:
        Memory and open files at each step, and for one connection.

    Raises:
        InputError: A setting cannot work.
        LabError: Not all of the connections could be opened.
    """
    count = min(most, most_connections())
    if way not in (*WAYS, COMPRESSED) or count < 2 * _AT_ONCE:
        raise InputError(
            f"way: {' or '.join(WAYS)}, or {COMPRESSED!r}; most: from {2 * _AT_ONCE}, and so many open files must "
            "be allowed."
        )
    server = LIBRARIES.get(library)
    if server is None or server.missing or way.partition(",")[0] not in server.offers:
        raise InputError(
            f"{library!r} has no {way}, or is not installed; the libraries are {', '.join(LIBRARIES)}."
        )
    with process(server.command(*["--compress"] * (way == COMPRESSED))) as (line, pid):
        shared.hold()
        try:
            work = partial(_weigh, pid, json.loads(line)["port"], way, count)
            connections, memory, descriptors = shared.call(work, _TIMEOUT_S)
        finally:
            shared.release()
    bytes_each, descriptors_each = (float(np.polyfit(connections, each, 1)[0]) for each in (memory, descriptors))
    return IdleCost(way, connections, memory, descriptors, bytes_each, descriptors_each, library)


async def _weigh(pid: int, port: int, way: str, most: int) -> list[tuple[int, ...]]:
    server, gate = psutil.Process(pid), asyncio.Semaphore(_AT_ONCE)
    writers: list[asyncio.StreamWriter] = []
    rows: list[tuple[int, int, int]] = []
    try:
        for count in np.linspace(most // 2, most, STEPS).astype(int).tolist():
            opening = [_open(port, way, gate, writers) for _ in range(count - len(writers))]
            ends = await asyncio.gather(*opening, return_exceptions=True)  # all end before any is closed
            if failures := [end for end in ends if end]:
                raise LabError(
                    f"Not all of the {count} connections could be opened ({failures[0]!r}); ask for fewer."
                )
            await asyncio.sleep(_SETTLE_S)
            rows.append((count, server.memory_info().rss, _open_files(server)))
    finally:
        for writer in writers:
            writer.transport.abort()
    return list(zip(*rows, strict=True))


def _open_files(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return process.num_handles()
    return process.num_fds()


async def _open(port: int, way: str, gate: asyncio.Semaphore, writers: list[asyncio.StreamWriter]) -> None:
    host, offers = f"127.0.0.1:{port}", (make_offer(DeflateOptions()),) if way == COMPRESSED else ()
    if way == "sse":
        request = f"GET /sse/idle HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    else:
        path, key = "/echo" if offers else "/ws/idle", make_key(secrets.token_bytes(16))
        request = encode_request_head(opening_request(host, path, key, extensions=offers))
    async with gate, asyncio.timeout(_OPEN_TIMEOUT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)  # at once: whatever happens now, it will be closed
        writer.write(request)
        raw = await reader.readuntil(b"\r\n\r\n")
        if way == COMPRESSED:
            await _say_hello(reader, writer, raw)


async def _say_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> None:
    """Send a compressed message, and take the compressed one that comes back."""
    head = ResponseDecoder().feed(raw)[0]
    assert isinstance(head, ResponseHead)
    agreed = check_answer(parse_extensions(head.get_all("Sec-WebSocket-Extensions")), DeflateOptions())
    if agreed is None:
        raise LabError("The server does not compress.")
    session = WebSocketSession("client", compression=agreed)
    writer.write(session.send_text(_HELLO))
    first = await reader.readexactly(2)
    await reader.readexactly(first[1])  # a short one: its length is in the second byte
    if not first[0] & 0x40:
        raise LabError("The server sent a message without compression.")
