"""The process of the clients that ask: ``python -m rtlab.experiments.asking`` takes an order and counts one window.

The loop is closed: a client asks again when it has its answer. So this tells how many round trips a server can do;
how long one takes under a load of other people's making is another order.
"""

from __future__ import annotations

import json
import selectors
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from rtlab import clock
from rtlab.errors import LabError, RtlabError
from rtlab.experiments.asker import Asker, PostAsker, SocketAsker
from rtlab.experiments.pinning import pinned

WAYS = ("websocket", "sse+post")
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, and for how long.

    Attributes:
        way: One of :data:`WAYS`.
        echo_url: Where a WebSocket is echoed.
        sse_url: Where the event streams are; its last part is replaced by a channel for each client.
        publish_url: Where to post, likewise.
        clients: How many ask at the same time.
        payload_bytes: Size of each order.
        warm_up_s: Time before the window, in seconds.
        seconds: Length of the window, in seconds.
        server_pid: The server's process; its children count with it.
    """

    way: str
    echo_url: str
    sse_url: str
    publish_url: str
    clients: int
    payload_bytes: int
    warm_up_s: float
    seconds: float
    server_pid: int


def count_answers(order: Order) -> dict[str, float]:
    """Ask for one window.

    Args:
        order: What to ask.

    Returns:
        ``seconds``, ``round_trips``, ``bytes_up``, ``bytes_down``, ``server_cpu_s`` and ``client_cpu_s``.

    Raises:
        LabError: A client got no answer, or a wrong one.
    """
    askers: list[Asker] = []
    try:
        for number in range(order.clients):
            askers.append(_asker(order, f"asker.{number}"))
        with selectors.DefaultSelector() as selector:
            for asker in askers:
                for each in asker.sockets:
                    selector.register(each, selectors.EVENT_READ, asker)
                asker.ask()
            _talk(selector, order.warm_up_s)
            before = _totals(order, askers)
            _talk(selector, order.seconds)
            after = _totals(order, askers)
    finally:
        for asker in askers:
            asker.close()
    if silent := sum(not asker.answers for asker in askers):
        raise LabError(f"{silent} of {len(askers)} clients got no answer.")
    found = {name: value - before[name] for name, value in after.items()}
    if not found["round_trips"]:
        raise LabError(f"No answer came within {order.seconds:g} s.")
    return found


def _asker(order: Order, name: str) -> Asker:
    if order.way == "websocket":
        return SocketAsker(name, order.payload_bytes, order.echo_url, _TIMEOUT_S)
    return PostAsker(name, order.payload_bytes, order.sse_url, order.publish_url, _TIMEOUT_S)


def _talk(selector: selectors.BaseSelector, seconds: float) -> None:
    end_ns = clock.now_ns() + round(seconds * 1e9)
    while (rest_ns := end_ns - clock.now_ns()) > 0:
        for key, _ in selector.select(rest_ns / 1e9):
            key.data.read(key.fileobj)


def _totals(order: Order, askers: Sequence[Asker]) -> dict[str, float]:
    server = psutil.Process(order.server_pid)
    times = [each.cpu_times() for each in (server, *server.children(recursive=True))]
    return {
        "seconds": clock.now_ns() / 1e9,
        "round_trips": sum(asker.answers for asker in askers),
        "bytes_up": sum(asker.bytes_up for asker in askers),
        "bytes_down": sum(asker.bytes_down for asker in askers),
        "server_cpu_s": sum(each.user + each.system for each in times),
        "client_cpu_s": clock.cpu_ns() / 1e9,
    }


def main() -> int:
    """Carry out the order on standard input.

    Returns:
        The exit code: 0, or 1 after an error, which is then what the JSON line holds.
    """
    order = Order(**json.loads(sys.stdin.readline()))
    try:
        with pinned(order.server_pid):
            found: dict[str, float | str] = {**count_answers(order)}
    except (RtlabError, OSError, psutil.Error) as error:
        found = {"error": str(error) or repr(error)}
    sys.stdout.write(json.dumps(found) + "\n")
    return int("error" in found)


if __name__ == "__main__":
    sys.exit(main())
