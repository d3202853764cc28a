"""A server that sends bursts, joined or one by one: ``python -m rtlab.experiments.bursts``.

The messages of a burst are due at the same moment, on a schedule that waits for nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from contextlib import suppress
from functools import partial

from rtlab import clock
from rtlab.loop_thread import shared
from rtlab.servers.play import wait_until
from rtlab.servers.server import LabServer

CHANNEL = "bursts"
_LOOK_S = 0.01
_TIMEOUT_S = 10.0


def burst_command(burst: int, *, alone: bool, per_s: float, subscribers: int, payload_bytes: int) -> list[str]:
    """Give the command of such a server; it ends when its standard input closes.

    Args:
        burst: How many messages are due at the same moment.
        alone: Send each of them alone.
        per_s: Bursts a second.
        subscribers: It starts to send when so many are there.
        payload_bytes: Size of each payload, at least 20, which are the moment when it was due.
    """
    options = ("--burst", burst, "--per-s", per_s, "--subscribers", subscribers, "--payload-bytes", payload_bytes)
    return [sys.executable, "-m", "rtlab.experiments.bursts", *map(str, options)] + ["--alone"] * alone


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description="Send bursts over SSE and WebSocket.")
    for name, kind in (("burst", int), ("per-s", float), ("subscribers", int), ("payload-bytes", int)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    parser.add_argument("--alone", action="store_true")
    options = parser.parse_args()
    server = LabServer()
    shared.hold()
    try:
        shared.call(server.start, _TIMEOUT_S)
        paths = {"sse_url": f"/sse/{CHANNEL}", "ws_url": f"/ws/{CHANNEL}"}
        ready = {name: server.http_url + path for name, path in paths.items()}
        ready["ws_url"] = ready["ws_url"].replace("http", "ws", 1)
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        sending = shared.submit(partial(_send, server, options))
        with suppress(OSError):
            while os.read(0, 1):
                pass
        sending.cancel()
        shared.call(server.stop, _TIMEOUT_S)
    finally:
        shared.release()


async def _send(server: LabServer, options: argparse.Namespace) -> None:
    channel = server.channel(CHANNEL)
    while channel.subscribers < options.subscribers:
        await asyncio.sleep(_LOOK_S)
    start_ns, number, filler = clock.now_ns(), 0, "x" * options.payload_bytes
    while True:
        due_ns = start_ns + round(number * 1e9 / options.per_s)
        await wait_until(due_ns)
        for _ in range(options.burst):
            channel.publish(f"{due_ns:020d}{filler}"[: options.payload_bytes])
            if options.alone:
                channel.flush()
        channel.flush()
        number += 1


if __name__ == "__main__":
    main()
