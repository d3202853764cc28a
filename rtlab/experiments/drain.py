"""The receiving end of the measurements: a process that does nothing but drain connections and count messages.

``python -m rtlab.experiments.drain`` reads one order as a JSON line, opens the connections, warms up, and counts
for one window; then it prints what it found as a JSON line and ends. At full speed it lets bytes pile up in the
sockets and reads many messages at once, so that the server is the bottleneck and not the client. At a rate it takes
the age of each message from the 20 digits at its start: on fifty connections, evenly spread over the order in which
they were opened, which it reads at once. What came on the others is counted at the end.
"""

from __future__ import annotations

import json
import selectors
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from rtlab import clock
from rtlab.errors import LabError, RtlabError
from rtlab.experiments.drained_line import Line
from rtlab.experiments.pinning import pinned

_OPEN_TIMEOUT_S = 20.0
_PAUSE_S = 0.002
_MUCH_BYTES = 32_768
"""Below so many bytes a read, waiting a little makes reading cheaper."""
_WATCHED = 50
"""So many connections are read at once when ages are taken; reading thousands would make most of the age."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to drain.

    Attributes:
        url: An http, https, ws or wss URL.
        connections: How many connections.
        payload_bytes: Size of each payload; a sample of the messages is held against it.
        warm_up_s: Time from the first message on every connection to the start of the window, in seconds.
        seconds: Length of the window, in seconds; it goes on until a message has come.
        stamped: Each payload starts with its time as 20 digits: take the ages, and read at once.
        compressed: Offer permessage-deflate; an answer without it is an error.
        http_1_0: Ask in HTTP/1.0, for a body without chunks.
        ca_pem: An authority to trust, as PEM text.
        server_pid: The server's process; its children count with it. 0 for one that is not to be looked at.
    """

    url: str
    connections: int
    payload_bytes: int
    warm_up_s: float
    seconds: float
    stamped: bool = False
    compressed: bool = False
    http_1_0: bool = False
    ca_pem: str = ""
    server_pid: int = 0


def drain(order: Order) -> dict[str, Any]:
    """Open the connections, count for one window, and tell what came.

    Args:
        order: What to drain.

    Returns:
        ``seconds``, ``deliveries``, ``bytes_down``, ``bytes_up``, ``server_cpu_s``, ``client_cpu_s``,
        ``ages_us`` and ``ended``: how many connections ended before the window did.

    Raises:
        LabError: A connection could not be opened, no message came, or a message is not what was ordered.
    """
    lines: list[Line] = []
    try:
        for _ in range(order.connections):
            lines.append(Line(order, _OPEN_TIMEOUT_S))
        return _count(order, lines)
    finally:
        for line in lines:
            line.socket.close()


def _count(order: Order, lines: list[Line]) -> dict[str, Any]:
    with selectors.DefaultSelector() as selector:
        for line in lines:
            line.socket.setblocking(False)
            selector.register(line.socket, selectors.EVENT_READ, line)
        _read_while(lambda: not all(line.deliveries for line in lines), selector, lines)
        if silent := sum(not line.deliveries for line in lines):
            raise LabError(f"{silent} of {len(lines)} connections got no message.")
        _read_for(order.warm_up_s, selector, order.stamped)
        for line in lines:
            line.ages_ns.clear()
        watched = lines[:: -(-len(lines) // _WATCHED)] if order.stamped else lines
        others = set(lines).difference(watched)
        for line in others:
            selector.unregister(line.socket)
        before = _totals(order, lines)
        _read_for(order.seconds, selector, order.stamped)
        for line in others:
            line.read()
        # A machine that stood still must not make a window without a message.
        _read_while(lambda: sum(line.deliveries for line in lines) == before["deliveries"], selector, lines)
        found: dict[str, Any] = {name: value - before[name] for name, value in _totals(order, lines).items()}
    for line in lines:
        line.check()
    found["ages_us"] = [age_ns / 1e3 for line in watched for age_ns in line.ages_ns]
    found["ended"] = sum(line.ended for line in lines)
    return found


def _totals(order: Order, lines: list[Line]) -> dict[str, float]:
    return {
        "seconds": clock.now_ns() / 1e9,
        "deliveries": sum(line.deliveries for line in lines),
        "bytes_down": sum(line.bytes_down for line in lines),
        "bytes_up": sum(line.bytes_up for line in lines),
        "server_cpu_s": _cpu_s(order.server_pid) if order.server_pid else 0.0,
        "client_cpu_s": clock.cpu_ns() / 1e9,
    }


def _cpu_s(pid: int) -> float:
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def _read_for(seconds: float, selector: selectors.BaseSelector, at_once: bool) -> None:
    end_ns, pause = clock.now_ns() + round(seconds * 1e9), threading.Event()
    while clock.now_ns() < end_ns:
        got_bytes = _read_once(selector)
        if not at_once and got_bytes < _MUCH_BYTES:
            pause.wait(_PAUSE_S)


def _read_while(goes_on: Callable[[], bool], selector: selectors.BaseSelector, lines: list[Line]) -> None:
    """Read as long as something is true, no connection ends, and the time is not up."""
    deadline_ns = clock.now_ns() + round(_OPEN_TIMEOUT_S * 1e9)
    while goes_on() and clock.now_ns() < deadline_ns and not any(line.ended for line in lines):
        _read_once(selector)


def _read_once(selector: selectors.BaseSelector) -> float:
    """Read what is there, waiting a little for the first; give the mean bytes of a connection that had some."""
    ready = selector.select(0.05) if selector.get_map() else []  # Windows cannot wait for nothing
    got_bytes = 0
    for key, _ in ready:
        line: Line = key.data
        got_bytes += line.read()
        if line.ended:
            selector.unregister(line.socket)
    return got_bytes / len(ready) if ready else 0.0


def main() -> int:
    """Carry out the order on standard input.

    Returns:
        The exit code: 0, or 1 after an error, which is then what the JSON line holds.
    """
    order = Order(**json.loads(sys.stdin.readline()))
    try:
        with pinned(order.server_pid or None):
            found = drain(order)
        code = 0
    except (RtlabError, OSError, ssl.SSLError, psutil.Error) as error:
        found, code = {"error": str(error)}, 1
    sys.stdout.write(json.dumps(found) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
