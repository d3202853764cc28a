"""What does a connection cost on which nothing happens?

A lab in a process of its own gets more and more idle connections. The slope of its memory is the cost of one. What
the operating system keeps for the socket is not in it.
"""

from __future__ import annotations

import asyncio
import secrets
import sys

import numpy as np
import psutil

from rtlab.codecs.http1 import encode_request_head
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import InputError, LabError
from rtlab.experiments.herd import most_connections
from rtlab.findings.idle_connections import IdleCost
from rtlab.loop_thread import shared
from rtlab.servers.isolated import IsolatedServer

WAYS = ("sse", "websocket")
STEPS = 5
_AT_ONCE = 50
_SETTLE_S = 0.3
_OPEN_TIMEOUT_S = 10.0
_TIMEOUT_S = 60.0


def idle_cost(way: str, most: int = 1_000) -> IdleCost:
    """Open idle connections to a lab in a process of its own, and weigh it.

    Args:
        way: One of :data:`WAYS`.
        most: How many at the end, from 50; fewer where the system allows fewer.

    Returns:
        Memory and open files at each step, and for one connection.

    Raises:
        InputError: A setting cannot work.
        LabError: Not all of the connections could be opened.
    """
    count = min(most, most_connections())
    if way not in WAYS or count < _AT_ONCE:
        raise InputError(
            f"way: {' or '.join(WAYS)}; most: from {_AT_ONCE}, and so many open files must be allowed."
        )
    server = IsolatedServer("127.0.0.1", 0, tls=False)
    server.start_process(_OPEN_TIMEOUT_S)
    shared.hold()
    try:
        return shared.call(lambda: _weigh(server, way, count), _TIMEOUT_S)
    finally:
        shared.release()
        server.stop_process(_OPEN_TIMEOUT_S)


async def _weigh(server: IsolatedServer, way: str, most: int) -> IdleCost:
    process, gate = psutil.Process(server.pid), asyncio.Semaphore(_AT_ONCE)
    writers: list[asyncio.StreamWriter] = []
    rows: list[tuple[int, int, int]] = []
    try:
        for count in np.linspace(_AT_ONCE, most, STEPS).astype(int).tolist():
            opening = [_open(server.port, way, gate, writers) for _ in range(count - len(writers))]
            ends = await asyncio.gather(*opening, return_exceptions=True)  # all end before any is closed
            if failures := [end for end in ends if end]:
                raise LabError(
                    f"Not all of the {count} connections could be opened ({failures[0]!r}); ask for fewer."
                )
            await asyncio.sleep(_SETTLE_S)
            rows.append((count, process.memory_info().rss, _open_files(process)))
    finally:
        for writer in writers:
            writer.transport.abort()
    connections, memory, descriptors = zip(*rows, strict=True)
    bytes_each, descriptors_each = (float(np.polyfit(connections, each, 1)[0]) for each in (memory, descriptors))
    return IdleCost(way, connections, memory, descriptors, bytes_each, descriptors_each)


def _open_files(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return process.num_handles()
    return process.num_fds()


async def _open(port: int, way: str, gate: asyncio.Semaphore, writers: list[asyncio.StreamWriter]) -> None:
    host = f"127.0.0.1:{port}"
    if way == "sse":
        request = f"GET /sse/idle HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    else:
        request = encode_request_head(opening_request(host, "/ws/idle", make_key(secrets.token_bytes(16))))
    async with gate, asyncio.timeout(_OPEN_TIMEOUT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)  # at once: whatever happens now, it will be closed
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
