"""``rtlab relay``: the relay with its faults, without a notebook, for any client and any server."""

from __future__ import annotations

import argparse
import re
import threading
from collections.abc import Callable, Iterator

from rtlab import clock
from rtlab.errors import InputError
from rtlab.network.faults.by_name import fault_lines, parse_fault
from rtlab.results.capture import Capture, through
from rtlab.servers.serve import stop_on_signals

_LOOK_S = 0.1
_URL_OR_HOST_AND_PORT = re.compile(r".+://.*|.+:\d+(/.*)?")


def run(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Pass connections on until told to stop, and print what happens.

    Args:
        options: The command line's settings.
        say: Shows a line at once.

    Returns:
        The exit code, 0.

    Raises:
        InputError: A setting cannot work, or the server is on another machine and consent is not given.
        PortUnavailable: The port is taken.
    """
    if "list" in options.fault:
        for line in fault_lines():
            say(line)
        return 0
    if not options.to or not _URL_OR_HOST_AND_PORT.fullmatch(options.to):
        raise InputError("Say where the connections go: --to HOST:PORT, such as --to 127.0.0.1:8000.")
    faults = [parse_fault(text) for text in options.fault]
    url = options.to if "://" in options.to else f"http://{options.to}"
    over = threading.Event()
    stop_on_signals(over)
    start_ns = clock.now_ns()
    with through(url, *faults, seed=options.seed, port=options.port, max_bytes=0, consent=options.consent) as via:
        say(f"{via.http_url} passes connections on to {options.to}")
        lines = _fresh_lines(via)
        while not over.wait(_LOOK_S):
            _show(lines, start_ns, say)
            if options.seconds is not None and clock.now_ns() - start_ns >= options.seconds * 1e9:
                break
    _show(lines, start_ns, say)
    return 0


def _fresh_lines(via: Capture) -> Iterator[list[tuple[int, str]]]:
    """Give at each step what the log has got since the step before."""
    last: tuple[int, str] | None = None
    while True:
        log = via.log
        seen = next((number for number, line in enumerate(log, 1) if line is last), 0)
        last = log[-1] if log else None
        yield list(log[seen:])


def _show(lines: Iterator[list[tuple[int, str]]], start_ns: int, say: Callable[[str], None]) -> None:
    for at_ns, what in next(lines):
        say(f"{(at_ns - start_ns) / 1e9:9.3f} s  {what}")
