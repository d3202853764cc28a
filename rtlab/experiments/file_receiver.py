"""The receiving end of the experiment on files: ``python -m rtlab.experiments.file_receiver``, its own process.

It reads an order as a JSON line, and prints a JSON line for each size and way.
"""

from __future__ import annotations

import base64
import gc
import json
import sys
import tracemalloc
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from rtlab import clock
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionEnded, LabError, WaitTimeout
from rtlab.findings.performance import FileTransfer

_TIMEOUT_S = 30.0
_LOOK_S = 0.1
_ENOUGH_BYTES = 2_000_000
_MOST_FILES = 200


def main() -> None:
    """Receive what the order says, and print what was found."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    ways = ("sse", "websocket")
    for size in order["sizes_bytes"]:
        refused = {way: _refusal(way, order[way], size) for way in ways}
        speeds: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(order["repeats"]):
            for way in ways:
                if not refused[way]:
                    speeds[way].append(_mb_per_s(way, order[way], size))
        for way in ways:
            wire_bytes = memory_bytes = 0
            if not refused[way]:
                wire_bytes, memory_bytes = _wire_bytes(way, order[way], size), _memory_bytes(way, order[way], size)
            found = FileTransfer(way, size, wire_bytes, tuple(speeds[way]), memory_bytes, refused[way])
            sys.stdout.write(json.dumps(asdict(found)) + "\n")
            sys.stdout.flush()


def receive(way: str, url: str, size_bytes: int, count: int = 1) -> tuple[int, int]:
    """Receive files over a fresh connection, to its end.

    Args:
        way: ``"sse"`` or ``"websocket"``.
        url: Where the sender serves this way.
        size_bytes: Size of each file.
        count: How many files.

    Returns:
        Bytes from server to client, with the head of the answer and the goodbye; and when the last file was there.

    Raises:
        ConnectionEnded: A file was too large for our WebSocket.
        LabError: A file was too large for our event stream, or came changed in size.
        WaitTimeout: Nothing came.
    """
    address = f"{url}/{size_bytes}/{count}"
    with EventSource(address) if way == "sse" else WebSocket(address) as source:
        for _ in range(count):
            data = _next(source)
            file = base64.b64decode(data) if isinstance(data, str) else data
            if len(file) != size_bytes:
                raise LabError(f"A file has {len(file):,} bytes instead of {size_bytes:,}.")
        arrived_ns = clock.now_ns()
        with suppress(ConnectionEnded):
            _next(source)
        return source.traffic.bytes_down, arrived_ns


def _next(source: EventSource | WebSocket) -> str | bytes:
    """Wait for the next message; the end of an event stream, too, ends the wait."""
    deadline_ns = clock.now_ns() + _TIMEOUT_S * 1e9
    while True:
        try:
            return source.receive(_LOOK_S).data
        except WaitTimeout:
            if isinstance(source, EventSource) and source.state != "open":
                why = source.history[-1][1]
                if why == "the stream ended":
                    raise ConnectionEnded(why) from None
                raise LabError(why) from None
            if clock.now_ns() > deadline_ns:
                raise


def _refusal(way: str, url: str, size_bytes: int) -> str:
    try:
        receive(way, url, size_bytes)
    except ConnectionEnded as error:
        return f"close code {error.close_code}"
    except LabError as error:
        return str(error)
    return ""


def _mb_per_s(way: str, url: str, size_bytes: int) -> float:
    count = min(_MOST_FILES, max(1, _ENOUGH_BYTES // size_bytes))
    start_ns = clock.now_ns()
    _, arrived_ns = receive(way, url, size_bytes, count)
    return count * size_bytes / 1e6 / ((arrived_ns - start_ns) / 1e9)


def _wire_bytes(way: str, url: str, size_bytes: int) -> int:
    """Two files less one file: the heads and the goodbye fall out."""
    return receive(way, url, size_bytes, 2)[0] - receive(way, url, size_bytes, 1)[0]


def _memory_bytes(way: str, url: str, size_bytes: int) -> int:
    """Give the most memory that Python's objects took beyond what was there."""
    gc.collect()
    tracemalloc.start()
    try:
        there_bytes, _ = tracemalloc.get_traced_memory()
        receive(way, url, size_bytes)
        return tracemalloc.get_traced_memory()[1] - there_bytes
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    main()
