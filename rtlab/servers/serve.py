"""``rtlab serve``: the lab without a notebook, for load tools and for a notebook that wants it in its own process.

One JSON line on standard output says that it is ready; it runs until SIGTERM, SIGINT, or, when a parent asked for
that, until its standard input closes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from concurrent.futures import Future
from functools import partial
from types import FrameType
from typing import Any

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import InputError
from rtlab.loop_thread import shared
from rtlab.servers.address import with_token
from rtlab.servers.backpressure import Backpressure
from rtlab.servers.guards import Guards
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.isolated import GUARDS_VARIABLE, NONCE_VARIABLE, TOKEN_VARIABLE
from rtlab.servers.play import pour
from rtlab.servers.resumption import Resumption
from rtlab.servers.server import LabServer

STREAM = "stream"
"""The channel that ``--rate`` sends to."""


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop.

    Args:
        options: The command line's settings.

    Returns:
        The exit code: 0 after a stop, 1 if the workload failed.

    Raises:
        InputError: A setting cannot work.
        PortUnavailable: The port is taken.
    """
    if options.stamp and options.payload_bytes < 20:
        raise InputError("--stamp needs --payload-bytes of at least 20.")
    compression = None if options.compression is None else DeflateOptions(**options.compression)
    server = LabServer(
        options.host,
        options.port,
        tls=options.tls,
        http2=None if options.http2 is None else Http2Options(**options.http2),
        compression=compression,
        resumption=Resumption(**options.resumption),
        backpressure=Backpressure(**options.backpressure) if options.backpressure else None,
        heartbeat_s=options.heartbeat_s,
        guards=_guards(os.environ.pop(GUARDS_VARIABLE, "{}")),
        nonce=os.environ.pop(NONCE_VARIABLE, None),
        token=os.environ.pop(TOKEN_VARIABLE, ""),
    )
    over = threading.Event()
    stop_on_signals(over)
    shared.hold()
    try:
        shared.call(server.start, 10)
        print(json.dumps(_ready(server)), flush=True)
        if options.until_stdin_closes:
            threading.Thread(target=watch_stdin, args=(over,), daemon=True).start()
        pouring = _pour(server, options, over)
        while not over.wait(0.5):  # a wait without an end would keep signals out on Windows
            pass
        failed = pouring is not None and pouring.done() and pouring.exception() is not None
        if failed and pouring is not None:
            print(f"rtlab serve: {pouring.exception()}", file=sys.stderr)
        shared.call(server.stop, 5)
        return 1 if failed else 0
    finally:
        shared.release()


def _ready(server: LabServer) -> dict[str, str | int]:
    base = server.http_url
    ws_base = base.replace("http", "ws", 1)
    urls = {
        "sse_url": f"{base}/sse/{STREAM}",
        "ws_url": f"{ws_base}/ws/{STREAM}",
        "echo_url": f"{ws_base}/echo",
        "publish_url": f"{base}/publish/{STREAM}",
        "poll_url": f"{base}/poll/{STREAM}",
    }
    return {
        **{name: with_token(url, server.token) for name, url in urls.items()},
        "port": server.port,
        "pid": os.getpid(),
        "ca_pem": server.ca_pem,
        "key_sha256": server.key_sha256,
    }


def _guards(text: str) -> Guards:
    """Read the guards of an isolated lab; lists of names come as lists."""
    settings: dict[str, Any] = json.loads(text)
    lists: dict[str, Any] = {name: tuple(each) for name, each in settings.items() if isinstance(each, list)}
    return Guards(**{**settings, **lists})


def _pour(server: LabServer, options: argparse.Namespace, over: threading.Event) -> Future[int] | None:
    if options.rate is None:
        return None
    work = partial(
        pour,
        server.channel(STREAM),
        rate_per_s=options.rate,
        payload_bytes=options.payload_bytes,
        count=options.count,
        subscribers=options.subscribers,
        stamp=options.stamp,
        join=options.join,
    )
    pouring = shared.submit(work)

    def ended(future: Future[int]) -> None:
        if not future.cancelled() and future.exception():
            over.set()

    pouring.add_done_callback(ended)
    return pouring


def stop_on_signals(over: threading.Event) -> None:
    """Let the signals that end a process set an event instead.

    Args:
        over: What is set.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        over.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


def watch_stdin(over: threading.Event) -> None:
    """Set an event when standard input ends: whoever started this process is gone.

    Args:
        over: What is set.
    """
    try:
        while sys.stdin.read(1):
            pass
    except (OSError, ValueError):
        pass
    over.set()
