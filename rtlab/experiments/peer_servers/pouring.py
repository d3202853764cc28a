"""What all of these programs share: the command line, the ready line, the workload, and the end."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress

from rtlab import clock
from rtlab.servers.play import wait_until

STREAM = "stream"
"""The channel that the workload goes to."""
HOST = "127.0.0.1"
BEHIND_BYTES = 65_536
"""A subscriber with more than this unsent is waited for."""
_LOOK_S = 0.01
_STOP_S = 3.0
_YIELD_EVERY = 64


class PeerServer(ABC):
    """A server with one library; it lives on the event loop of its own process.

    Attributes:
        offers: The transports that it has.
    """

    offers: tuple[str, ...] = ("sse", "websocket")

    @abstractmethod
    async def start(self, port: int, *, compress: bool) -> int:
        """Listen.

        Args:
            port: The port; 0 lets the system choose.
            compress: Agree to permessage-deflate.

        Returns:
            The port.
        """

    @abstractmethod
    async def stop(self) -> None:
        """Stop listening."""

    @abstractmethod
    def count(self) -> int:
        """Tell how many subscribe to :data:`STREAM`."""

    @abstractmethod
    async def send(self, channel: str, text: str) -> None:
        """Send a message to all subscribers of a channel, and wait for those that are far behind."""


def main(server: PeerServer) -> None:
    """Serve as the command line says, until a signal comes or standard input closes.

    Args:
        server: The server.
    """
    parser = argparse.ArgumentParser(description="The service of `rtlab serve` with another library.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, help="messages a second; 0 as fast as all take them; default: none")
    parser.add_argument("--payload-bytes", type=int, default=32)
    parser.add_argument("--subscribers", type=int, default=1)
    parser.add_argument("--stamp", action="store_true")
    parser.add_argument("--compress", action="store_true")
    parser.add_argument("--until-stdin-closes", action="store_true")
    options = parser.parse_args()
    if options.stamp and options.payload_bytes < 20:
        parser.error("--stamp needs --payload-bytes of at least 20")
    with asyncio.Runner() as runner:  # the process is this server's own: there is no other loop
        runner.run(_serve(server, options))


async def _serve(server: PeerServer, options: argparse.Namespace) -> None:
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    port = await server.start(options.port, compress=options.compress)

    def stop() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(over.set)

    # Now, for uvicorn has set handlers of its own when it started.
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: stop())
    if options.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()
    sys.stdout.write(json.dumps(_ready(server, port)) + "\n")
    sys.stdout.flush()
    pouring = asyncio.create_task(_pour(server, options))
    pouring.add_done_callback(lambda task: over.set())
    await over.wait()
    if pouring.done():
        pouring.result()  # it does not end by itself, so this raises what went wrong
    pouring.cancel()
    with suppress(TimeoutError):
        await asyncio.wait_for(server.stop(), _STOP_S)


def _ready(server: PeerServer, port: int) -> dict[str, str | int]:
    sse, websocket = ("sse" in server.offers), ("websocket" in server.offers)
    return {
        "sse_url": f"http://{HOST}:{port}/sse/{STREAM}" if sse else "",
        "ws_url": f"ws://{HOST}:{port}/ws/{STREAM}" if websocket else "",
        "echo_url": f"ws://{HOST}:{port}/echo" if websocket else "",
        "publish_url": f"http://{HOST}:{port}/publish/{STREAM}" if sse else "",
        "port": port,
        "pid": os.getpid(),
        "ca_pem": "",
    }


async def _pour(server: PeerServer, options: argparse.Namespace) -> None:
    """Send the workload of ``rtlab serve``: at rate 0 without loss, at a rate on its schedule."""
    filler, sent = "x" * options.payload_bytes, 0
    if options.rate is None:
        await asyncio.Event().wait()
    while server.count() < options.subscribers:
        await asyncio.sleep(_LOOK_S)
    start_ns = clock.now_ns()
    while True:
        if options.rate:
            at_ns = start_ns + round(sent * 1e9 / options.rate)
            await wait_until(at_ns)
        else:
            while not server.count():
                await asyncio.sleep(_LOOK_S)
            if sent % _YIELD_EVERY == 0:
                await asyncio.sleep(0)  # let the loop read closes and pongs
            at_ns = clock.now_ns()
        await server.send(STREAM, f"{at_ns:020d}{filler}"[: options.payload_bytes] if options.stamp else filler)
        sent += 1


def _watch_stdin(stop: Callable[[], None]) -> None:
    with suppress(OSError, ValueError):
        while sys.stdin.read(1):
            pass
    stop()
